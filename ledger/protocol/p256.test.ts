// ECDSA over P-256: Wycheproof's vectors in both encodings on both verifiers, and what they must refuse alike.

import { createHash, createPublicKey } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { describeVectors, readVector } from "../../tests/conformance/vectors.ts";
import { fromHex, hex, utf8 } from "./bytes.ts";
import { isP256Point, keyOfSpki, rawOfDerSignature, verifyP256 } from "./p256.ts";
import { verifyP256 as verifyInNode } from "./p256-node.ts";
import { testPasskey } from "./test-passkey.ts";

vi.mock(import("./p256.ts"), { spy: true });

interface Group {
  readonly publicKey: { readonly uncompressed: string };
  readonly tests: readonly {
    readonly tcId: number;
    readonly msg: string;
    readonly sig: string;
    readonly result: string;
  }[];
}

function groupsOf(file: string): readonly Group[] {
  return (readVector("identity/wycheproof", file) as { testGroups: Group[] }).testGroups;
}

/** SEC 1 compressed form. */
function compressed(uncompressed: string): Uint8Array {
  const sign = Number.parseInt(uncompressed.slice(-1), 16) % 2 === 0 ? "02" : "03";
  return fromHex(sign + uncompressed.slice(2, 66));
}

describeVectors("identity/wycheproof", "Wycheproof", () => {
  it("IEEE P1363: the verdict of every vector on both verifiers", () => {
    let valid = 0;
    for (const { publicKey, tests } of groupsOf("ecdsa_secp256r1_sha256_p1363_test.json")) {
      const key = compressed(publicKey.uncompressed);
      for (const { tcId, msg, sig, result } of tests) {
        const verdict = result === "valid";
        expect([tcId, verifyP256(key, fromHex(msg), fromHex(sig))]).toEqual([tcId, verdict]);
        expect([tcId, verifyInNode(key, fromHex(msg), fromHex(sig))]).toEqual([tcId, verdict]);
        if (verdict) valid++;
      }
    }
    expect(valid).toBeGreaterThan(100);
  });

  it("DER: what converts and verifies is what is valid", () => {
    let converted = 0;
    for (const { publicKey, tests } of groupsOf("ecdsa_secp256r1_sha256_test.json")) {
      const key = compressed(publicKey.uncompressed);
      for (const { tcId, msg, sig, result } of tests) {
        const raw = rawOfDerSignature(fromHex(sig));
        expect([tcId, raw !== null && verifyInNode(key, fromHex(msg), raw)]).toEqual([tcId, result === "valid"]);
        if (raw !== null) converted++;
      }
    }
    expect(converted).toBeGreaterThan(150);
  });
});

const message = utf8("a message");
const passkey = testPasskey("p256");
const secret = createHash("sha256").update("test passkey p256").digest();
const key = fromHex(passkey.key);

it("takes a signature with low and with high S", () => {
  const low = p256.Signature.fromBytes(p256.sign(message, secret, { lowS: true }));
  const high = new p256.Signature(low.r, p256.Point.Fn.ORDER - low.s);
  for (const signature of [low, high])
    for (const verify of [verifyP256, verifyInNode]) expect(verify(key, message, signature.toBytes())).toBe(true);
});

it("refuses other lengths, numbers out of range and keys off the curve, without throwing", () => {
  const signature = p256.sign(message, secret);
  const order = fromHex(p256.Point.Fn.ORDER.toString(16));
  const zero = new Uint8Array(32);
  const wrong: readonly (readonly [Uint8Array, Uint8Array])[] = [
    [key, signature.subarray(1)],
    [key, new Uint8Array([...signature, 0])],
    [key, new Uint8Array(0)],
    [key, new Uint8Array([...zero, ...signature.subarray(32)])],
    [key, new Uint8Array([...signature.subarray(0, 32), ...zero])],
    [key, new Uint8Array([...signature.subarray(0, 32), ...order])],
    [key, new Uint8Array(64).fill(0xff)],
    [key.subarray(1), signature],
    [new Uint8Array(33), signature],
    [new Uint8Array([4, ...key.subarray(1)]), signature],
    [new Uint8Array(33).fill(0xff), signature],
    [new Uint8Array([2, ...new Uint8Array(32).fill(0xff)]), signature],
  ];
  for (const [publicKey, given] of wrong)
    for (const verify of [verifyP256, verifyInNode]) expect(verify(publicKey, message, given)).toBe(false);
});

it("gives one verdict on both verifiers, whatever is changed", () => {
  const signature = p256.sign(message, secret);
  fc.assert(
    fc.property(fc.nat({ max: 96 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const bytes = new Uint8Array([...key, ...signature]);
      bytes[at] = value;
      const given = [bytes.slice(0, 33), message, bytes.slice(33)] as const;
      expect(verifyInNode(...given)).toBe(verifyP256(...given));
    }),
    { numRuns: 60 },
  );
});

it("gives one verdict on both verifiers at the edges of the ranges", () => {
  const signature = p256.sign(message, secret);
  const n = p256.Point.Fn.ORDER;
  const p = p256.Point.Fp.ORDER;
  const half = (number: bigint): Uint8Array => fromHex(number.toString(16).padStart(64, "0"));
  const edges = [0n, 1n, 2n, n / 2n, n - 2n, n - 1n, n, n + 1n, p - n, p - 1n, p, 2n ** 256n - 1n].map(half);
  const given = edges.flatMap((edge) => [
    ...edges.map((other) => new Uint8Array([...edge, ...other])),
    new Uint8Array([...edge, ...signature.subarray(32)]),
    new Uint8Array([...signature.subarray(0, 32), ...edge]),
  ]);
  for (const each of given)
    expect([hex(each), verifyInNode(key, message, each)]).toEqual([hex(each), verifyP256(key, message, each)]);
});

it("refuses a wrong signature in Node without asking the slow verifier", () => {
  const calls = vi.mocked(verifyP256);
  calls.mockClear();
  const wrong = p256.sign(utf8("another message"), secret);
  expect(verifyInNode(key, message, wrong)).toBe(false);
  expect(calls).not.toHaveBeenCalled();
  // A key off the curve is p256.ts's to judge.
  expect(verifyInNode(fromHex(`02${"00".repeat(31)}04`), message, wrong)).toBe(false);
  expect(calls).toHaveBeenCalledOnce();
});

it("compresses what a browser hands out of a key, and nothing else", () => {
  const spki = createPublicKey({
    key: Buffer.concat([Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"), key]),
    format: "der",
    type: "spki",
  });
  // OpenSSL keeps the compressed form; the uncompressed one is what WebAuthn gives.
  expect(keyOfSpki(spki.export({ format: "der", type: "spki" }))).toBeNull();
  const whole = fromHex(
    `3059301306072a8648ce3d020106082a8648ce3d030107034200${hex(p256.Point.fromBytes(key).toBytes(false))}`,
  );
  expect(keyOfSpki(whole)).toBe(passkey.key);
  for (let at = 0; at < whole.length; at++) {
    const changed = new Uint8Array(whole);
    changed[at]! ^= 1;
    expect([at, keyOfSpki(changed)]).toEqual([at, null]);
  }
  expect(keyOfSpki(whole.subarray(1))).toBeNull();
});

it("converts DER in its one form only: shortest integers, none negative, nothing behind them", () => {
  const pair = `${"0".repeat(62)}7f`;
  expect(hex(rawOfDerSignature(fromHex("300602017f02017f"))!)).toBe(pair + pair);
  expect(hex(rawOfDerSignature(fromHex("30080202008002020080"))!)).toBe(`${"0".repeat(62)}80`.repeat(2));
  for (const der of [
    "30070202007f02017f",
    "300702017f0202007f",
    "300602018002017f",
    "300602017f020180",
    "300502000201ff",
    "300602017f02017f00",
    "300702017f02017f00",
    "300602017f03017f",
    "310602017f02017f",
    "30810602017f02017f",
    `3026${"022101"}${"00".repeat(32)}02017f`,
    "",
  ])
    expect([der, rawOfDerSignature(fromHex(der))]).toEqual([der, null]);
});

it("knows the points of the curve", () => {
  expect(isP256Point(key)).toBe(true);
  for (const bytes of [
    new Uint8Array(33),
    new Uint8Array([2, ...new Uint8Array(32).fill(0xff)]),
    key.subarray(0, 32),
    // No y belongs to x = 4.
    fromHex(`02${"00".repeat(31)}04`),
    new Uint8Array([5, ...key.subarray(1)]),
  ])
    expect([hex(bytes), isP256Point(bytes)]).toEqual([hex(bytes), false]);
});
