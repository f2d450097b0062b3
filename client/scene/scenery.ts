// Furniture and solar panels: placed once, never moved.

import type { Scene } from "@babylonjs/core/scene.js";
import type { Scenery } from "../../worlds/format/world.ts";
import { hashOf } from "./frame.ts";
import type { Materials } from "./materials.ts";
import { PropSet } from "./prop-set.ts";
import { linear } from "./shapes/shape.ts";
import { furnitureKinds, furnitureShape, solarPanelShape } from "./shapes/street.ts";

const hulls = ["#f2efe8", "#33566b", "#7b3b32", "#44684d", "#c9ccce"].map(linear);

/** Returns what throws shadows. */
export function placeScenery(scene: Scene, materials: Materials, scenery: Scenery): PropSet[] {
  const sets: PropSet[] = [];
  for (const kind of furnitureKinds) {
    const list = scenery.furniture.filter((piece) => piece.kind === kind);
    if (list.length === 0) continue;
    const set = new PropSet(`furniture-${kind}`, scene, materials, furnitureShape(kind), "still", {
      moving: false,
      twoSided: true,
    });
    list.forEach((piece, i) => {
      set.add(piece.x, piece.z, piece.y, piece.heading, 1, hulls[Math.floor(hashOf(i + 5) * hulls.length)]!, 0.4);
    });
    set.upload();
    sets.push(set);
  }
  if (scenery.panels.length > 0) {
    const set = new PropSet("solar-panels", scene, materials, solarPanelShape(), "still", { moving: false });
    for (const panel of scenery.panels) {
      // `heading` is where the panel faces; its lower edge lies there.
      const pitch = (-panel.tilt * Math.PI) / 180;
      set.add(panel.x, panel.z + 0.08, panel.y, panel.heading, [panel.width, 1, panel.depth], [1, 1, 1], 0, pitch);
    }
    set.upload();
    sets.push(set);
  }
  return sets;
}
