// Ed25519 under ZIP-215: every form gives the verdict that the foreign vectors give; the WASM module with and without SIMD,
// one at a time and in batches that mix valid and invalid signatures; and the light client's way, WebCrypto and then that module.

import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { fromHex, utf8 } from "../../ledger/protocol/bytes.ts";
import { decideEd25519With, verifyEd25519, verifyEd25519Batch } from "../../ledger/protocol/ed25519.ts";
import { verifyEd25519Sync as verifyInNode } from "../../ledger/protocol/ed25519-node.ts";
import { verifyEd25519Sync } from "../../ledger/protocol/ed25519-portable.ts";
import { type Ed25519, instantiateEd25519Sync, type SignedMessage } from "../../wasm-core/bindings/ed25519.ts";
import { coreVariants } from "../../wasm-core/modules.ts";
import { describeVectors, readVector } from "./vectors.ts";

const modules = coreVariants.map((variant) =>
  instantiateEd25519Sync(readFileSync(new URL(`../../build/wasm/ed25519.${variant}.wasm`, import.meta.url)), (bytes) =>
    crypto.getRandomValues(bytes),
  ),
);
/** All that was asked, for the batches. */
const asked: { readonly item: SignedMessage; readonly valid: boolean }[] = [];

/** What decides where native code has not accepted; noble while there is none. */
let decider: Ed25519 | null = null;
let decided = 0;
decideEd25519With(async () => {
  const module = decider;
  if (module === null) throw new Error("none was handed in");
  return {
    verifyBatch(items) {
      decided += items.length;
      return module.verifyBatch(items);
    },
  };
});

/** The light client's way, with this module or, without one, noble. */
async function inLightClient(module: Ed25519 | null, items: readonly SignedMessage[]): Promise<readonly boolean[]> {
  decider = module;
  try {
    return await verifyEd25519Batch(items);
  } finally {
    decider = null;
  }
}

async function verdict(key: string, message: Uint8Array, signature: string): Promise<boolean> {
  const [publicKey, signatureBytes] = [fromHex(key), fromHex(signature)];
  const portable = verifyEd25519Sync(publicKey, message, signatureBytes);
  expect(verifyInNode(publicKey, message, signatureBytes)).toBe(portable);
  expect(await verifyEd25519(publicKey, message, signatureBytes)).toBe(portable);
  const item = { key: publicKey, message, signature: signatureBytes };
  for (const module of modules) {
    expect(module.verify(publicKey, message, signatureBytes)).toBe(portable);
    expect(await inLightClient(module, [item])).toEqual([portable]);
  }
  asked.push({ item, valid: portable });
  return portable;
}

afterAll(async () => {
  const valid = asked.filter((one) => one.valid);
  for (const list of [valid, asked, asked.toReversed()]) {
    const verdicts = list.map((one) => one.valid);
    const items = list.map((one) => one.item);
    for (const module of modules) expect(module.verifyBatch(items)).toEqual(verdicts);
    for (const module of [...modules, null]) expect(await inLightClient(module, items)).toEqual(verdicts);
  }
  // Native code alone would have refused many that are valid: the module was asked.
  if (asked.length > 100) expect(decided).toBeGreaterThan(100);
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
  test("768 of 768 are accepted, and of 146 whose k is hashed over other bytes than were sent those that k is no part of", async () => {
    const vectors = readVector("cctv-ed25519", "ed25519/ed25519vectors.json") as {
      key: string;
      sig: string;
      msg: string;
      flags: string[] | null;
    }[];
    // A key of small order has no part in the equation, whatever k is.
    const valid = ({ flags }: (typeof vectors)[number]): boolean =>
      flags?.includes("reencoded_k") !== true || flags.includes("low_order_A");
    const reencoded = vectors.filter(({ flags }) => flags?.includes("reencoded_k")).length;
    expect([vectors.length, vectors.length - reencoded, vectors.filter(valid).length]).toEqual([914, 768, 826]);
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
