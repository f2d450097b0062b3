// Ed25519 of the WASM module on noble's other vectors: the 1,024 signatures of the reference implementation, each also damaged, and the
// cases of "Taming the many EdDSAs" (speccheck), on which verifiers differ, as noble decides them under ZIP-215.

import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { describe, expect, test } from "vitest";
import { fromHex } from "../../ledger/protocol/bytes.ts";
import { instantiateEd25519Sync, type SignedMessage } from "../../wasm-core/bindings/ed25519.ts";
import { compiledModule, runnableVariants } from "./variants.ts";
import { describeVectors, readVector, vectorPath } from "./vectors.ts";

describe.each(runnableVariants)("ed25519.%s", (variant) => {
  const module = instantiateEd25519Sync(compiledModule("ed25519", variant), (bytes) => crypto.getRandomValues(bytes));

  describeVectors("noble-ed25519-zip215", "noble-ed25519", () => {
    test("vectors.txt: 1,024 signatures, sound and damaged, one by one and in batches", () => {
      // A line is secret and public key : public key : message : signature and message.
      const lines = readFileSync(vectorPath("noble-ed25519-zip215", "test/vectors/ed25519/vectors.txt"), "utf8");
      const items = lines
        .split("\n")
        .filter((line) => line !== "")
        .map((line): SignedMessage => {
          const [, key, message, signed] = line.split(":");
          return { key: fromHex(key!), message: fromHex(message!), signature: fromHex(signed!.slice(0, 128)) };
        });
      expect(items).toHaveLength(1_024);
      for (const [i, { key, message, signature }] of items.entries()) {
        expect([i, module.verify(key, message, signature)]).toEqual([i, true]);
        const damaged = signature.slice();
        damaged[i % 64] = damaged[i % 64]! ^ (1 << (i % 8));
        expect([i, module.verify(key, message, damaged)]).toEqual([i, false]);
      }
      expect(module.verifyBatch(items).every((valid) => valid)).toBe(true);
    });

    test("edge-cases.json", () => {
      const cases = readVector("noble-ed25519-zip215", "test/vectors/ed25519/edge-cases.json") as {
        message: string;
        pub_key: string;
        signature: string;
      }[];
      expect(cases.length).toBeGreaterThanOrEqual(12);
      for (const [i, one] of cases.entries()) {
        const [key, message, signature] = [fromHex(one.pub_key), fromHex(one.message), fromHex(one.signature)];
        let want = false;
        try {
          want = ed25519.verify(signature, message, key, { zip215: true });
        } catch {
          // noble throws on encodings that are no points; they are refused.
        }
        expect([i, module.verify(key, message, signature)]).toEqual([i, want]);
      }
    });
  });
});
