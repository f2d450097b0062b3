// What a bundle claims, and whether its proof leads to its header. Says nothing of who signed the header: that is verify-bundle.ts.

import type { HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { fromHex, hex } from "../../protocol/bytes.ts";
import { canonicalText } from "../../protocol/canonical.ts";
import { timestampText } from "../../protocol/comet.ts";
import { checkEvent, checkResult, checkTransaction, readTransaction } from "../check-block.ts";
import { checkEntry, checkInclusion, deviceKey, logHead, parseEntry } from "../check-reading.ts";
import { checkState } from "../check-state.ts";
import { fail, type Outcome, pass } from "../outcome.ts";
import type { Bundle } from "./bundle.ts";

/** When a fact held: the state after a block, or something in one. Time as RFC 3339, of the header that proves it. */
interface At {
  readonly chain: string;
  readonly height: number;
  readonly time: string;
}

/** A proven fact, as plain JSON. Heights of state are those of the block after which it was so. */
export type Claim =
  /** Value null: there was no entry of this name. */
  | (At & { readonly kind: "state"; readonly name: string; readonly value: unknown })
  | (At & {
      readonly kind: "reading";
      readonly reading: {
        readonly device: string;
        readonly stream: string;
        readonly time: string;
        readonly result: number;
      };
      readonly logIndex: number;
      readonly logSize: number;
    })
  | (At & { readonly kind: "transaction"; readonly id: string; readonly transaction: unknown })
  /** Code 0: applied. */
  | (At & { readonly kind: "result"; readonly id: string; readonly transaction: unknown; readonly code: number })
  | (At & { readonly kind: "event"; readonly id: string; readonly event: unknown })
  /** Roots in hex. The first `from.size` entries of the anchored log are those of the other root. */
  | (At & { readonly kind: "log"; readonly from: LogAt; readonly to: LogAt });

export interface LogAt {
  readonly size: number;
  readonly root: string;
}

/** @throws nothing: every damage is a failure. */
export async function checkBundle(core: LightCore, bundle: Bundle): Promise<Outcome<Claim>> {
  const { header } = bundle.block;
  switch (bundle.kind) {
    case "state": {
      const { name } = bundle.state;
      const value = checkState(core, bundle.state, header);
      return value.ok ? pass({ kind: "state", ...stateAt(header), name, value: value.value }) : value;
    }
    case "reading":
      return checkReading(core, bundle, header);
    case "transaction": {
      const { transaction } = bundle;
      const placed = checkTransaction(core, transaction.bytes, transaction, header);
      if (!placed.ok) return placed;
      const read = readTransaction(core, transaction.bytes);
      if (read === null) return notOurs(transaction.bytes);
      return pass({ kind: "transaction", ...at(header), ...read });
    }
    case "result":
    case "event":
      return checkResultOrEvent(core, bundle, header);
    case "log":
      return checkLog(core, bundle, header);
  }
}

async function checkReading(
  core: LightCore,
  { device, log, entry, index, path }: Extract<Bundle, { kind: "reading" }>,
  header: HeaderFields,
): Promise<Outcome<Claim>> {
  const reading = parseEntry(entry);
  if (reading === null) return fail("answer_must_be_well_formed", "the entry is not a canonical reading", { entry });
  const deviceRecord = checkState(core, device, header);
  if (!deviceRecord.ok) return deviceRecord;
  const logRecord = checkState(core, log, header);
  if (!logRecord.ok) return logRecord;
  const key = deviceKey(reading.device, deviceRecord.value);
  if (!key.ok) return key;
  const head = logHead(logRecord.value);
  if (!head.ok) return head;
  const { size } = head.value;
  if (size === 0) return fail("checkpoint_must_be_in_state", "there is no checkpoint in ledger state", null);
  const included = checkInclusion(core, { index, size, entry, path: path.map(hex) }, index, head.value);
  if (!included.ok) return included;
  const signed = await checkEntry(entry, reading, key.value);
  if (!signed.ok) return signed;
  const { stream, time, result } = reading;
  const told = { device: reading.device, stream, time, result };
  return pass({ kind: "reading", ...stateAt(header), reading: told, logIndex: index, logSize: size });
}

function checkResultOrEvent(
  core: LightCore,
  bundle: Extract<Bundle, { kind: "result" | "event" }>,
  header: HeaderFields,
): Outcome<Claim> {
  const { transaction, result } = bundle;
  if (hex(core.headerHash(result.header)) !== hex(header.lastBlockId.hash))
    return fail("header_hash_must_match_commit", "the signed header does not follow the block's own", {
      lastBlock: hex(header.lastBlockId.hash),
    });
  const placed = checkTransaction(core, transaction.bytes, transaction, result.header);
  if (!placed.ok) return placed;
  // The same place in a tree of the same size: both trees have as many leaves, so the same turns lead to the same leaf.
  const { index, total } = transaction;
  const ended = checkResult(core, result.result, { index, total, path: result.path }, header);
  if (!ended.ok) return ended;
  const read = readTransaction(core, transaction.bytes);
  if (read === null) return notOurs(transaction.bytes);
  const { id } = read;
  if (bundle.kind === "result")
    return pass({ kind: "result", ...at(result.header), ...read, code: result.result.code });
  const { event } = bundle;
  const told = checkEvent(core, event.bytes, event, result.result.data);
  if (!told.ok) return told;
  const said = readEvent(event.bytes);
  if (said !== null) return pass({ kind: "event", ...at(result.header), id, event: said });
  return fail("answer_must_be_well_formed", "the event is not canonical JSON", { event: event.bytes });
}

function checkLog(
  core: LightCore,
  { log, from, path }: Extract<Bundle, { kind: "log" }>,
  header: HeaderFields,
): Outcome<Claim> {
  const record = checkState(core, log, header);
  if (!record.ok) return record;
  const head = logHead(record.value);
  if (!head.ok) return head;
  const { size, root } = head.value;
  const holds = size > 0 && core.verifyConsistency(from.size, size, from.root, fromHex(root), path);
  const claim = { from: { size: from.size, root: hex(from.root) }, to: { size, root } };
  if (holds) return pass({ kind: "log", ...stateAt(header), ...claim });
  return fail("log_must_be_consistent", "the log of the one size does not begin with the log of the other", claim);
}

function at({ chainId, height, time }: HeaderFields): At {
  return { chain: chainId, height: Number(height), time: timestampText(time) };
}

/** The state under a header is that after the block before. */
function stateAt(header: HeaderFields): At {
  return { ...at(header), height: Number(header.height) - 1 };
}

function notOurs(bytes: Uint8Array): Outcome<never> {
  return fail("answer_must_be_well_formed", "the transaction is none of this ledger", { transaction: bytes });
}

function readEvent(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const event: unknown = JSON.parse(text);
    return canonicalText(event) === text ? event : null;
  } catch {
    return null;
  }
}
