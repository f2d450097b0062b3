// Bundles of every kind: one form of bytes, checked with no server, and standing only on what whoever looks at them trusts.

import { ics23, tendermintSpec, verifyMembership, verifyNonMembership } from "@confio/ics23";
import { beforeAll, describe, expect, test } from "vitest";
import { seededNumbers } from "../../../tests/seeded-numbers.ts";
import { loadCore, loadStateTree } from "../../../wasm-core/bindings/node.ts";
import { hex, utf8 } from "../../protocol/bytes.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import {
  bundleQuestions,
  forgedCity,
  mutateBundles,
  type RealBundle,
  realBundles,
  trustedHead,
} from "../testing/bundle-mutations.ts";
import { clearedSlot, type FakeCity, makeCity, makeClient, shown, slotEntry } from "../testing/fake-city.ts";
import { makeSigners } from "../testing/fake-ledger.ts";
import { decodeBundle, encodeBundle } from "./bundle.ts";
import { BundleReader, BundleWriter } from "./coder.ts";
import { codeStateProof } from "./compact-state-proof.ts";
import { type BundleTrust, verifyBundle } from "./verify-bundle.ts";

const core = loadCore();
const seed = Date.now() & 0x7fff_ffff;
console.log(`bundles: seed ${seed}`);

let city: FakeCity;
let bundles: readonly RealBundle[];
let trust: BundleTrust;
beforeAll(async () => {
  city = makeCity(core);
  ({ bundles, trust } = await realBundles(core, city));
});
const verify = (bytes: Uint8Array, given: BundleTrust = trust, nowMs = city.nowMs) =>
  verifyBundle(core, bytes, given, nowMs);
const nobody: BundleTrust = { headers: [] };

describe("a bundle", () => {
  test("of every kind is verified by who knows the newest header, and says what was asked", async () => {
    expect(new Set(bundles.map(({ question }) => question.kind)).size).toBe(6);
    for (const { question, bytes, claim } of bundles) {
      expect(claim).toMatchObject({ kind: question.kind, chain: city.ledger.chain });
      expect(encodeBundle(core, decodeBundle(core, bytes))).toEqual(bytes);
    }
    const { id, shown: told } = city.transaction;
    const { transaction } = told;
    const { logIndex, ...reading } = shown(city, 3);
    const claims = bundles.map(({ claim }) => claim);
    expect(claims).toContainEqual(expect.objectContaining({ kind: "state", name: slotEntry, height: 5 }));
    expect(claims).toContainEqual(expect.objectContaining({ name: "energy/slot/9", value: null }));
    expect(claims).toContainEqual(expect.objectContaining({ kind: "reading", reading, logIndex, logSize: 8 }));
    expect(claims).toContainEqual(expect.objectContaining({ kind: "transaction", id, transaction, height: 4 }));
    expect(claims).toContainEqual(expect.objectContaining({ kind: "result", id, transaction, code: 0, height: 4 }));
    expect(claims).toContainEqual(expect.objectContaining({ kind: "event", id, event: city.told[2], height: 4 }));
    expect(claims).toContainEqual(expect.objectContaining({ from: expect.objectContaining({ size: 5 }) }));
  });

  test("is small: a state entry's fits one QR code with 1 and with 4 validators", async () => {
    const sizes: number[] = [];
    for (const validators of [1, 4]) {
      const small = makeCity(core, { validators });
      const made = await makeClient(core, small).bundle({ kind: "state", name: slotEntry });
      if (made.state !== "made") throw new Error(made.detail);
      sizes.push(made.bytes.length);
    }
    console.log(`bundles: a state entry takes ${sizes[0]} bytes with 1 validator, ${sizes[1]} with 4`);
    expect(Math.max(...sizes)).toBeLessThan(2_900);
  });

  test("is sound, and never green, for who trusts nobody", async () => {
    const [bundle] = bundles;
    const verdict = await verify(bundle!.bytes, nobody);
    expect(verdict).toMatchObject({ state: "sound", standing: { on: "none", mismatch: false } });
    expect(verdict).toMatchObject({ claim: bundle!.claim, ageMs: city.nowMs - Date.UTC(2026, 0, 1) - 6_000 });
    if (verdict.state !== "sound") return;
    expect(verdict.signers).toHaveLength(4);
    expect(verdict.signers.every(({ share, signed }) => share === 0.25 && signed)).toBe(true);
    expect(verdict.fingerprint).toBe(hex(core.validatorsHash(city.signers)));
  });

  test("made up by others of the same name is sound, and green for nobody who knows the chain", async () => {
    const forged = await realBundles(core, forgedCity(core));
    for (const { bytes } of forged.bundles)
      expect(await verify(bytes)).toMatchObject({ state: "sound", standing: { on: "none" } });
  });

  test("stands on a checkpoint of its own height, or on the validators that the person was told of", async () => {
    const { bytes } = bundles[0]!;
    const { height, hash, fingerprint } = (await verify(bytes)) as {
      height: number;
      hash: string;
      fingerprint: string;
    };
    const { chain } = city.ledger;
    const given = (more: Omit<BundleTrust, "headers">) => verify(bytes, { headers: [], ...more });
    const green = { state: "verified", standing: { on: "checkpoint" } };
    expect(await given({ checkpoint: { chain, height, hash } })).toMatchObject(green);
    expect(await given({ validators: fingerprint })).toMatchObject(green);
    expect(await given({ validators: fingerprint.slice(0, 32).toUpperCase() })).toMatchObject(green);
    const others = { state: "sound", standing: { on: "none", mismatch: true } };
    expect(await given({ checkpoint: { chain, height, hash: "0".repeat(64) } })).toMatchObject(others);
    expect(await given({ checkpoint: { chain: "another", height, hash } })).toMatchObject(others);
    expect(await given({ validators: "0".repeat(64) })).toMatchObject(others);
    expect(await given({ validators: fingerprint.slice(0, 30) })).toMatchObject(others);
    const silent = { state: "sound", standing: { on: "none", mismatch: false } };
    expect(await given({ checkpoint: { chain, height: height + 1, hash } })).toMatchObject(silent);
  });

  test("from before a trusted header needs more than two thirds of those trusted now; after it the rules of every step", async () => {
    const now = makeCity(core);
    const made = await makeClient(core, now).bundle({ kind: "state", name: slotEntry });
    if (made.state !== "made") throw new Error(made.detail);
    const at = (nextSigners: readonly (typeof now.signers)[number][]) => {
      const later = makeCity(core);
      later.ledger.make({ nextSigners });
      later.ledger.make();
      later.ledger.make();
      return { headers: [trustedHead(core, later)] };
    };
    const strangers = makeSigners(core, 4, "stranger");
    const standing = async (given: BundleTrust) => (await verify(made.bytes, given)).state;
    expect(await standing(at(now.signers))).toBe("verified");
    expect(await standing(at([...now.signers.slice(0, 3), strangers[0]!]))).toBe("verified");
    expect(await standing(at([...now.signers.slice(0, 2), ...strangers.slice(0, 2)]))).toBe("sound");
    expect(await standing(at(strangers))).toBe("sound");
    const early = makeCity(core);
    const { blocks } = early.ledger;
    blocks.length = 2;
    expect(await standing({ headers: [trustedHead(core, early)] })).toBe("verified");
  });

  test("of a trust that is older than it lasts is only sound, the same header apart", async () => {
    const late = city.nowMs + 15 * 24 * 60 * 60 * 1000;
    const old = bundles.find(({ question }) => question.kind === "transaction")!;
    expect(await verify(old.bytes, trust, late)).toMatchObject({ state: "sound" });
    const newest = bundles.find(({ question }) => question.kind === "state")!;
    expect(await verify(newest.bytes, trust, late)).toMatchObject({ state: "verified" });
  });

  test("from the future is refused", async () => {
    const verdict = await verify(bundles[0]!.bytes, trust, Date.UTC(2025, 11, 31));
    expect(verdict).toMatchObject({ state: "failed", reason: "header_time_must_be_plausible" });
  });

  test.each([
    ["nothing", 0],
    ["a megabyte of zeros", 1_048_576],
    ["a kilobyte of zeros", 1_024],
  ])("that is %s is refused", async (_, length) => {
    const verdict = await verify(new Uint8Array(length));
    expect(verdict).toMatchObject({ state: "failed", reason: "bundle_must_be_well_formed" });
  });

  test("is made of nothing that is not so", async () => {
    const client = makeClient(core, city);
    const wrong = await client.bundle({ kind: "transaction", id: "0".repeat(64), height: 4 });
    expect(wrong).toMatchObject({ state: "failed", reason: "transaction_must_be_in_block" });
    const { id, height } = city.transaction;
    expect(await client.bundle({ kind: "event", id, height, number: 3 })).toMatchObject({ state: "unverified" });
    expect(await client.bundle({ kind: "log", size: 9 })).toMatchObject({ state: "unverified" });
    expect(bundleQuestions(city).length).toBe(bundles.length);
  });

  test("of an entry that says another thing than is shown is not made", async () => {
    const client = makeClient(core, city);
    const same = await client.bundle({ kind: "state", name: slotEntry, expected: { ...clearedSlot } });
    expect(same.state).toBe("made");
    expect((await client.bundle({ kind: "state", name: "energy/slot/9", expected: null })).state).toBe("made");
    for (const expected of [{ ...clearedSlot, price: "140001" }, null])
      expect(await client.bundle({ kind: "state", name: slotEntry, expected })).toMatchObject({
        state: "failed",
        reason: "value_must_match_entry",
      });
  });
});

describe("state proofs in few bytes", () => {
  test("are the real state tree's own, and foreign verifiers accept them, values and absences", () => {
    const random = seededNumbers(seed);
    const tree = loadStateTree();
    const entries = new Map<string, Uint8Array>();
    for (let i = 0; i < 300; i++) entries.set(`test/entry/${random(100_000)}`, canonicalBytes({ number: i }));
    const root = tree.prepare([...entries].map(([name, value]) => ({ name, value })));
    tree.commit(1);
    const names = [...[...entries.keys()].slice(0, 60), ...Array.from({ length: 60 }, (_, i) => `test/absent/${i}`)];
    for (const name of names) {
      const key = core.sha256(utf8(name));
      const value = entries.get(name) ?? null;
      const proof = tree.prove(name)!;
      const writer = new BundleWriter();
      codeStateProof(writer, core, { name, value, proof });
      const reader = new BundleReader(writer.take());
      const back = codeStateProof(reader, core, undefined);
      reader.end();
      expect(back).toEqual({ name, value, proof });
      const decoded = ics23.CommitmentProof.decode(back.proof);
      const holds =
        value === null
          ? verifyNonMembership(decoded, tendermintSpec, root, key)
          : verifyMembership(decoded, tendermintSpec, root, key, value);
      expect(holds).toBe(true);
    }
  });
});

test("3,000 damaged bundles: never a false accept", async () => {
  const tally = await mutateBundles(core, seededNumbers(seed), 3_000);
  expect(tally.refused).toBeGreaterThan(2_000);
});
