// C2SP tlog-tiles of the Tessera test log: entry bundles hash to tiles, tiles to the checkpoints' roots, with proofs between all sizes.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hex } from "../../ledger/protocol/bytes.ts";
import { fromBase64 } from "../../ledger/protocol/comet.ts";
import { describeCores } from "./variants.ts";
import { describeVectors, vectorPath } from "./vectors.ts";

const sizeMax = 15;

/** Entry bundle: each entry a big-endian u16 length and its bytes. */
function entriesOf(bundle: Buffer): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
    entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
  return entries;
}

describeCores((core) => {
  describeVectors("tessera-tlog-tiles", "the Tessera test log", () => {
    const file = (...names: string[]): Buffer =>
      readFileSync(vectorPath("tessera-tlog-tiles", "testdata", "log", ...names));
    const checkpoint = (name: string): { size: number; root: string } => {
      const [, size, root] = file(name).toString().split("\n");
      return { size: Number(size), root: hex(fromBase64(root!)) };
    };
    const tile = (size: number): Uint8Array[] => {
      const bytes = file("tile", "0", "000.p", String(size));
      return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
    };

    test("has partial tiles and bundles of the sizes 1 to 15", () => {
      for (let size = 1; size <= sizeMax; size++) expect(tile(size)).toHaveLength(size);
    });

    test.each(Array.from({ length: sizeMax }, (_, i) => i + 1))("size %i", (size) => {
      const entries = entriesOf(file("tile", "entries", "000.p", String(size)));
      expect(entries).toHaveLength(size);
      expect(entries.map((entry) => hex(core.leafHash(entry)))).toEqual(tile(size).map(hex));
      const { size: claimed, root } = checkpoint(`checkpoint.${size}`);
      expect(claimed).toBe(size);
      expect(hex(core.merkleRoot(entries))).toBe(root);
      expect(hex(core.merkleRootOfHashes(tile(size)))).toBe(root);
      for (const [index, leaf] of tile(size).entries()) {
        const path = core.inclusionPath(tile(size), index);
        expect(core.verifyInclusion(core.merkleRootOfHashes(tile(size)), leaf, index, size, path)).toBe(true);
      }
    });

    test("the empty log, and the newest checkpoint", () => {
      const empty = checkpoint("checkpoint.0");
      expect([empty.size, empty.root]).toEqual([0, hex(core.merkleRoot([]))]);
      const newest = checkpoint("checkpoint");
      expect(existsSync(vectorPath("tessera-tlog-tiles", "testdata", "log", `checkpoint.${newest.size}`))).toBe(true);
      expect(hex(core.merkleRootOfHashes(tile(newest.size)))).toBe(newest.root);
    });
  });
});
