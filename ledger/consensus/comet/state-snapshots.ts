// Snapshots for CometBFT's state sync, format 1 (ledger/state/snapshot.ts): one is taken now and then and served from the versions that the
// state keeps; one that is offered is checked chunk by chunk against the app hash that CometBFT's light client verified.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import type { StateTree } from "../../../wasm-core/bindings/state-tree.ts";
import type { Application, EntryBatch } from "../../modules/application.ts";
import { manifestBytes, readManifest, type SnapshotManifest, snapshotFormat } from "../../state/snapshot.ts";
import type { StateSnapshot } from "../../state/snapshot-export.ts";
import { ChunkChecker } from "../../state/snapshot-import.ts";
import type { AbciSnapshot, ChunkVerdict, OfferVerdict } from "./abci-handler.ts";

/** Of those taken here; the state keeps the versions of twice as many blocks as lie between two. */
const keptMax = 2;

export interface StateSnapshotsOptions {
  readonly core: Core;
  readonly newTree: () => StateTree;
  readonly application: Application;
  readonly chain: string;
  /** Blocks from one snapshot to the next; 0 for none. */
  readonly everyBlocks: number;
  /** Where chunks that were accepted wait for the others. */
  readonly folder: string;
  /** Told when taking one failed. Nothing else depends on it. */
  readonly onFault: (error: unknown) => void;
}

interface Restoring {
  readonly manifest: SnapshotManifest;
  readonly checker: ChunkChecker;
  readonly accepted: Set<number>;
}

/** All of a state that was offered is here and is the one that CometBFT trusts. */
export interface RestoredState {
  readonly manifest: SnapshotManifest;
  /** All entries, chunk by chunk; may be walked again. */
  readonly entries: () => AsyncGenerator<EntryBatch, void, undefined>;
}

export class StateSnapshots {
  readonly #options: StateSnapshotsOptions;
  /** The newest last. */
  readonly #kept: StateSnapshot[] = [];
  #taking: Promise<void> | null = null;
  #stopped = false;
  #restoring: Restoring | null = null;

  constructor(options: StateSnapshotsOptions) {
    this.#options = options;
  }

  /** To be called after each block was committed. */
  advance(height: number): void {
    const { everyBlocks, onFault } = this.#options;
    if (everyBlocks === 0 || height % everyBlocks !== 0 || this.#taking !== null || this.#stopped) return;
    this.#taking = this.#take()
      .catch(onFault)
      .finally(() => {
        this.#taking = null;
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#taking;
  }

  list(): readonly AbciSnapshot[] {
    return this.#kept.map(({ manifest }) => {
      const metadata = manifestBytes(manifest);
      const hash = this.#options.core.sha256(metadata);
      return { height: manifest.height, format: snapshotFormat, chunks: manifest.chunks.length, hash, metadata };
    });
  }

  /** Empty when it is not there, or its version is kept no longer. */
  chunk(height: number, format: number, index: number): Uint8Array {
    const snapshot =
      format === snapshotFormat ? this.#kept.find(({ manifest }) => manifest.height === height) : undefined;
    try {
      return snapshot?.chunk(index) ?? new Uint8Array();
    } catch (error) {
      if (error instanceof RangeError) return new Uint8Array();
      throw error;
    }
  }

  /** The state must be empty. */
  async offer({ height, format, chunks, hash, metadata }: AbciSnapshot, appHash: Uint8Array): Promise<OfferVerdict> {
    const { core, newTree, chain, folder } = this.#options;
    if (format !== snapshotFormat) return "reject-format";
    const told = readManifest(metadata, { chain, height, appHash }, core);
    if (!told.ok || told.manifest.chunks.length !== chunks) return "reject";
    if (Buffer.compare(core.sha256(metadata), hash) !== 0) return "reject";
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#restoring = {
      manifest: told.manifest,
      checker: new ChunkChecker(told.manifest, { hasher: core, newTree }),
      accepted: new Set(),
    };
    return "accept";
  }

  /** The verdict on a chunk, and the whole state with the last of them. */
  async apply(
    index: number,
    bytes: Uint8Array,
    sender: string,
  ): Promise<{ readonly verdict: ChunkVerdict; readonly whole: RestoredState | null }> {
    const restoring = this.#restoring;
    if (restoring === null) return { verdict: { result: "abort" }, whole: null };
    const { manifest, checker, accepted } = restoring;
    if (!checker.check(index, bytes).ok) {
      // Whoever sent it sent what is none of this state: it is asked of another.
      const verdict: ChunkVerdict = {
        result: "retry",
        refetchChunks: [index],
        rejectSenders: sender === "" ? [] : [sender],
      };
      return { verdict, whole: null };
    }
    await writeFile(this.#file(index), bytes, { mode: 0o600 });
    accepted.add(index);
    const isWhole = accepted.size === manifest.chunks.length;
    const whole = isWhole ? { manifest, entries: () => this.#entries(restoring) } : null;
    return { verdict: { result: "accept" }, whole };
  }

  /** What was accepted has become the state. */
  async done(): Promise<void> {
    this.#restoring = null;
    await rm(this.#options.folder, { recursive: true, force: true });
  }

  async #take(): Promise<void> {
    const steps = this.#options.application.snapshot();
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        this.#kept.push(step.value);
        while (this.#kept.length > keptMax) this.#kept.shift();
        return;
      }
      if (this.#stopped) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async *#entries({ manifest, checker }: Restoring): AsyncGenerator<EntryBatch, void, undefined> {
    for (const index of manifest.chunks.keys()) {
      const verdict = checker.check(index, await readFile(this.#file(index)));
      if (!verdict.ok) throw new Error(`${this.#file(index)}: is not what was accepted (${verdict.fault})`);
      yield verdict.entries;
    }
  }

  #file(index: number): string {
    return join(this.#options.folder, `chunk-${String(index).padStart(5, "0")}`);
  }
}
