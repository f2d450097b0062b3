// Whether this node should be sent requests: GET /ready. Alive is another question, which CometBFT's /health answers.
// Disk space is asked for at most once in five seconds.

import { statfs } from "node:fs/promises";
import type { Clock } from "../consensus/clock.ts";

export type Phase = "restoring" | "catching-up" | "serving" | "shutting-down";

/** Below this the node should get no new work: a block, its index and LevelDB's compaction still fit. */
export const diskBytesMin = 256 * 1_048_576;
const askedEveryMs = 5_000;

export class Readiness {
  #phase: Phase;
  readonly #folder: string | null;
  readonly #clock: Clock;
  readonly #bytesMin: number;
  #asked: { atMs: number; free: Promise<number | null> } | null = null;

  /** @param folder whose file system must have room; null for none. */
  constructor(clock: Clock, folder: string | null, phase: Phase = "restoring", bytesMin = diskBytesMin) {
    this.#clock = clock;
    this.#folder = folder;
    this.#phase = phase;
    this.#bytesMin = bytesMin;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** What is being shut down does not come back. */
  enter(phase: Phase): void {
    if (this.#phase !== "shutting-down") this.#phase = phase;
  }

  /** Bytes that the ledger may still write; null when the system does not say. */
  freeBytes(): Promise<number | null> {
    const folder = this.#folder;
    if (folder === null) return Promise.resolve(null);
    const nowMs = this.#clock.nowMs();
    if (this.#asked === null || Math.abs(nowMs - this.#asked.atMs) >= askedEveryMs) {
      const free = statfs(folder).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => null,
      );
      this.#asked = { atMs: nowMs, free };
    }
    return this.#asked.free;
  }

  /** Why no requests should come; null when they may. */
  async reason(): Promise<string | null> {
    if (this.#phase === "restoring") return "the state is being restored";
    if (this.#phase === "catching-up") return "blocks are being caught up with";
    if (this.#phase === "shutting-down") return "the node is shutting down";
    const free = await this.freeBytes();
    return free !== null && free < this.#bytesMin ? "the disk is nearly full" : null;
  }
}
