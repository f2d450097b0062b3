// What else the light module proves to browsers, on the foreign vectors of the core's own suites: ICS-23 proofs of the tendermint spec and
// RFC 6962 proofs of inclusion and consistency, one at a time, and roots over tiles.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../ledger/protocol/bytes.ts";
import { fromBase64 } from "../../ledger/protocol/comet.ts";
import { instantiateLightCoreSync } from "../../wasm-core/bindings/light-core.ts";
import { compiledModule, runnableVariants } from "./variants.ts";
import { describeVectors, readVector, vectorFiles, vectorPath } from "./vectors.ts";

/** Of inclusion where there is a leaf, else of consistency. */
type MerkleVector = { readonly proof: string[] | null; readonly wantErr: boolean } & (
  | { readonly leafIdx: number; readonly treeSize: number; readonly root: string; readonly leafHash: string }
  | {
      readonly leafIdx?: never;
      readonly size1: number;
      readonly size2: number;
      readonly root1: string;
      readonly root2: string;
    }
);

describe.each(runnableVariants)("light.%s", (variant) => {
  const light = instantiateLightCoreSync(compiledModule("light", variant));

  describeVectors("ics23-testdata", "cosmos/ics23 testdata", () => {
    test("6 of 6 of the tendermint spec, 12 of iavl and smt refused", () => {
      let held = 0;
      for (const spec of ["tendermint", "iavl", "smt"])
        for (const place of ["left", "middle", "right"])
          for (const kind of ["exist", "nonexist"]) {
            const v = readVector("ics23-testdata", "testdata", spec, `${kind}_${place}.json`) as Record<string, string>;
            const [root, key, value, proof] = [v["root"], v["key"], v["value"], v["proof"]].map((one) => fromHex(one!));
            const holds =
              kind === "exist"
                ? light.verifyMembership(root!, key!, value!, proof!)
                : light.verifyNonMembership(root!, key!, proof!);
            expect([spec, kind, place, holds]).toEqual([spec, kind, place, spec === "tendermint"]);
            if (holds) held++;
          }
      expect(held).toBe(6);
    });
  });

  describeVectors("transparency-dev-merkle", "transparency-dev/merkle", () => {
    test("196 of 196: 98 proofs of inclusion, 98 of consistency", () => {
      const files = ["inclusion", "consistency"].flatMap((kind) =>
        vectorFiles("transparency-dev-merkle", "testdata", kind),
      );
      expect(files).toHaveLength(196);
      const root = (text: string): Uint8Array => {
        const bytes = fromBase64(text);
        return bytes.length === 32 ? bytes : light.sha256(bytes);
      };
      for (const file of files) {
        const v = readVector(file) as MerkleVector;
        const path = (v.proof ?? []).map(fromBase64);
        const holds =
          v.leafIdx === undefined
            ? light.verifyConsistency(v.size1, v.size2, root(v.root1), root(v.root2), path)
            : light.verifyInclusion(fromBase64(v.root), fromBase64(v.leafHash), v.leafIdx, v.treeSize, path);
        expect([file, holds]).toEqual([file, !v.wantErr]);
      }
    });
  });

  describeVectors("tessera-tlog-tiles", "the Tessera test log", () => {
    test("15 partial tiles of 15 have the root of their checkpoint", () => {
      const file = (...names: string[]): Buffer =>
        readFileSync(vectorPath("tessera-tlog-tiles", "testdata", "log", ...names));
      for (let size = 1; size <= 15; size++) {
        const bytes = file("tile", "0", "000.p", String(size));
        const tile = Array.from({ length: size }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
        const [, , root] = file(`checkpoint.${size}`).toString().split("\n");
        expect([size, hex(light.merkleRootOfHashes(tile))]).toEqual([size, hex(fromBase64(root!))]);
      }
    });
  });
});
