// The light module says of everything what the core says: it is built of the same sources, only smaller.

import { describe, expect, test } from "vitest";
import { FakeTree } from "../../ledger/light/testing/fake-tree.ts";
import { encodeLightBlock } from "../../tests/conformance/comet-protobuf.ts";
import { compiledModule, runnableVariants } from "../../tests/conformance/variants.ts";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { instantiateLightCore, instantiateLightCoreSync } from "./light-core.ts";
import { loadCore } from "./node.ts";
import { madeChain, madeLightBlock } from "./testing/made-block.ts";

const core = loadCore();
const seed = Date.now() % 0x7fff_ffff;
const random = seededNumbers(seed);
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, () => random(256));
const made = madeLightBlock(core, [40n, 30n, 20n, 10n], [2, 2, 3, 1]);
const block = encodeLightBlock({ header: made.header, commit: made.commit }, made.validators);

/** The bytes with one changed, or as they are. */
function maybeChanged(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  if (random(4) > 0) changed[random(changed.length)]! ^= 1 << random(8);
  return changed;
}

describe.each(runnableVariants)(`light.%s (seed ${seed})`, (variant) => {
  const light = instantiateLightCoreSync(compiledModule("light", variant));

  test("light blocks, sound and damaged", () => {
    for (let round = 0; round < 1_000; round++) {
      const bytes = maybeChanged(block);
      expect(light.checkLightBlock(bytes, madeChain)).toEqual(core.checkLightBlock(bytes, madeChain));
    }
    expect(light.checkLightBlock(block, madeChain).verdict).toBe("sound");
  });

  test("a sound light block says nothing of where the one before was damaged", () => {
    const damaged = block.map((byte, at) => (at === 46 ? byte ^ 0xff : byte));
    for (const each of [light, core]) {
      expect(each.checkLightBlock(damaged, madeChain).verdict).not.toBe("sound");
      expect(each.checkLightBlock(block, madeChain)).toMatchObject({ verdict: "sound", at: 0 });
    }
  });

  test("hashes and roots", () => {
    for (const length of [0, 1, 55, 56, 64, 1_000, 65_535, 65_536, 65_537, 200_000]) {
      const message = bytesOf(length);
      expect(light.sha256(message)).toEqual(core.sha256(message));
      expect(light.leafHash(message)).toEqual(core.leafHash(message));
    }
    for (let count = 0; count < 40; count++) {
      const leaves = Array.from({ length: count }, () => bytesOf(random(100)));
      expect(light.merkleRoot(leaves)).toEqual(core.merkleRoot(leaves));
      expect(light.dataHash(leaves)).toEqual(core.dataHash(leaves));
    }
  });

  test("inclusion and consistency, sound and damaged", () => {
    const leaves = Array.from({ length: 50 }, (_, i) => core.leafHash(Uint8Array.of(i)));
    const root = core.merkleRootOfHashes(leaves);
    let sound = 0;
    for (let round = 0; round < 400; round++) {
      const index = random(50);
      const path = core.inclusionPath(leaves, index).map((hash) => (random(8) === 0 ? maybeChanged(hash) : hash));
      const asked = [root, leaves[index]!, index, 50, path] as const;
      const verdict = light.verifyInclusion(...asked);
      expect(verdict).toBe(core.verifyInclusion(...asked));
      if (verdict) sound++;
    }
    expect(sound).toBeGreaterThan(50);
    expect(sound).toBeLessThan(400);
  });

  test("ICS-23 proofs of presence and absence, sound and damaged", () => {
    const entries = new Map(Array.from({ length: 20 }, (_, i) => [`entry/${i}`, bytesOf(30)]));
    const tree = new FakeTree(core, entries);
    for (let round = 0; round < 400; round++) {
      const name = `entry/${random(30)}`;
      const [key, value] = [core.sha256(new TextEncoder().encode(name)), entries.get(name)];
      const proof = maybeChanged(tree.proof(name));
      if (value !== undefined)
        expect(light.verifyMembership(tree.root, key, value, proof)).toBe(
          core.verifyMembership(tree.root, key, value, proof),
        );
      expect(light.verifyNonMembership(tree.root, key, proof)).toBe(core.verifyNonMembership(tree.root, key, proof));
    }
    const absent = core.sha256(new TextEncoder().encode("entry/99"));
    expect(light.verifyNonMembership(tree.root, absent, tree.proof("entry/99"))).toBe(true);
  });

  test("loads without blocking too, and no other module passes for it", async () => {
    const again = await instantiateLightCore(compiledModule("light", variant));
    expect(again.sha256(block)).toEqual(core.sha256(block));
    await expect(instantiateLightCore(compiledModule("ed25519", variant))).rejects.toThrow(TypeError);
    // The core has all that the light module has.
    expect(instantiateLightCoreSync(compiledModule("core", variant)).sha256(block)).toEqual(core.sha256(block));
  });
});
