// Makes a bundle of a question's answer: collects the proof, encodes it, and checks the bytes as whoever gets them will.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { fromHex, fromUtf8, hex } from "../../protocol/bytes.ts";
import { canonicalText } from "../../protocol/canonical.ts";
import { eventLeaf } from "../../protocol/event-root.ts";
import { telemetryState } from "../../protocol/telemetry-records.ts";
import { checkTransactions, type Place } from "../check-block.ts";
import { inclusionSchema, logHead } from "../check-reading.ts";
import type { LightBlock, VerifiedHeader } from "../light-block.ts";
import type { LightParts } from "../light-parts.ts";
import { LogTiles } from "../log-tiles.ts";
import { fail, type Outcome, pass, unanswered } from "../outcome.ts";
import { proveEvents, proveResults } from "../prove-results.ts";
import type { BundleQuestion, MadeBundle } from "../verdict.ts";
import { placesOf, proveBlock } from "../verify-block.ts";
import { type Bundle, encodeBundle, type PlacedResult, type PlacedTransaction } from "./bundle.ts";
import { verifyBundle } from "./verify-bundle.ts";

type Collected = Outcome<Bundle>;
type StateQuestion = Extract<BundleQuestion, { kind: "state" }>;

/** @param nowMs UNIX milliseconds. */
export async function makeBundle(parts: LightParts, question: BundleQuestion, nowMs: number): Promise<MadeBundle> {
  const collected = await collect(parts, question);
  if (!collected.ok) {
    const { reason, detail } = collected;
    return collected.state === "unverified"
      ? { state: "unverified", reason: collected.reason, detail }
      : { state: "failed", reason: collected.reason, detail: detail || reason, evidence: collected.evidence };
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = encodeBundle(parts.core, collected.value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { state: "unverified", reason: "not_on_ledger", detail: `this has no place in a bundle: ${error.message}` };
  }
  const known = await parts.headers.at(Number(collected.value.block.header.height));
  const headers = known.ok ? [known.value] : [];
  const verdict = await verifyBundle(parts.core, bytes, { headers }, nowMs);
  if (verdict.state === "verified") return { state: "made", bytes };
  if (verdict.state === "failed")
    return { state: "failed", reason: verdict.reason, detail: verdict.detail, evidence: question };
  return { state: "unverified", reason: "server_must_answer", detail: "the header is not one that was verified" };
}

function collect(parts: LightParts, question: BundleQuestion): Promise<Collected> {
  switch (question.kind) {
    case "state":
      return collectState(parts, question);
    case "reading":
      return collectReading(parts, question.reading.device, question.reading.logIndex);
    case "log":
      return collectLog(parts, question.size);
    default:
      return collectTransaction(parts, question);
  }
}

async function collectState(parts: LightParts, { name, expected }: StateQuestion): Promise<Collected> {
  const head = await parts.headers.latest();
  if (!head.ok) return head;
  const entry = await parts.state.newest(name, head.value, () => false);
  if (!entry.ok) return entry;
  const { value } = entry.value.state;
  const said = value === null ? "null" : fromUtf8(value);
  if (expected !== undefined && said !== canonicalText(expected))
    return fail("value_must_match_entry", `${name} is not what is shown`, said);
  const block = await signed(parts, entry.value.header);
  return block.ok ? pass({ kind: "state", block: block.value, state: entry.value.state }) : block;
}

async function collectReading(parts: LightParts, device: string, index: number): Promise<Collected> {
  const head = await parts.headers.latest();
  if (!head.ok) return head;
  const [record, log] = await Promise.all([
    parts.state.settled(telemetryState.device(device), head.value),
    parts.state.settled(telemetryState.log, head.value),
  ]);
  if (!record.ok) return record;
  if (!log.ok) return log;
  const { header } = log.value;
  if (record.value.header !== header) return unanswered("server_must_answer", "there is a new block: ask again");
  const anchored = logHead(log.value.value);
  if (!anchored.ok) return anchored;
  const followed = await parts.log.follow(anchored.value, header);
  if (!followed.ok) return followed;
  const { size } = anchored.value;
  if (index >= size) return unanswered("not_on_ledger", "the reading is signed, but not anchored yet");
  const answer = await parts.server.json(`${parts.logUrl}/inclusion?index=${index}&size=${size}`, inclusionSchema);
  if (!answer.ok) return answer;
  const block = await signed(parts, header);
  if (!block.ok) return block;
  const { entry, path } = answer.value;
  const proofs = { device: record.value.state, log: log.value.state };
  return pass({ kind: "reading", block: block.value, ...proofs, entry, index, path: path.map(fromHex) });
}

async function collectLog(parts: LightParts, size: number): Promise<Collected> {
  const head = await parts.headers.latest();
  if (!head.ok) return head;
  const log = await parts.state.settled(telemetryState.log, head.value);
  if (!log.ok) return log;
  const anchored = logHead(log.value.value);
  if (!anchored.ok) return anchored;
  if (!Number.isSafeInteger(size) || size < 1 || size > anchored.value.size)
    return unanswered("not_on_ledger", `the anchored log has ${anchored.value.size} entries`);
  const followed = await parts.log.follow(anchored.value, log.value.header);
  if (!followed.ok) return followed;
  const tiles = new LogTiles(parts.core, parts.server, parts.logUrl, anchored.value.size);
  const root = await tiles.root(size);
  if (!root.ok) return root;
  const path = await tiles.consistency(size, anchored.value.size);
  if (!path.ok) return path;
  const block = await signed(parts, log.value.header);
  if (!block.ok) return block;
  const from = { size, root: root.value };
  return pass({ kind: "log", block: block.value, log: log.value.state, from, path: path.value });
}

async function collectTransaction(
  parts: LightParts,
  question: Extract<BundleQuestion, { readonly id: string }>,
): Promise<Collected> {
  const { core } = parts;
  const { id, height } = question;
  const proven = await proveBlock(parts, height);
  if (!proven.ok) return proven;
  const { header, transactions } = proven.value;
  const committed = checkTransactions(core, transactions, header.header);
  if (!committed.ok) return committed;
  const places = placesOf(parts, transactions, id);
  if (places.length === 0) return fail("transaction_must_be_in_block", "it is not in this block", { id, height });
  const placeOf = (leaves: readonly Uint8Array[], index: number): Place => ({
    index,
    total: leaves.length,
    path: pathOf(core, leaves, index),
  });
  const leaves = transactions.map((bytes) => core.dataHash([bytes]));
  const placed = (index: number): PlacedTransaction => ({ bytes: transactions[index]!, ...placeOf(leaves, index) });
  if (question.kind === "transaction") {
    const block = await signed(parts, header);
    return block.ok ? pass({ kind: "transaction", block: block.value, transaction: placed(places[0]!) }) : block;
  }
  const results = await proveResults(parts, height, transactions.length);
  if (!results.ok) return results;
  const index = places.find((place) => results.value[place]!.code === 0) ?? places[0]!;
  const next = await parts.headers.soon(height + 1);
  if (!next.ok) return next;
  const block = await signed(parts, next.value);
  if (!block.ok) return block;
  const resultLeaves = results.value.map((one) => core.resultsHash([one]));
  const result: PlacedResult = {
    header: header.header,
    result: results.value[index]!,
    path: placeOf(resultLeaves, index).path,
  };
  const common = { block: block.value, transaction: placed(index), result };
  if (question.kind !== "event") return pass({ kind: "result", ...common });
  const events = await proveEvents(parts, height, transactions.length, index);
  if (!events.ok) return events;
  const bytes = events.value.map(eventLeaf);
  const event = bytes[question.number];
  if (event === undefined) return unanswered("not_on_ledger", `the transaction told ${bytes.length} events`);
  const place = placeOf(
    bytes.map((leaf) => core.leafHash(leaf)),
    question.number,
  );
  return pass({ kind: "event", ...common, event: { bytes: event, ...place } });
}

/** RFC 6962 section 2.1.1, from the leaf up. */
function pathOf(core: LightCore, leaves: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  const path: Uint8Array[] = [];
  let [from, to] = [0, leaves.length];
  while (to - from > 1) {
    let left = 1;
    while (left * 2 < to - from) left *= 2;
    const middle = from + left;
    const isLeft = index < middle;
    path.push(core.merkleRootOfHashes(isLeft ? leaves.slice(middle, to) : leaves.slice(from, middle)));
    if (isLeft) to = middle;
    else from = middle;
  }
  return path.reverse();
}

/** The verified header's light block again, for the signatures that are not kept. */
async function signed(parts: LightParts, header: VerifiedHeader): Promise<Outcome<LightBlock>> {
  const height = Number(header.header.height);
  const block = await parts.provider.lightBlock(height);
  if (!block.ok) return block;
  if (hex(parts.core.headerHash(block.value.header)) === hex(header.hash)) return block;
  return fail("header_hash_must_match_commit", `header ${height} is another than it was`, {
    height,
    hash: header.hash,
  });
}
