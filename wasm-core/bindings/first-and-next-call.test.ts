// What a call finds when it is an instance's first, and when it follows a refusal: tables not made yet, lists not emptied.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { coreVariants, fileOf } from "../modules.ts";
import type { Core } from "./core.ts";
import { instantiateCoreSync } from "./instantiate.ts";
import { loadStateTree } from "./node.ts";
import { ModelTree, someHashes } from "./testing/rfc6962-model.ts";

const model = new ModelTree(someHashes(2_000));
const size = 2_000;
const head = { root: model.root(size), size };
const proofOf = (index: number) => ({ leafHash: model.hashes[index]!, index, path: model.path(index, size) });

const state = loadStateTree();
const entryNames = Array.from({ length: 100 }, (_, n) => `n/${n}`);
const stateValue = (name: string): Uint8Array => new TextEncoder().encode(`value of ${name}`);
state.prepare(entryNames.map((name) => ({ name, value: stateValue(name) })));
state.commit(1);
const stateProofs = entryNames.map((name) => state.prove(name)!);

/** Every way to inner hashes: alone, by lists, by four subtrees; and what each must answer. */
const ways: readonly (readonly [name: string, work: (core: Core) => unknown, answer: unknown])[] = [
  ["a root of leaf hashes, four subtrees at once", (core) => core.merkleTree(model.hashes).root(size), head.root],
  ["an inner node", (core) => core.innerHash(model.hashes[0]!, model.hashes[1]!), model.root(2)],
  ["inclusion", (core) => core.verifyInclusion(head.root, model.hashes[7]!, 7, size, model.path(7, size)), true],
  [
    "inclusions by lists",
    (core) =>
      core.verifyInclusionsIn(
        head,
        Array.from({ length: 100 }, (_, i) => proofOf(i * 19)),
      ),
    new Array(100).fill(true),
  ],
  [
    "a multi-proof",
    (core) => {
      const indices = Array.from({ length: 100 }, (_, i) => i * 17);
      const hashes = indices.map((index) => model.hashes[index]!);
      return core.verifyMultiProof(head, indices, hashes, model.multiProof(new Set(indices), size));
    },
    true,
  ],
  [
    "ICS-23 memberships",
    (core) => {
      const key = (name: string): Uint8Array => core.sha256(new TextEncoder().encode(name));
      const claims = entryNames.map((name, at) => ({
        key: key(name),
        value: stateValue(name),
        proof: stateProofs[at]!,
      }));
      return core.verifyMemberships(state.root(), claims);
    },
    entryNames.map(() => true),
  ],
];

describe.each(coreVariants)("%s", (variant) => {
  const file = new URL(`../../build/wasm/${fileOf({ name: "core" }, variant)}`, import.meta.url);
  const module = new WebAssembly.Module(readFileSync(file));

  test.each(ways)("an instance's first call: %s", (_, work, answer) => {
    expect(work(instantiateCoreSync(module))).toEqual(answer);
  });

  test("an instance's first call: the root of 1,024 values, packed", () => {
    const values = someHashes(1_024);
    const packed = new Uint8Array(Buffer.concat(values));
    const [first, second] = [instantiateCoreSync(module), instantiateCoreSync(module)];
    const one = first.merkleRootOfPacked(packed, 32);
    expect(second.merkleRoot(values)).toEqual(one);
    const leaf = (value: Uint8Array): Uint8Array => first.sha256(Uint8Array.of(0, ...value));
    expect(new ModelTree(values.map((value) => new Uint8Array(leaf(value)))).root(1_024)).toEqual(one);
  });

  test.each(ways)("the call after a multi-proof that was refused halfway: %s", (_, work, answer) => {
    const core = instantiateCoreSync(module);
    // Leaves far apart, so that each needs a hash of the proof; the last one's is missing when all others are listed.
    const indices = Array.from({ length: 200 }, (_, i) => i * 8);
    const hashes = indices.map((index) => model.hashes[index]!);
    const proof = model.multiProof(new Set(indices), size);
    expect(core.verifyMultiProof(head, indices, hashes, proof)).toBe(true);
    for (const length of [199, 60, 3]) {
      expect(core.verifyMultiProof(head, indices, hashes, proof.slice(0, length))).toBe(false);
      expect(work(core)).toEqual(answer);
    }
  });
});
