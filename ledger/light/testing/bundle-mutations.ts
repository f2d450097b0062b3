// Real bundles of every kind, damaged in every way: never is one accepted that says what is not so in the city that they are of. For
// tests and the soak.

import type { Core } from "../../../wasm-core/bindings/core.ts";
import { fromUtf8, hex, utf8 } from "../../protocol/bytes.ts";
import { canonicalText } from "../../protocol/canonical.ts";
import { timestampText } from "../../protocol/comet.ts";
import { type LogRecord, telemetryState } from "../../protocol/telemetry-records.ts";
import { type Bundle, decodeBundle, encodeBundle } from "../bundle/bundle.ts";
import type { Claim } from "../bundle/check-bundle.ts";
import { type BundleTrust, verifyBundle } from "../bundle/verify-bundle.ts";
import type { LightBlock, VerifiedHeader } from "../light-block.ts";
import type { BundleQuestion } from "../verdict.ts";
import { type FakeCity, makeCity, makeClient, shown, slotEntry } from "./fake-city.ts";

/** A question of every kind, and of every form that a kind has. */
export function bundleQuestions(city: FakeCity): readonly BundleQuestion[] {
  const { id, height } = city.transaction;
  return [
    { kind: "state", name: slotEntry },
    { kind: "state", name: "energy/slot/9" },
    { kind: "state", name: "telemetry/device/nobody" },
    { kind: "reading", reading: shown(city, 3) },
    { kind: "reading", reading: shown(city, 7) },
    { kind: "transaction", id, height },
    { kind: "result", id, height },
    { kind: "event", id, height, number: 0 },
    { kind: "event", id, height, number: 2 },
    { kind: "log", size: 5 },
    { kind: "log", size: 8 },
  ];
}

export interface RealBundle {
  readonly question: BundleQuestion;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly claim: Claim;
}

/** Bundles of a city for whoever trusts `trust`. @throws {Error} when one cannot be made. */
export async function realBundles(
  core: Core,
  city: FakeCity,
): Promise<{ readonly bundles: readonly RealBundle[]; readonly trust: BundleTrust }> {
  const client = makeClient(core, city);
  const bundles: RealBundle[] = [];
  const trust = { headers: [trustedHead(core, city)] };
  for (const question of bundleQuestions(city)) {
    const made = await client.bundle(question);
    if (made.state !== "made") throw new Error(`${canonicalText(question)}: ${made.detail}`);
    const verdict = await verifyBundle(core, made.bytes, trust, city.nowMs);
    if (verdict.state !== "verified") throw new Error(`${canonicalText(question)}: ${canonicalText(verdict)}`);
    bundles.push({ question, bytes: made.bytes, claim: verdict.claim });
  }
  return { bundles, trust };
}

/** The newest header, as a client that has verified it keeps it. */
export function trustedHead(core: Core, city: FakeCity): VerifiedHeader {
  const { header, signers } = city.ledger.blocks.at(-1)!;
  const validators = signers.map(({ address, publicKey, power }) => ({ address, publicKey, power }));
  return { header, hash: core.headerHash(header), validators, signers: signers.length };
}

/**
 * Whether the city is so, by what it was made of and not by any proof. A field that is swapped may make another true proof: a state
 * that did not change, say, under the header before.
 */
function isTrue(core: Core, city: FakeCity, claim: Claim): boolean {
  const block = city.ledger.blocks[claim.height - 1];
  if (block === undefined || claim.chain !== city.ledger.chain) return false;
  const ofState = claim.kind === "state" || claim.kind === "reading" || claim.kind === "log";
  const proving = city.ledger.blocks[ofState ? claim.height : claim.height - 1];
  if (proving === undefined || timestampText(proving.header.time) !== claim.time) return false;
  const entry = (name: string): string | null => {
    const value = block.state.get(name);
    return value === undefined ? null : fromUtf8(value);
  };
  const anchored = entry(telemetryState.log);
  const log = anchored === null ? null : (JSON.parse(anchored) as LogRecord);
  switch (claim.kind) {
    case "state":
      return entry(claim.name) === (claim.value === null ? null : canonicalText(claim.value));
    case "reading": {
      const { device, stream, time, result } = shown(city, claim.logIndex);
      const same = canonicalText(claim.reading) === canonicalText({ device, stream, time, result });
      return same && log?.size === claim.logSize && claim.logIndex < log.size;
    }
    case "log": {
      const hashes = city.entries.map((text) => core.leafHash(utf8(text)));
      const root = hex(core.merkleRootOfHashes(hashes.slice(0, claim.from.size)));
      return root === claim.from.root && log?.size === claim.to.size && log.root === claim.to.root;
    }
    default: {
      const bytes = canonicalText(city.transaction.shown.transaction);
      const place = block.transactions.findIndex((transaction) => fromUtf8(transaction) === bytes);
      if (place < 0 || claim.id !== city.transaction.id) return false;
      if (claim.kind === "event") return city.told.some((event) => canonicalText(event) === canonicalText(claim.event));
      const said = canonicalText(claim.transaction) === bytes;
      return said && (claim.kind === "transaction" || claim.code === block.codes[place]);
    }
  }
}

/** What came of damaged bundles: none of them was accepted with another claim. */
export interface MutationTally {
  readonly refused: number;
  /** Sound in themselves, but of validators that nobody trusts: never green. */
  readonly sound: number;
  /** Accepted, and so in the city: the damage was none, or one true proof became another. */
  readonly harmless: number;
}

/** @param random whole numbers below its argument. @throws {Error} on a false accept, with the bundle in hex. */
export async function mutateBundles(
  core: Core,
  random: (below: number) => number,
  count: number,
  progress: (done: number) => void = () => {},
): Promise<MutationTally> {
  const city = makeCity(core);
  const { bundles, trust } = await realBundles(core, city);
  // The same chain, made up by others: every proof in it is sound.
  const forged = await realBundles(core, forgedCity(core));
  const pool = [...bundles, ...forged.bundles];
  const tally = { refused: 0, sound: 0, harmless: 0 };
  for (let done = 0; done < count; done++) {
    progress(done);
    let bytes = pool[random(pool.length)]!.bytes;
    for (let times = 1 + random(2); times > 0; times--) bytes = damage(core, bytes, pool, random);
    const verdict = await verifyBundle(core, bytes, trust, city.nowMs);
    if (verdict.state === "verified" && isTrue(core, city, verdict.claim)) tally.harmless++;
    else if (verdict.state === "verified")
      throw new Error(`accepted ${canonicalText(verdict.claim)}: ${Buffer.from(bytes).toString("hex")}`);
    else if (verdict.state === "sound") tally.sound++;
    else tally.refused++;
  }
  return tally;
}

/** A city of the same name whose validators nobody knows, with other facts. */
export function forgedCity(core: Core): FakeCity {
  return makeCity(core, { signers: "forger", price: "999999" });
}

function damage(
  core: Core,
  bytes: Uint8Array<ArrayBuffer>,
  pool: readonly RealBundle[],
  random: (below: number) => number,
): Uint8Array<ArrayBuffer> {
  const other = pool[random(pool.length)]!.bytes;
  const at = random(Math.max(1, bytes.length));
  const changed = bytes.slice();
  switch (random(9)) {
    case 0:
      changed[at]! ^= 1 << random(8);
      return changed;
    case 1:
      changed[at] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)]!;
      return changed;
    case 2:
      return bytes.slice(0, at);
    case 3: {
      // A piece of another bundle, at the same place or at any.
      const from = random(2) === 0 ? Math.min(at, other.length) : random(other.length);
      const piece = other.subarray(from, from + 1 + random(200));
      return Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at + piece.length * random(2))]);
    }
    case 4:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random(40))]);
    case 5: {
      // A length or a number that says much more than there is.
      const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f].slice(random(7));
      return Uint8Array.from([...bytes.subarray(0, at), ...huge, ...bytes.subarray(at + 1)]);
    }
    case 6:
      return Uint8Array.from([...bytes, ...new Uint8Array(1 + random(64)).fill(random(256))]);
    default:
      return swap(core, bytes, other, random);
  }
}

/** Puts fields of one bundle into another, in a form that is well written. */
function swap(
  core: Core,
  bytes: Uint8Array<ArrayBuffer>,
  other: Uint8Array,
  random: (below: number) => number,
): Uint8Array<ArrayBuffer> {
  try {
    const [one, two] = [decodeBundle(core, bytes), decodeBundle(core, other)];
    return encodeBundle(core, swapped(one, two, random));
  } catch (error) {
    if (error instanceof RangeError) return bytes;
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function swapped(one: Bundle, two: Bundle, random: (below: number) => number): Bundle {
  const block: LightBlock = [
    () => two.block,
    () => ({ ...one.block, commit: two.block.commit }),
    () => ({ ...one.block, header: { ...one.block.header, appHash: two.block.header.appHash } }),
    () => ({ ...one.block, validators: [...one.block.validators, ...two.block.validators] }),
    () => ({ ...one.block, validators: one.block.validators.map((v) => ({ ...v, power: v.power * 2n })) }),
    () => {
      const { signatures } = one.block.commit;
      const repeated = signatures.map(() => signatures[0]!);
      return { ...one.block, commit: { ...one.block.commit, signatures: repeated } };
    },
    () => one.block,
  ][random(7)]!();
  const fields: Record<string, unknown> = { ...one, block };
  const theirs = two as unknown as Fields;
  const names = Object.keys(fields).filter((name) => name !== "kind" && name !== "block" && name in theirs);
  for (const name of names) {
    if (random(2) === 0) continue;
    const [mine, their] = [fields[name], theirs[name]];
    const inner = typeof mine === "object" && mine !== null && !Array.isArray(mine) && random(2) === 0;
    if (!inner) fields[name] = their;
    else {
      const keys = Object.keys(mine);
      const key = keys[random(keys.length)]!;
      fields[name] = { ...mine, [key]: (their as Fields)[key] };
    }
  }
  // Numbers that only paths bind.
  for (const name of ["index", "total"])
    if (typeof fields[name] === "number" && random(3) === 0) fields[name] = (fields[name] as number) + random(3) - 1;
  return fields as unknown as Bundle;
}
