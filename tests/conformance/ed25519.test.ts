// Ed25519 under ZIP-215: every form gives the verdict that the foreign vectors give; the WASM module with and without SIMD,
// one at a time and in batches that mix valid and invalid signatures.

import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { fromHex, utf8 } from "../../ledger/protocol/bytes.ts";
import { verifyEd25519 } from "../../ledger/protocol/ed25519.ts";
import { verifyEd25519Sync as verifyInNode } from "../../ledger/protocol/ed25519-node.ts";
import { verifyEd25519Sync } from "../../ledger/protocol/ed25519-portable.ts";
import { instantiateEd25519Sync, type SignedMessage } from "../../wasm-core/bindings/ed25519.ts";
import { coreVariants } from "../../wasm-core/modules.ts";
import { describeVectors, readVector } from "./vectors.ts";

const modules = coreVariants.map((variant) =>
  instantiateEd25519Sync(readFileSync(new URL(`../../build/wasm/ed25519.${variant}.wasm`, import.meta.url)), (bytes) =>
    crypto.getRandomValues(bytes),
  ),
);
/** All that was asked, for the batches. */
const asked: { readonly item: SignedMessage; readonly valid: boolean }[] = [];

async function verdict(key: string, message: Uint8Array, signature: string): Promise<boolean> {
  const [publicKey, signatureBytes] = [fromHex(key), fromHex(signature)];
  const portable = verifyEd25519Sync(publicKey, message, signatureBytes);
  expect(verifyInNode(publicKey, message, signatureBytes)).toBe(portable);
  expect(await verifyEd25519(publicKey, message, signatureBytes)).toBe(portable);
  for (const module of modules) expect(module.verify(publicKey, message, signatureBytes)).toBe(portable);
  asked.push({ item: { key: publicKey, message, signature: signatureBytes }, valid: portable });
  return portable;
}

afterAll(() => {
  const valid = asked.filter((one) => one.valid);
  for (const list of [valid, asked, asked.toReversed()]) {
    const verdicts = list.map((one) => one.valid);
    for (const module of modules) expect(module.verifyBatch(list.map((one) => one.item))).toEqual(verdicts);
  }
});

describeVectors("noble-ed25519-zip215", "noble-ed25519", () => {
  test("ZIP-215: 196 small-order signatures over 'Zcash'", async () => {
    const vectors = readVector("noble-ed25519-zip215", "test/vectors/ed25519/zip215.json") as {
      vk_bytes: string;
      sig_bytes: string;
      valid_zip215: boolean;
    }[];
    expect(vectors).toHaveLength(196);
    for (const v of vectors) expect(await verdict(v.vk_bytes, utf8("Zcash"), v.sig_bytes)).toBe(v.valid_zip215);
  });

  test("RFC 8032 section 7.1", async () => {
    const vectors = readVector("noble-ed25519-zip215", "test/vectors/rfc8032-ed25519.json") as {
      pub: string;
      msg: string;
      sig: string;
    }[];
    for (const v of vectors) {
      expect(await verdict(v.pub, fromHex(v.msg), v.sig)).toBe(true);
      expect(await verdict(v.pub, fromHex(`${v.msg}00`), v.sig)).toBe(false);
    }
  });
});

describeVectors("cctv-ed25519", "C2SP CCTV", () => {
  test("ZIP-215 accepts all but those whose k is hashed over other bytes than were sent", async () => {
    const vectors = readVector("cctv-ed25519", "ed25519/ed25519vectors.json") as {
      key: string;
      sig: string;
      msg: string;
      flags: string[] | null;
    }[];
    // A key of small order has no part in the equation, whatever k is.
    const valid = ({ flags }: (typeof vectors)[number]): boolean =>
      flags?.includes("reencoded_k") !== true || flags.includes("low_order_A");
    expect([vectors.length, vectors.filter(valid).length]).toEqual([914, 826]);
    for (const v of vectors) expect(await verdict(v.key, utf8(v.msg), v.sig)).toBe(valid(v));
  });
});

describeVectors("wycheproof-ed25519", "Wycheproof Ed25519", () => {
  test("151 cases", async () => {
    const file = readVector("wycheproof-ed25519", "testvectors_v1/ed25519_test.json") as {
      testGroups: {
        publicKey: { pk: string };
        tests: { tcId: number; msg: string; sig: string; result: "valid" | "invalid" }[];
      }[];
    };
    let count = 0;
    for (const group of file.testGroups) {
      for (const v of group.tests) {
        // tcId 151 has a low-order component that only verifiers without the cofactor reject.
        const want = v.tcId === 151 ? true : v.result === "valid";
        expect([v.tcId, await verdict(group.publicKey.pk, fromHex(v.msg), v.sig)]).toEqual([v.tcId, want]);
        count++;
      }
    }
    expect(count).toBe(151);
  });
});

test("wrong lengths are false", async () => {
  const zero = (n: number): string => "00".repeat(n);
  for (const [key, signature] of [
    [31, 64],
    [33, 64],
    [32, 63],
    [32, 65],
    [0, 0],
  ] as const) {
    expect(await verdict(zero(key), utf8("x"), zero(signature))).toBe(false);
  }
});
