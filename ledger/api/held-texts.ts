// What waits in streams for clients to take it, counted over all of them. Past the bound those that have held theirs longest must go.

export class HeldTexts<Stream> {
  readonly #max: number;
  /** Characters, in the order in which they began to wait. */
  readonly #held = new Map<Stream, number>();
  #sum = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts a text. Answers whom to cut off, released already: never the stream itself, whose text may be larger than the bound. */
  hold(stream: Stream, characters: number): readonly Stream[] {
    this.release(stream);
    this.#held.set(stream, characters);
    this.#sum += characters;
    const tooSlow: Stream[] = [];
    for (const other of this.#held.keys()) {
      if (this.#sum <= this.#max || other === stream) break;
      tooSlow.push(other);
      this.release(other);
    }
    return tooSlow;
  }

  release(stream: Stream): void {
    this.#sum -= this.#held.get(stream) ?? 0;
    this.#held.delete(stream);
  }
}
