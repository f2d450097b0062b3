// Proof bundles: one fact with all that it takes to check it without any server, in one form of bytes only: version 1, kind, light
// block, proof. What a proof repeats of the rest is left out. Bounds: 512 KiB; 64 hashes a path; values and transactions 64 KiB.

import type { DeterministicResult, HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { readingBytesMax, telemetryState } from "../../protocol/telemetry-records.ts";
import { transactionBytesMax } from "../../protocol/transaction-limits.ts";
import type { Place } from "../check-block.ts";
import { parseEntry } from "../check-reading.ts";
import type { StateProof } from "../check-state.ts";
import type { LightBlock } from "../light-block.ts";
import { BundleReader, BundleWriter, type Coder } from "./coder.ts";
import { codeHeader, codeLightBlock } from "./compact-block.ts";
import { codeStateProof } from "./compact-state-proof.ts";

export const bundleBytesMax = 512 * 1024;
const version = 1;
const pathMax = 64;
const hashBytes = 32;
const eventBytesMax = 65_536;
const indexMax = Number.MAX_SAFE_INTEGER - 1;
const dataBytesMax = 3_072;

/** A transaction's bytes and its place in its block. */
export interface PlacedTransaction extends Place {
  readonly bytes: Uint8Array;
}

/** The result of that transaction, under the header that follows its block's; it stands where the transaction stands. */
export interface PlacedResult {
  /** The block's own header, to which the signed one leads back. */
  readonly header: HeaderFields;
  readonly result: DeterministicResult;
  readonly path: readonly Uint8Array[];
}

/** An event's canonical bytes, and its place among those of its transaction. */
export interface PlacedEvent extends Place {
  readonly bytes: Uint8Array;
}

/** Each kind stands under the header of its light block. */
export type Bundle =
  /** An entry of ledger state, or that there is none of this name. */
  | { readonly kind: "state"; readonly block: LightBlock; readonly state: StateProof }
  /** An entry of the telemetry log, with the device's and the log's record in state. */
  | {
      readonly kind: "reading";
      readonly block: LightBlock;
      readonly device: StateProof;
      readonly log: StateProof;
      readonly entry: string;
      readonly index: number;
      readonly path: readonly Uint8Array[];
    }
  /** A transaction in the block. */
  | { readonly kind: "transaction"; readonly block: LightBlock; readonly transaction: PlacedTransaction }
  /** A transaction in the block before, and how it ended. */
  | {
      readonly kind: "result";
      readonly block: LightBlock;
      readonly transaction: PlacedTransaction;
      readonly result: PlacedResult;
    }
  /** An event that a transaction in the block before told. */
  | {
      readonly kind: "event";
      readonly block: LightBlock;
      readonly transaction: PlacedTransaction;
      readonly result: PlacedResult;
      readonly event: PlacedEvent;
    }
  /** The anchored telemetry log begins with the log that it was at another size. */
  | {
      readonly kind: "log";
      readonly block: LightBlock;
      readonly log: StateProof;
      readonly from: { readonly size: number; readonly root: Uint8Array };
      readonly path: readonly Uint8Array[];
    };
export type BundleKind = Bundle["kind"];

/** Append-only: their places are their numbers. */
const kinds = ["state", "reading", "transaction", "result", "event", "log"] as const satisfies readonly BundleKind[];

/** @throws {RangeError} when something is beyond its bound, or is not what follows from the rest. */
export function encodeBundle(core: LightCore, bundle: Bundle): Uint8Array<ArrayBuffer> {
  const to = new BundleWriter();
  codeBundle(to, core, bundle);
  const bytes = to.take();
  if (bytes.length > bundleBytesMax) throw new RangeError(`a bundle has at most ${bundleBytesMax} bytes`);
  return bytes;
}

/** @throws {RangeError} for bytes that `encodeBundle` would not have written. Nothing is verified. */
export function decodeBundle(core: LightCore, bytes: Uint8Array): Bundle {
  if (bytes.length > bundleBytesMax) throw new RangeError(`a bundle has at most ${bundleBytesMax} bytes`);
  const from = new BundleReader(bytes);
  const bundle = codeBundle(from, core, undefined);
  from.end();
  // Two forms of one bundle would be two bundles to whoever compares them.
  if (hex(encodeBundle(core, bundle)) !== hex(bytes)) throw new RangeError("the bundle is not in its one form");
  return bundle;
}

function codeBundle(coder: Coder, core: LightCore, bundle: Bundle | undefined): Bundle {
  if (coder.whole(255, bundle && version) !== version) throw new RangeError("the bundle is of an unknown version");
  const kind = kinds[coder.whole(kinds.length - 1, bundle && kinds.indexOf(bundle.kind))]!;
  const block = codeLightBlock(coder, core, bundle?.block);
  switch (kind) {
    case "state":
      return { kind, block, state: codeStateProof(coder, core, of(kind, bundle)?.state) };
    case "reading":
      return codeReading(coder, core, block, of(kind, bundle));
    case "transaction":
      return { kind, block, transaction: codeTransaction(coder, of(kind, bundle)?.transaction) };
    case "result":
    case "event": {
      const given = bundle?.kind === "result" || bundle?.kind === "event" ? bundle : undefined;
      const transaction = codeTransaction(coder, given?.transaction);
      const result = codeResult(coder, core, block, given?.result);
      if (kind === "result") return { kind, block, transaction, result };
      const event = of(kind, bundle)?.event;
      const bytes = coder.bytes(eventBytesMax, event?.bytes);
      return { kind, block, transaction, result, event: { bytes, ...codePlace(coder, event) } };
    }
    case "log": {
      const given = of(kind, bundle);
      const log = codeStateProof(coder, core, given?.log, telemetryState.log);
      const size = coder.whole(Number.MAX_SAFE_INTEGER, given?.from.size);
      const root = coder.fixed(hashBytes, given?.from.root);
      return { kind, block, log, from: { size, root }, path: codePath(coder, given?.path) };
    }
  }
}

function of<K extends BundleKind>(kind: K, bundle: Bundle | undefined): Extract<Bundle, { kind: K }> | undefined {
  return bundle?.kind === kind ? (bundle as Extract<Bundle, { kind: K }>) : undefined;
}

function codeReading(
  coder: Coder,
  core: LightCore,
  block: LightBlock,
  given: Extract<Bundle, { kind: "reading" }> | undefined,
): Bundle {
  const entry = coder.text(readingBytesMax, given?.entry);
  const reading = parseEntry(entry);
  if (reading === null) throw new RangeError("the entry is not a canonical reading");
  return {
    kind: "reading",
    block,
    entry,
    device: codeStateProof(coder, core, given?.device, telemetryState.device(reading.device)),
    log: codeStateProof(coder, core, given?.log, telemetryState.log),
    index: coder.whole(indexMax, given?.index),
    path: codePath(coder, given?.path),
  };
}

function codeTransaction(coder: Coder, given: PlacedTransaction | undefined): PlacedTransaction {
  const bytes = coder.bytes(transactionBytesMax, given?.bytes);
  return { bytes, ...codePlace(coder, given) };
}

function codeResult(coder: Coder, core: LightCore, block: LightBlock, given: PlacedResult | undefined): PlacedResult {
  const header = codeHeader(coder, core, given?.header, { next: block.header });
  const code = coder.whole(0xffff_ffff, given?.result.code);
  const data = coder.bytes(dataBytesMax, given?.result.data);
  const result = {
    code,
    data,
    gasWanted: coder.signed(given?.result.gasWanted),
    gasUsed: coder.signed(given?.result.gasUsed),
  };
  return { header, result, path: codePath(coder, given?.path) };
}

function codePlace(coder: Coder, given: Place | undefined): Place {
  const total = coder.whole(Number.MAX_SAFE_INTEGER, given?.total);
  const index = coder.whole(Math.max(0, total - 1), given?.index);
  return { index, total, path: codePath(coder, given?.path) };
}

function codePath(coder: Coder, path: readonly Uint8Array[] | undefined): readonly Uint8Array[] {
  return coder.list(pathMax, path, (hash) => coder.fixed(hashBytes, hash));
}
