// One connection of CometBFT's to the application: requests are answered strictly in the order in which they came, new transactions that
// came together are checked together. Bounds: 1,000 messages or 1 MiB waiting, then it is not read; one answer that is not taken, then too.

import type { Socket } from "node:net";
import type { Request } from "cosmjs-types/tendermint/abci/types";
import type { Clock } from "../clock.ts";
import { FrameReader, framed } from "./abci-framing.ts";
import { encoded, newTransactionOf } from "./abci-messages.ts";
import { RequestError, requestOf } from "./abci-request.ts";

const waitingMax = 1_000;
const waitingBytesMax = 1_048_576;
/** New transactions that are checked together. */
const checkedTogetherMax = 128;
/** How long an end waits for the other side to take its last answers. */
const endMsMax = 1_000;

export interface AbciConnectionOptions {
  /** Answers one request, or several new transactions together. @throws {RequestError} when there is no answer to it. */
  readonly answer: (requests: readonly Request[]) => Promise<readonly Uint8Array[]>;
  /** The connection ended because of what came over it. Called once at most. */
  readonly onRefused: (reason: string) => void;
  readonly clock: Clock;
}

export class AbciConnection {
  readonly #socket: Socket;
  readonly #options: AbciConnectionOptions;
  readonly #reader = new FrameReader();
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Taken from what waits when new transactions were gathered, but not one of them. */
  #ahead: Request | RequestError | null = null;
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  /** Nothing is begun any more. */
  #stopped = false;
  /** Goes on with the work that waits for room in the socket. */
  #proceed: () => void = () => undefined;

  constructor(socket: Socket, options: AbciConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (part) => this.#take(part));
    socket.on("end", () => {
      if (this.#reader.pending > 0) this.#refuse(new RequestError("the other side left in the middle of a message"));
    });
    socket.on("drain", () => this.#proceed());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.stop();
      this.#proceed();
    });
  }

  /** Begins nothing any more: what is under way goes on, what waits is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
    this.#ahead = null;
    // Read and forgotten: an end with bytes unread may take back what was written.
    this.#socket.resume();
  }

  /** After {@link stop}, when what was under way has its answer: resolves when the other side has it and leaves, or does neither in time. */
  async end(): Promise<void> {
    const cancel = this.#options.clock.after(endMsMax, () => this.#socket.destroy());
    await this.#working;
    await new Promise<void>((resolve) => {
      if (this.#socket.destroyed) return resolve();
      this.#socket.once("close", () => resolve());
      this.#socket.end();
    });
    cancel();
  }

  #take(part: Uint8Array): void {
    if (this.#stopped) return;
    try {
      for (const message of this.#reader.push(part)) {
        this.#waiting.push(message);
        this.#waitingBytes += message.length;
      }
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (this.#isFull) this.#socket.pause();
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#working = this.#answerAll().finally(() => {
      this.#isWorking = false;
    });
  }

  get #isFull(): boolean {
    return this.#waiting.length >= waitingMax || this.#waitingBytes >= waitingBytesMax;
  }

  #refuse(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onRefused(error instanceof Error ? error.message : String(error));
    this.#socket.destroy();
  }

  async #answerAll(): Promise<void> {
    try {
      for (let next = this.#next(); next.length > 0; next = this.#next()) {
        const answers = await this.#options.answer(next);
        if (!(await this.#write(answers))) return;
        if (!this.#stopped && !this.#isFull && this.#socket.isPaused()) this.#socket.resume();
      }
    } catch (error) {
      // In words, as an application says that it cannot answer; CometBFT puts them into its own log.
      const exception = { error: error instanceof Error ? error.message : String(error) };
      if (!this.#socket.destroyed) this.#socket.write(framed(encoded({ exception })));
      this.#refuseAfterWriting(error);
    }
  }

  #refuseAfterWriting(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onRefused(error instanceof Error ? error.message : String(error));
    void this.end();
  }

  /** Resolves when there is room for more; false when the other side is gone. */
  async #write(answers: readonly Uint8Array[]): Promise<boolean> {
    if (this.#socket.destroyed) return false;
    this.#socket.cork();
    let hasRoom = true;
    for (const answer of answers) hasRoom = this.#socket.write(framed(answer));
    this.#socket.uncork();
    // Who does not read its answers is not read from either.
    if (!hasRoom && this.#socket.writableNeedDrain)
      await new Promise<void>((resolve) => {
        this.#proceed = resolve;
      });
    return !this.#socket.destroyed;
  }

  /** The next request; with it those new transactions that came right behind one. Empty when nothing waits. @throws {RequestError} */
  #next(): readonly Request[] {
    const together: Request[] = [];
    while (!this.#stopped && together.length < checkedTogetherMax) {
      const next = this.#ahead ?? this.#shift();
      this.#ahead = null;
      if (next === null) break;
      const isNew = !(next instanceof RequestError) && newTransactionOf(next) !== null;
      if (together.length > 0 && !isNew) {
        this.#ahead = next;
        break;
      }
      if (next instanceof RequestError) throw next;
      together.push(next);
      if (!isNew) break;
    }
    return together;
  }

  #shift(): Request | RequestError | null {
    const message = this.#waiting.shift();
    if (message === undefined) return null;
    this.#waitingBytes -= message.length;
    try {
      return requestOf(message);
    } catch (error) {
      if (error instanceof RequestError) return error;
      throw error;
    }
  }
}
