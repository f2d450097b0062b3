// The telemetry log: tiles and proofs against vectors of others, and against a verifier written here from RFC 9162.

import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { signerOfSeed } from "../ledger/signer.ts";
import { checkpointOrigin, signedCheckpoint, verifierKey } from "./checkpoint.ts";
import { nativeHasher } from "./hasher.ts";
import { entryBundle, parseTilePath, tileNumberText } from "./tile-path.ts";
import { type TileStorage, TileTree } from "./tile-tree.ts";

const vectors = new URL("../../../../shared/vectors/", import.meta.url).pathname;
const sha256 = (...parts: Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const leafHash = (entry: Uint8Array): Buffer => sha256(Buffer.from([0]), entry);
const innerHash = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([1]), left, right);

class MemoryTiles implements TileStorage {
  readonly tiles = new Map<string, Uint8Array>();
  readTile(level: number, number: number): Uint8Array | undefined {
    return this.tiles.get(`${level}/${number}`);
  }
  writeTile(level: number, number: number, hashes: Uint8Array): void {
    this.tiles.set(`${level}/${number}`, hashes.slice());
  }
}

function treeOf(entries: readonly Uint8Array[], batch: (at: number) => number): { tree: TileTree; tiles: MemoryTiles } {
  const tiles = new MemoryTiles();
  const tree = new TileTree(tiles, nativeHasher);
  for (let at = 0; at < entries.length; ) {
    const part = entries.slice(at, at + batch(at));
    tree.append(at, part);
    at += part.length;
  }
  return { tree, tiles };
}

/** RFC 6962 §2.1, straight from the definition. */
function definedRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0]!;
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return innerHash(definedRoot(hashes.slice(0, split)), definedRoot(hashes.slice(split)));
}

/** RFC 9162 §2.1.3.2. */
function provesInclusion(
  root: Uint8Array,
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): boolean {
  if (index >= size || leaf.length !== 32) return false;
  let [fn, sn] = [index, size - 1];
  let hash = leaf;
  for (const step of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = innerHash(step, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      hash = innerHash(hash, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && Buffer.compare(hash, root) === 0;
}

const entriesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => Buffer.from(`entry ${i}`));

describe("the verifier of these tests", () => {
  const folder = join(vectors, "transparency-dev-merkle/testdata/inclusion");
  it.skipIf(!existsSync(folder))("agrees with transparency-dev/merkle on all inclusion vectors", () => {
    let checked = 0;
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".json")) continue;
      const vector = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
        root: string;
        leafHash: string;
        leafIdx: number;
        treeSize: number;
        proof: string[] | null;
        wantErr: boolean;
      };
      const bytes = (text: string | null): Buffer => Buffer.from(text ?? "", "base64");
      const path = (vector.proof ?? []).map(bytes);
      const [index, size] = [vector.leafIdx, vector.treeSize];
      const holds = provesInclusion(bytes(vector.root), bytes(vector.leafHash), index, size, path);
      expect(holds, file).toBe(!vector.wantErr);
      checked++;
    }
    expect(checked).toBeGreaterThan(50);
  });
});

describe("the tree", () => {
  it("has the root that RFC 6962 defines, however it was appended", () => {
    const entries = entriesOf(1300);
    const hashes = entries.map(leafHash);
    for (const batch of [() => 1300, () => 1, (at: number) => 1 + ((at * 7) % 300)]) {
      const { tree } = treeOf(entries, batch);
      for (const size of [0, 1, 2, 3, 255, 256, 257, 511, 512, 700, 1024, 1299, 1300]) {
        expect(Buffer.from(tree.root(size)), `size ${size}`).toEqual(Buffer.from(definedRoot(hashes.slice(0, size))));
      }
    }
  });

  it("proves every entry at every size up to 70, and samples of larger trees", () => {
    const entries = entriesOf(1300);
    const { tree } = treeOf(entries, () => 97);
    const check = (index: number, size: number): void => {
      const path = tree.inclusionPath(index, size);
      expect(
        provesInclusion(tree.root(size), leafHash(entries[index]!), index, size, path),
        `${index} of ${size}`,
      ).toBe(true);
    };
    for (let size = 1; size <= 70; size++) for (let index = 0; index < size; index++) check(index, size);
    for (const size of [256, 257, 513, 1299, 1300]) for (let index = 0; index < size; index += 37) check(index, size);
  });

  it("grows a third level of tiles at 65,536 entries", () => {
    const entries = entriesOf(65_600);
    const { tree, tiles } = treeOf(entries, () => 5000);
    expect(tiles.readTile(2, 0)?.length).toBe(32);
    const root = tree.root(65_600);
    for (const index of [0, 255, 256, 65_535, 65_536, 65_599]) {
      const path = tree.inclusionPath(index, 65_600);
      expect(provesInclusion(root, leafHash(entries[index]!), index, 65_600, path)).toBe(true);
    }
  });

  it("has no path for what it does not hold", () => {
    const { tree } = treeOf(entriesOf(3), () => 3);
    for (const [index, size] of [
      [3, 3],
      [-1, 3],
      [0.5, 3],
      [0, 0],
    ] as const) {
      expect(() => tree.inclusionPath(index, size)).toThrow(RangeError);
    }
  });
});

describe("tessera's log (C2SP tlog-tiles)", () => {
  const folder = join(vectors, "tessera-tlog-tiles/testdata/log");
  it.skipIf(!existsSync(folder))("is reproduced from its entries: tiles, bundles and checkpoint roots", () => {
    const bundle = readFileSync(join(folder, "tile/entries/000.p/15"));
    const entries: Buffer[] = [];
    for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at)) {
      entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
    }
    expect(entries.length).toBe(15);
    const { tree, tiles } = treeOf(entries, () => 1);
    for (let size = 1; size <= 15; size++) {
      expect(Buffer.from(tiles.readTile(0, 0)!.slice(0, 32 * size))).toEqual(
        readFileSync(join(folder, `tile/0/000.p/${size}`)),
      );
      expect(Buffer.from(entryBundle(entries.slice(0, size)))).toEqual(
        readFileSync(join(folder, `tile/entries/000.p/${size}`)),
      );
      const [, sizeLine, rootLine] = readFileSync(join(folder, `checkpoint.${size}`), "utf8").split("\n");
      expect(Number(sizeLine)).toBe(size);
      expect(Buffer.from(tree.root(size)).toString("base64")).toBe(rootLine);
    }
  });
});

describe("paths of tiles", () => {
  it.each([
    ["0/000", { level: 0, number: 0, width: 256 }],
    ["1/x001/x234/067", { level: 1, number: 1_234_067, width: 256 }],
    ["entries/000.p/15", { level: "entries", number: 0, width: 15 }],
    ["63/001.p/255", { level: 63, number: 1, width: 255 }],
  ] as const)("%s", (path, tile) => {
    expect(parseTilePath(path)).toEqual(tile);
    expect(path).toContain(tileNumberText(tile.number));
  });
  it.each([
    "",
    "0",
    "0/",
    "0/0",
    "0/0000",
    "00/000",
    "64/000",
    "0/000/001",
    "0/x000/001",
    "0/000.p/0",
    "0/000.p/256",
    "0/000.p/01",
    "0/000.p",
    "entries/../000",
    "-1/000",
    "0/x999/x999/x999/x999/999/000",
  ])("%j is none", (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });
});

describe("checkpoints", () => {
  it("are signed notes that the verifier key opens", () => {
    const key = signerOfSeed(Buffer.alloc(32, 7));
    const origin = checkpointOrigin("glasstown-1");
    const root = Buffer.alloc(32, 9);
    const note = signedCheckpoint(origin, 42, root, key, nativeHasher);
    const [text = "", signatures = ""] = note.split(/(?<=\n)\n/);
    expect(text).toBe(`glasstown/glasstown-1\n42\n${root.toString("base64")}\n`);
    const line = /^— glasstown\/glasstown-1 ([A-Za-z0-9+/=]+)\n$/.exec(signatures);
    const stamp = Buffer.from(line?.[1] ?? "", "base64");
    const [name = "", hash = "", keyText = ""] = verifierKey(origin, key.publicKey, nativeHasher).split("+", 3);
    expect(name).toBe(origin);
    expect(stamp.subarray(0, 4).toString("hex")).toBe(hash);
    expect(Buffer.from(keyText, "base64")[0]).toBe(1);
    const info = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.publicKey]);
    const publicKey = createPublicKey({ key: info, format: "der", type: "spki" });
    expect(verify(null, Buffer.from(text), publicKey, stamp.subarray(4))).toBe(true);
  });
});
