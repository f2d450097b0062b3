// SHA-256 of the core, with SIMD and without, against noble: every length to 300, block edges, batches of mixed lengths.

import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { coreModules, coreVariants, fileOf } from "../modules.ts";
import { instantiateCoreSync } from "./instantiate.ts";

const seed = Date.now() & 0x7fff_ffff || 1;
console.log(`sha256: seed ${seed}`);
let state = seed;
/** xorshift32: the same inputs for the same seed. */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}
const pool = Uint8Array.from({ length: 300_000 }, () => random(256));
function bytes(length: number): Uint8Array {
  const from = random(pool.length - length);
  return pool.subarray(from, from + length);
}
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");
const packed = (digests: readonly Uint8Array[]): string => digests.map(hex).join("");

const core = coreModules.find((module) => module.name === "core")!;
describe.each(coreVariants)("%s", (variant) => {
  const { sha256: ours, sha256All } = instantiateCoreSync(
    readFileSync(new URL(`../../build/wasm/${fileOf(core, variant)}`, import.meta.url)),
  );

  // NIST's examples (FIPS 180-4, "SHA_All": one block, two blocks) and the empty message.
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
    [
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ],
    ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ])("NIST's example %#", (text, digest) => {
    const message = Buffer.from(text);
    expect(hex(ours(message))).toBe(digest);
    expect(hex(sha256All([message]))).toBe(digest);
    expect(hex(sha256All([message, message, message]))).toBe(digest.repeat(3));
  });

  test("every length from 0 to 300, one by one and at once", () => {
    const messages = Array.from({ length: 301 }, (_, length) => bytes(length));
    for (const message of messages) expect(hex(ours(message)), `length ${message.length}`).toBe(hex(sha256(message)));
    expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
    messages.reverse();
    expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
  });

  test("lengths around the edges of blocks and pieces", () => {
    const edges = [448, 512, 1024, 4096, 65_492, 65_536, 131_072, 262_144];
    const messages = edges.flatMap((edge) => Array.from({ length: 19 }, (_, i) => bytes(edge + i - 9)));
    for (const message of messages) expect(hex(ours(message)), `length ${message.length}`).toBe(hex(sha256(message)));
    expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
  });

  test("20,000 messages in batches of random sizes and lengths", () => {
    for (let done = 0; done < 20_000; ) {
      const longest = 1 + random(random(8) === 0 ? 3000 : 301);
      const messages = Array.from({ length: random(300) }, () => bytes(random(longest)));
      expect(hex(sha256All(messages))).toBe(packed(messages.map((message) => sha256(message))));
      done += messages.length;
    }
  });
});
