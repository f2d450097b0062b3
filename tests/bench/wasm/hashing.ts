// SHA-256 and RFC 6962 roots of the core's own code (never the platform's hash) against the fastest ways of each peer.
// Compressions of a root: 33-byte leaves take one, 65-byte inner nodes two.

import { digest64, hashInto } from "@chainsafe/as-sha256";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { createSHA256, type IHasher } from "hash-wasm";
import sodium from "libsodium-wrappers-sumo";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import { instantiateCore } from "../../../wasm-core/bindings/instantiate.ts";
import { seededNumbers } from "../../seeded-numbers.ts";
import type { WasmBench } from "./wasm-bench.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export async function hashingLines(bench: WasmBench): Promise<void> {
  const core = await instantiateCore(bench.moduleBytes("core"));
  const hasher = await createSHA256();
  for (const exponent of bench.quick ? [10] : [16, 20]) {
    const leaves = noise(2 ** exponent * 32);
    rootLine(bench, core, hasher, leaves, exponent);
    treeLines(bench, core, leaves, exponent);
  }
  await lines64(bench, core, hasher);
  longLines(bench, core, hasher);
}

function rootLine({ compareRates }: WasmBench, core: Core, hasher: IHasher, leaves: Bytes, exponent: number): void {
  expectSame(core.merkleRootOfPacked(leaves, 32), hashWasmRoot(hasher, leaves));
  compareRates({
    bench: `wasm/merkle-root-2^${exponent}`,
    unit: "compressions/s",
    units: 3 * 2 ** exponent - 2,
    goal: 6,
    ours: () => core.merkleRootOfPacked(leaves, 32),
    peer: { name: "hash-wasm 4.13.0", work: () => hashWasmRoot(hasher, leaves) },
  });
}

/** Root of a power of two of 32-byte leaves, level by level in place, one update a node. */
function hashWasmRoot(hasher: IHasher, leaves: Bytes): Uint8Array {
  const level = new Uint8Array(leaves.length);
  const leaf = new Uint8Array(33);
  for (let at = 0; at < leaves.length; at += 32) {
    leaf.set(leaves.subarray(at, at + 32), 1);
    level.set(hasher.init().update(leaf).digest("binary"), at);
  }
  const node = new Uint8Array(65);
  node[0] = 1;
  for (let length = leaves.length; length > 32; length /= 2) {
    for (let at = 0; at < length; at += 64) {
      node.set(level.subarray(at, at + 64), 1);
      level.set(hasher.init().update(node).digest("binary"), at / 2);
    }
  }
  return level.slice(0, 32);
}

/**
 * A tree over the same leaves by the peer's rule, which does a third less: leaves are taken as they are, and an inner node has
 * 64 bytes and two compressions. Compared by compressions, and by leaves, where the difference between the rules counts too.
 */
function treeLines({ compareRates }: WasmBench, core: Core, leaves: Bytes, exponent: number): void {
  const levels = [leaves];
  for (let length = leaves.length / 2; length >= 32; length /= 2) levels.push(new Uint8Array(length));
  const name = "@chainsafe/as-sha256 1.2.5 hashInto, 64-byte nodes";
  const ours = (): void => void core.merkleRootOfPacked(leaves, 32);
  const work = (): void => {
    for (let i = 1; i < levels.length; i++) hashInto(levels[i - 1]!, levels[i]!);
  };
  compareRates({
    bench: `wasm/merkle-root-2^${exponent}-as-sha256`,
    unit: "compressions/s",
    units: 3 * 2 ** exponent - 2,
    goal: 3,
    ours,
    peer: { name, work, units: 2 * (2 ** exponent - 1) },
  });
  compareRates({
    bench: `wasm/merkle-root-2^${exponent}-as-sha256-leaves`,
    unit: "leaves/s",
    units: 2 ** exponent,
    goal: null,
    ours,
    peer: { name, work },
  });
}

/** Messages of 64 bytes: one at a time against each peer, then 1,024 that lie together. */
async function lines64(bench: WasmBench, core: Core, hasher: IHasher): Promise<void> {
  await sodium.ready;
  const count = 1024;
  const packed = noise(count * 64);
  const messages = Array.from({ length: count }, (_, i) => packed.subarray(i * 64, (i + 1) * 64));
  const peers: Record<string, { readonly name: string; readonly hash: (message: Uint8Array) => Uint8Array }> = {
    "hash-wasm": { name: "hash-wasm 4.13.0", hash: (message) => hasher.init().update(message).digest("binary") },
    "as-sha256": { name: "@chainsafe/as-sha256 1.2.5 digest64", hash: digest64 },
    libsodium: { name: "libsodium-wrappers-sumo 0.8.4", hash: (message) => sodium.crypto_hash_sha256(message) },
    noble: { name: "@noble/hashes 2.4.0", hash: nobleSha256 },
  };
  if (bench.nativeSha256 !== null) peers["native"] = { name: "node:crypto hash()", hash: bench.nativeSha256 };
  for (const [peer, { name, hash }] of Object.entries(peers)) {
    expectSame(core.sha256(messages[0]!), hash(messages[0]!));
    bench.compareRates({
      bench: peer === "hash-wasm" ? "wasm/sha256-64-bytes" : `wasm/sha256-64-bytes-${peer}`,
      unit: "messages/s",
      units: count,
      goal: 1.2,
      ours: () => {
        for (const message of messages) core.sha256(message);
      },
      peer: {
        name,
        work: () => {
          for (const message of messages) hash(message);
        },
      },
    });
  }
  const digests = new Uint8Array(count * 32);
  hashInto(packed, digests);
  expectSame(core.sha256Many(packed, 64), digests);
  bench.compareRates({
    bench: "wasm/sha256-64-bytes-batch",
    unit: "messages/s",
    units: count,
    goal: 1.2,
    ours: () => core.sha256Many(packed, 64),
    peer: { name: "@chainsafe/as-sha256 1.2.5 hashInto", work: () => hashInto(packed, digests) },
  });
}

function longLines({ compareRates }: WasmBench, core: Core, hasher: IHasher): void {
  const message = noise(2 ** 20);
  compareRates({
    bench: "wasm/sha256-long",
    unit: "MB/s",
    units: message.length / 1e6,
    goal: 1.2,
    ours: () => core.sha256(message),
    peer: { name: "hash-wasm 4.13.0", work: () => hasher.init().update(message).digest("binary") },
  });
}

/** The same bytes in every run. */
function noise(length: number): Bytes {
  const random = seededNumbers(length);
  return new Uint8Array(length).map(() => random(256));
}

function expectSame(ours: Uint8Array, theirs: Uint8Array): void {
  if (ours.length !== theirs.length || ours.some((byte, i) => byte !== theirs[i])) {
    throw new Error("ours and the peer's hashes differ");
  }
}
