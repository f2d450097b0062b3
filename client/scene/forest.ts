// All trees: near ones in full, far ones simple, sorted anew when the eye has moved.

import type { Scene } from "@babylonjs/core/scene.js";
import type { Scenery } from "../../worlds/format/world.ts";
import { hashOf } from "./frame.ts";
import type { Materials } from "./materials.ts";
import { PropSet } from "./prop-set.ts";
import type { Quality } from "./quality.ts";
import { crownColours, type Species, speciesList, treeShape } from "./shapes/trees.ts";

const stepMetres = 12;

export class Forest {
  readonly near: readonly PropSet[];
  readonly far: readonly PropSet[];
  readonly #trees: Scenery["trees"];
  readonly #nearReach: number;
  readonly #farReach: number;
  readonly #share: number;
  #x = Number.NaN;
  #z = Number.NaN;

  constructor(scene: Scene, materials: Materials, trees: Scenery["trees"], quality: Quality) {
    this.#trees = trees;
    this.#nearReach = quality.simpleShaders ? 0 : quality.softShadows ? 150 : 95;
    this.#farReach = quality.treeReach;
    this.#share = quality.treeShare;
    const set = (species: Species, near: boolean): PropSet =>
      new PropSet(`trees-${species}-${near ? "near" : "far"}`, scene, materials, treeShape(species, near), "wind", {
        moving: true,
        twoSided: true,
      });
    this.near = speciesList.map((species) => set(species, true));
    this.far = speciesList.map((species) => set(species, false));
  }

  update(x: number, z: number): void {
    if (Math.hypot(x - this.#x, z - this.#z) < stepMetres) return;
    this.#x = x;
    this.#z = z;
    for (const set of [...this.near, ...this.far]) set.clear();
    this.#trees.forEach((tree, i) => {
      const distance = Math.hypot(tree.x - x, tree.y - z);
      if (distance > this.#farReach || (distance > 60 && hashOf(i) > this.#share)) return;
      const species = Math.max(0, speciesList.indexOf(tree.species));
      const set = (distance < this.#nearReach ? this.near : this.far)[species]!;
      const r = hashOf(i + 17);
      const s = (tree.height / 10) * (0.94 + 0.12 * r);
      const wide = s * (0.9 + 0.25 * hashOf(i + 91));
      const [red, green, blue] = crownColours[speciesList[species]!];
      const bright = 0.82 + 0.4 * hashOf(i + 31);
      const autumn = hashOf(i + 53) * 0.22;
      set.add(
        tree.x,
        tree.z - 0.05,
        tree.y,
        r * 360,
        [wide, s, wide],
        [red * bright * (1 + autumn), green * bright, blue * bright * (1 - autumn * 0.6)],
        r,
      );
    });
    for (const set of [...this.near, ...this.far]) set.upload();
  }
}
