// What stands still on the map, as few long SVG paths: thousands of elements would be slow. North is up, so y is turned.

import { computed } from "@preact/signals";
import type { StreetEdge, StreetGraph, WorldObject } from "../../../worlds/format/world.ts";
import { trees } from "../../core/map-ground.ts";
import { edgeLine } from "../../core/street-route.ts";
import { objects, streets } from "../../core/world.ts";

/** Parks larger than this, m², are landscape and not boxes. */
const parkAreaMax = 90_000;
/** Named places shown on the map. */
const labelsMax = 40;

const rectangle = (x: number, y: number, x2: number, y2: number): string =>
  `M${x.toFixed(0)} ${(-y2).toFixed(0)}h${(x2 - x).toFixed(0)}v${(y2 - y).toFixed(0)}h${(x - x2).toFixed(0)}z`;

function boxesPath(list: readonly WorldObject[], wanted: (object: WorldObject) => boolean): string {
  return list
    .filter(wanted)
    .map(({ box }) => rectangle(box[0], box[1], box[3], box[4]))
    .join("");
}

// Only buildings have a height; the boxes of streets, squares and rivers say nothing about their shape.
export const buildings = computed(() =>
  boxesPath(objects.value, ({ height, solarW }) => height !== undefined && solarW === undefined),
);
export const solarBuildings = computed(() =>
  boxesPath(objects.value, ({ height, solarW }) => height !== undefined && solarW !== undefined),
);
export const parks = computed(() =>
  boxesPath(objects.value, ({ use, box }) => use === "park" && (box[3] - box[0]) * (box[4] - box[1]) < parkAreaMax),
);

/** A dot each: a line of no length with round ends. */
export const treeDots = computed(() => trees.value.map(({ x, y }) => `M${x.toFixed(0)} ${(-y).toFixed(0)}h0`).join(""));

/** Streets of about the same width together, wide ones last. */
export const streetPaths = computed((): readonly { readonly width: number; readonly path: string }[] => {
  const graph = streets.value;
  if (graph === null) return [];
  const byWidth = new Map<number, string>();
  for (const edge of graph.edges) {
    const width = widthOf(edge);
    byWidth.set(width, (byWidth.get(width) ?? "") + linePath(graph, edge));
  }
  return [...byWidth].map(([width, path]) => ({ width, path })).sort((a, b) => a.width - b.width);
});

/** Kerb to kerb and pavements, in steps of 3 m so that there are few paths. */
const widthOf = (edge: StreetEdge): number =>
  Math.max(3, Math.min(30, Math.round((edge.carriageway + edge.pavement * 1.2) / 3) * 3));

function linePath(graph: StreetGraph, edge: StreetEdge): string {
  return edgeLine(graph, edge)
    .map(([x, y], number) => `${number === 0 ? "M" : "L"}${x.toFixed(0)} ${(-y).toFixed(0)}`)
    .join("");
}

const labelled = new Set(["culture", "civic", "bridge", "park", "tower", "school", "retail"]);
const centre = (from: number, to: number): number => (from + to) / 2;

/** Names of places that people look for, the large ones first. */
export const labels = computed(() =>
  objects.value
    .filter(({ name, use }) => name !== undefined && labelled.has(use))
    .map(({ id, name, use, box }) => ({
      id,
      name: name ?? "",
      use,
      x: centre(box[0], box[3]),
      y: centre(box[1], box[4]),
      area: (box[3] - box[0]) * (box[4] - box[1]),
    }))
    // What is much larger than the town's parts (the river, the fields) has no centre worth a name.
    .filter(({ area }) => area < 10 * parkAreaMax)
    .sort((a, b) => Number(lesser.has(a.use)) - Number(lesser.has(b.use)) || b.area - a.area)
    .slice(0, labelsMax),
);
const lesser = new Set(["tower", "school", "retail"]);

/** Those names that fit at a size (metres a line) without lying on each other; the more important ones first. */
export function fitting<T extends { readonly name: string; readonly x: number; readonly y: number }>(
  all: readonly T[],
  line: number,
): readonly T[] {
  const kept: T[] = [];
  const half = ({ name }: T): number => name.length * line * 0.3;
  for (const one of all) {
    const clear = kept.every(
      (other) => Math.abs(other.y - one.y) > line * 1.4 || Math.abs(other.x - one.x) > half(other) + half(one),
    );
    if (clear) kept.push(one);
  }
  return kept;
}
