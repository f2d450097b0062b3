// The newest checkpoint of the telemetry log that was verified: the log may only grow on. One that is shorter than it was, another of
// the same size, or a longer one that does not begin with it, is refused.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { fromHex } from "../protocol/bytes.ts";
import type { LogHead } from "./check-reading.ts";
import type { VerifiedHeader } from "./light-block.ts";
import { fail, type Outcome, pass } from "./outcome.ts";
import type { Server } from "./server.ts";
import type { TrustMemory } from "./trust-store.ts";

/** `not yet`: the log did not answer, and the next question follows it. */
export type Followed = "followed" | "not yet";

export interface LogMemoryOptions {
  readonly core: LightCore;
  readonly server: Server;
  readonly memory: TrustMemory;
  readonly logUrl: string;
}

export class LogMemory {
  readonly #options: LogMemoryOptions;
  /** One after the other: two that are proven at once must not both follow the same older one. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(options: LogMemoryOptions) {
    this.#options = options;
  }

  /** Takes in a checkpoint that was proven under a header, if the log of the one remembered is its beginning. */
  follow(head: LogHead, header: VerifiedHeader): Promise<Outcome<Followed>> {
    const following = this.#before.then(() => this.#follow(head, header));
    this.#before = following.catch(() => undefined);
    return following;
  }

  async #follow({ size, root }: LogHead, { header }: VerifiedHeader): Promise<Outcome<Followed>> {
    const { core, server, logUrl, memory } = this.#options;
    const height = Number(header.height);
    const chain = header.chainId;
    const known = (await memory.checkpoints(chain)).at(-1);
    if (known === undefined) {
      if (size > 0) await memory.rememberCheckpoint(chain, { size, root, height });
      return pass("followed");
    }
    if (size === known.size && root === known.root) return pass("followed");
    // Under an older header, which another tab has left behind already, an older checkpoint is as it should be.
    if (size < known.size && height < known.height) return pass("followed");
    const evidence = { before: known, now: { size, root, height } };
    if (size <= known.size) {
      const detail = `the log had ${known.size} entries at height ${known.height}, now ${size} with another root`;
      return fail("log_must_be_consistent", detail, evidence);
    }
    // Loaded late: a first contact has nothing to compare with. Code that does not come is as a log that does not answer.
    const tiles = await import("./log-tiles.ts").catch(() => null);
    if (tiles === null) return pass("not yet");
    const path = await new tiles.LogTiles(core, server, logUrl, size).consistency(known.size, size);
    if (!path.ok) return path.state === "failed" ? path : pass("not yet");
    if (!core.verifyConsistency(known.size, size, fromHex(known.root), fromHex(root), path.value)) {
      const detail = `the log of ${size} entries is not shown to begin with the ${known.size} seen before`;
      return fail("log_must_be_consistent", detail, evidence);
    }
    await memory.rememberCheckpoint(chain, { size, root, height });
    return pass("followed");
  }
}
