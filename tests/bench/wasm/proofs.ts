// Proofs verified through the typed binding: inclusion at depth 20 (41 compressions with the leaf's), one at a time and in
// batches, multi-proofs, and ICS-23 claims against the JavaScript that the Cosmos world uses.

import { ics23, tendermintSpec, verifyMembership } from "@confio/ics23";
import { packHashes } from "../../../wasm-core/bindings/hashes.ts";
import type { MembershipClaim } from "../../../wasm-core/bindings/ics23.ts";
import { packInclusionsIn } from "../../../wasm-core/bindings/merkle-proofs.ts";
import type { MerkleTree } from "../../../wasm-core/bindings/merkle-tree.ts";
import { seededNumbers } from "../../seeded-numbers.ts";
import type { WasmBench } from "./wasm-bench.ts";

const depth = 20;

export function proofLines(bench: WasmBench): void {
  const size = 2 ** depth;
  const hashes = new Uint8Array(size * 32);
  const view = new DataView(hashes.buffer);
  for (let i = 0; i < size; i++) view.setUint32(i * 32, i);
  const tree = bench.core.merkleTree(hashes);
  inclusionLines(bench, tree, hashes);
  multiProofLine(bench, tree, hashes);
  membershipLine(bench);
}

function requireAll(hold: boolean): void {
  if (!hold) throw new Error("a right proof was refused");
}

function inclusionLines({ core, quick, compareRates }: WasmBench, tree: MerkleTree, hashes: Uint8Array): void {
  const random = seededNumbers(20);
  const head = { root: tree.root(), size: tree.size };
  const proofs = Array.from({ length: quick ? 256 : 4_096 }, () => {
    const index = random(tree.size);
    return { index, leafHash: hashes.slice(index * 32, index * 32 + 32), path: tree.inclusionPath(index) };
  });
  const packed = packInclusionsIn(proofs);
  compareRates({
    bench: "wasm/proof-verify-batch",
    unit: `proofs of depth ${depth}/s`,
    units: proofs.length,
    goal: 180_000,
    ours: () => requireAll(!core.verifyPackedInclusions(packed, head).includes(0)),
  });
  compareRates({
    bench: "wasm/proof-verify-batch-of-lists",
    unit: `proofs of depth ${depth}/s`,
    units: proofs.length,
    goal: 180_000,
    ours: () => requireAll(!core.verifyInclusionsIn(head, proofs).includes(false)),
  });
  compareRates({
    bench: "wasm/proof-verify-single",
    unit: `proofs of depth ${depth}/s`,
    units: proofs.length,
    goal: 60_000,
    ours: () => {
      for (const { leafHash, index, path } of proofs)
        requireAll(core.verifyInclusion(head.root, leafHash, index, head.size, path));
    },
  });
  compareRates({
    bench: "wasm/proof-make",
    unit: `proofs of depth ${depth}/s`,
    units: proofs.length,
    goal: null,
    ours: () => {
      for (const { index } of proofs) tree.inclusionPath(index);
    },
  });
}

function multiProofLine({ core, compareRates }: WasmBench, tree: MerkleTree, hashes: Uint8Array): void {
  const random = seededNumbers(21);
  const head = { root: tree.root(), size: tree.size };
  const indices = [...new Set(Array.from({ length: 1_000 }, () => random(tree.size)))].sort((a, b) => a - b);
  const leafHashes = packHashes(indices.map((index) => hashes.subarray(index * 32, index * 32 + 32)));
  const proof = packHashes(tree.multiProof(indices));
  compareRates({
    bench: "wasm/multi-proof-verify",
    unit: `leaves/s, ${indices.length} of 2^${depth} together`,
    units: indices.length,
    goal: null,
    ours: () => requireAll(core.verifyMultiProof(head, indices, leafHashes, proof)),
  });
}

/** Claims of the state tree's form: keys of 32 bytes, values of 200, paths of 20. */
function membershipLine({ core, quick, compareRates }: WasmBench): void {
  const random = seededNumbers(23);
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => random(256));
  const leafOp = {
    hash: ics23.HashOp.SHA256,
    prehashKey: ics23.HashOp.NO_HASH,
    prehashValue: ics23.HashOp.SHA256,
    length: ics23.LengthOp.VAR_PROTO,
    prefix: Uint8Array.of(0),
  };
  // All leaves have one root: the tree's upper half is a single path, below which a small tree holds the claims.
  const claimed = quick ? 16 : 256;
  const entries = Array.from({ length: claimed }, () => ({ key: noise(32), value: noise(200) }));
  const leaves = entries.map(({ key, value }) => core.sha256(Uint8Array.of(0, 32, ...key, 32, ...core.sha256(value))));
  const small = core.merkleTree(leaves);
  const above = Array.from({ length: depth - Math.log2(claimed) }, () => noise(32));
  const root = above.reduce((node, sibling) => core.innerHash(sibling, node), small.root());
  const left = (sibling: Uint8Array): ics23.IInnerOp => ({
    hash: ics23.HashOp.SHA256,
    prefix: Uint8Array.of(1, ...sibling),
  });
  const right = (sibling: Uint8Array): ics23.IInnerOp => ({
    hash: ics23.HashOp.SHA256,
    prefix: Uint8Array.of(1),
    suffix: sibling,
  });
  const claims: MembershipClaim[] = entries.map(({ key, value }, index) => {
    const path = [
      ...small.inclusionPath(index).map((sibling, level) => ((index >> level) & 1 ? left(sibling) : right(sibling))),
      ...above.map(left),
    ];
    const proof = ics23.CommitmentProof.encode({ exist: { key, value, leaf: leafOp, path } }).finish();
    return { key, value, proof };
  });
  const peer = {
    name: "@confio/ics23 0.6.8",
    work: () => {
      for (const { key, value, proof } of claims)
        requireAll(verifyMembership(ics23.CommitmentProof.decode(proof), tendermintSpec, root, key, value!));
    },
  };
  const comparison = { unit: `ICS-23 proofs of depth ${depth}/s`, units: claims.length, goal: null, peer };
  compareRates({
    ...comparison,
    bench: "wasm/ics23-verify-batch",
    ours: () => requireAll(!core.verifyMemberships(root, claims).includes(false)),
  });
  compareRates({
    ...comparison,
    bench: "wasm/ics23-verify-single",
    ours: () => {
      for (const { key, value, proof } of claims) requireAll(core.verifyMembership(root, key, value!, proof));
    },
  });
}
