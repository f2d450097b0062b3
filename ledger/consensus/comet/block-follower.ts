// Completes what the application kept of each block: header, commits and evidence come from CometBFT's RPC, once it has them, and are
// checked against what was executed. One block after the other; what cannot be had now is asked for again, twice a second at most.

import type { Core } from "../../../wasm-core/bindings/core.ts";
import { fromHex, hex } from "../../protocol/bytes.ts";
import type { LedgerStore } from "../../storage/ledger-store.ts";
import type { StoredValidator } from "../../storage/records.ts";
import { StoreError } from "../../storage/store-error.ts";
import type { Clock } from "../clock.ts";
import { type CometRpcClient, CometUnreachable } from "./comet-rpc-client.ts";

const pauseMs = 500;
/** A short time only: CometBFT answers of a block as soon as it has decided it. */
const firstPauseMs = 20;
/** Told of after so many pauses: while CometBFT starts it answers nothing. */
const quietPauses = 60;

export interface BlockFollowerOptions {
  readonly core: Core;
  readonly store: LedgerStore;
  readonly rpc: CometRpcClient;
  readonly clock: Clock;
  /** Called after each block that is whole, in order. */
  readonly onWhole: (height: number) => Promise<void>;
  /** Called when blocks cannot be completed, now and then. */
  readonly onDelay: (error: unknown) => void;
  /** Called once when CometBFT tells of another chain than it had executed. */
  readonly onFatal: (error: unknown) => void;
}

export class BlockFollower {
  readonly #options: BlockFollowerOptions;
  #working: Promise<void> | null = null;
  #woken = false;
  #stopped = false;
  #endPause: (() => void) | null = null;

  constructor(options: BlockFollowerOptions) {
    this.#options = options;
  }

  /** There may be something to complete. */
  wake(): void {
    this.#woken = true;
    if (this.#stopped || this.#working !== null) return;
    this.#working = this.#work()
      .catch((error: unknown) => {
        this.#stopped = true;
        this.#options.onFatal(error);
      })
      .finally(() => {
        this.#working = null;
        if (this.#woken) this.wake();
      });
  }

  /** Ends after the block that is being completed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endPause?.();
    await this.#working;
  }

  async #work(): Promise<void> {
    let pauses = 0;
    while (!this.#stopped) {
      this.#woken = false;
      const open = await this.#options.store.firstOpen();
      if (open === null) return;
      try {
        await this.#complete(open.height, open.hash);
        pauses = 0;
      } catch (error) {
        if (error instanceof StoreError || !(error instanceof Error) || isBug(error)) throw error;
        if (++pauses % quietPauses === 0) this.#options.onDelay(error);
        await this.#pause(pauses === 1 ? firstPauseMs : pauseMs);
      }
    }
  }

  async #complete(height: number, hash: string): Promise<void> {
    const { core, rpc, store } = this.#options;
    const block = await rpc.block(height);
    const headerHash = hex(core.headerHash(block.header));
    if (headerHash !== hash)
      throw new StoreError(
        `${store.folder}: block ${height} was executed as ${hash}, but CometBFT has ${headerHash}; GLASSTOWN_COMET_RPC must be that of its own node`,
      );
    if (hex(block.commit.blockId.hash) !== hash || Number(block.commit.height) !== height)
      throw new CometUnreachable(`the commit that CometBFT tells for block ${height} is of another block`);
    const setHash = hex(block.header.validatorsHash);
    if ((await store.validators(setHash)) === null) await this.#keepValidators(height, setHash);
    await store.complete(hash, block);
    await this.#options.onWhole(height);
  }

  async #keepValidators(height: number, setHash: string): Promise<void> {
    const { core, rpc, store } = this.#options;
    const validators = await rpc.validators(height);
    if (hashOfValidators(core, validators) !== setHash)
      throw new CometUnreachable(`the validators that CometBFT tells for block ${height} are not its header's`);
    await store.putValidators(setHash, validators);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}

export function hashOfValidators(core: Core, validators: readonly StoredValidator[]): string {
  return hex(
    core.validatorsHash(validators.map(({ key, power }) => ({ publicKey: fromHex(key), power: BigInt(power) }))),
  );
}

function isBug(error: Error): boolean {
  return error instanceof TypeError || error instanceof ReferenceError;
}
