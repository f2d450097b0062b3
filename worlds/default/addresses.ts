// Gives every building the street that its door looks to, and a number: odd on the left, even on the right.

import type { StreetGraph } from "../format/world.ts";
import type { Point2 } from "../geometry/vector.ts";
import { alongLine, edgePoints, StreetIndex } from "../sidecars/street-graph.ts";

export interface Address {
  readonly street: string;
  readonly number: string;
}

/** @param doors null for landmarks, which are known by name. */
export function addressBook(
  doors: readonly { id: string; door: Point2 | null }[],
  graph: StreetGraph,
): Map<string, Address> {
  const index = new StreetIndex(graph);
  const byStreet = new Map<string, { id: string; order: number; left: boolean }[]>();
  for (const { id, door } of doors) {
    if (door === null) continue;
    const near = index.nearest(door[0], door[1], (edge) => edge.class !== "path" && edge.bridge === undefined);
    if (near === null || near.distance > 60) continue;
    const edge = graph.edges[near.edge]!;
    const { x, y, dx, dy } = alongLine(edgePoints(graph, edge), near.along);
    const left = dx * (door[1] - y) - dy * (door[0] - x) > 0;
    // Edges of a street follow each other in the list, so the list's order is the street's.
    const list = byStreet.get(edge.name) ?? [];
    if (list.length === 0) byStreet.set(edge.name, list);
    list.push({ id, order: near.edge * 10_000 + near.along, left });
  }
  const book = new Map<string, Address>();
  for (const [street, list] of byStreet) {
    let odd = 1;
    let even = 2;
    for (const { id, left } of list.sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1))) {
      book.set(id, { street, number: String(left ? odd : even) });
      if (left) odd += 2;
      else even += 2;
    }
  }
  return book;
}
