// SHA-256 of the WASM core by foreign vectors: Wycheproof's HMAC-SHA-256 (RFC 2104 over the core's digest) and hashes of cosmos/ics23.

import { expect, test } from "vitest";
import { fromHex, hex, utf8 } from "../../ledger/protocol/bytes.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import { describeCores } from "./variants.ts";
import { describeVectors, readVector } from "./vectors.ts";

const blockBytes = 64;

function hmac(core: Core, key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(blockBytes);
  block.set(key.length > blockBytes ? core.sha256(key) : key);
  const inner = core.sha256(Uint8Array.of(...block.map((byte) => byte ^ 0x36), ...message));
  return core.sha256(Uint8Array.of(...block.map((byte) => byte ^ 0x5c), ...inner));
}

describeCores((core) => {
  describeVectors("wycheproof-ed25519", "Wycheproof HMAC-SHA-256", () => {
    test("174 cases", () => {
      const file = readVector("wycheproof-ed25519", "testvectors_v1", "hmac_sha256_test.json") as {
        testGroups: {
          tagSize: number;
          tests: { tcId: number; key: string; msg: string; tag: string; result: "valid" | "invalid" }[];
        }[];
      };
      let count = 0;
      for (const { tagSize, tests } of file.testGroups) {
        for (const v of tests) {
          const tag = hmac(core, fromHex(v.key), fromHex(v.msg)).subarray(0, tagSize / 8);
          expect([v.tcId, hex(tag) === v.tag]).toEqual([v.tcId, v.result === "valid"]);
          count++;
        }
      }
      expect(count).toBe(174);
    });
  });

  describeVectors("ics23-testdata", "cosmos/ics23 hashes", () => {
    test("TestDoHashData, where the hash is SHA-256", () => {
      const cases = readVector("ics23-testdata", "testdata", "TestDoHashData.json") as Record<
        string,
        { HashOp: number; Preimage: string; ExpectedHash: string }
      >;
      const ours = Object.values(cases).filter(({ HashOp }) => HashOp === 1);
      expect(ours.length).toBeGreaterThan(0);
      for (const { Preimage, ExpectedHash } of ours) expect(hex(core.sha256(utf8(Preimage)))).toBe(ExpectedHash);
    });
  });
});
