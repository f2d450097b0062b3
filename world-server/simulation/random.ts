// Seeded pseudo-random numbers (mulberry32) for simulated life. Integer arithmetic only, so that every browser and
// Node draw the same numbers. Not for secrets.

/** Draws from a stream: `next` in [0, 1), `below(n)` a whole number in [0, n). */
export interface RandomStream {
  next(): number;
  below(bound: number): number;
  between(low: number, high: number): number;
}

/** A stream that depends on nothing but the seed and the stream's number. */
export function randomStream(seed: number, stream = 0): RandomStream {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((stream | 0) + 1, 0x85ebca6b)) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    between: (low, high) => low + next() * (high - low),
  };
}
