import { describe, expect, it } from "vitest";
import type { StreetGraph } from "../../worlds/format/world.ts";
import { advance, headingOf, nearestStreet, route } from "./street-route.ts";

const street = { name: "S", class: "street", carriageway: 8, pavement: 2, lanes: 2 } as const;
/** A square of 100 m with a detour: 0 south-west, 1 south-east, 2 north-east, 3 north-west; 3 to 0 is missing. */
const graph: StreetGraph = {
  nodes: [
    [0, 0],
    [100, 0],
    [100, 100],
    [0, 100],
  ],
  edges: [
    { ...street, a: 0, b: 1 },
    { ...street, a: 1, b: 2, via: [[110, 50]] },
    { ...street, a: 2, b: 3 },
  ],
};

describe("route", () => {
  it("follows the streets and ends where it was asked to", () => {
    expect(route(graph, [0, 5], [0, 95])).toEqual([
      [0, 0],
      [100, 0],
      [110, 50],
      [100, 100],
      [0, 100],
      [0, 95],
    ]);
  });
  it("stays on a street when both ends are on it, in both directions", () => {
    expect(route(graph, [101, 10], [101, 90])).toHaveLength(4);
    expect(route(graph, [101, 90], [101, 10])[1]).toEqual([110, 50]);
  });
  it("goes straight over a short distance, and where there are no streets", () => {
    expect(route(graph, [50, 0], [60, 5])).toEqual([[60, 5]]);
    expect(route({ nodes: [], edges: [] }, [0, 0], [500, 0])).toEqual([[500, 0]]);
  });
  it("goes straight when the streets do not meet", () => {
    const parted: StreetGraph = { ...graph, edges: [graph.edges[0], graph.edges[2]] as StreetGraph["edges"] };
    expect(route(parted, [50, 0], [50, 100])).toEqual([[50, 100]]);
  });
  it("survives edges without ends", () => {
    const damaged: StreetGraph = { nodes: graph.nodes, edges: [{ ...street, a: 0, b: 77 }] };
    expect(route(damaged, [0, 0], [90, 0])).toEqual([[90, 0]]);
  });
});

describe("advance", () => {
  it("goes around corners and says what is left", () => {
    const { at, heading, left } = advance(
      [0, 0],
      [
        [3, 0],
        [3, 10],
      ],
      5,
    );
    expect(at).toEqual([3, 2]);
    expect(heading).toBe(0);
    expect(left).toEqual([[3, 10]]);
  });
  it("stops at the end", () => {
    expect(advance([0, 0], [[1, 0]], 50)).toEqual({ at: [1, 0], heading: 90, left: [] });
  });
});

it("knows the nearest street and the compass", () => {
  expect(nearestStreet(graph, [50, 7])).toMatchObject({ point: [50, 0], distance: 7 });
  expect([headingOf(0, 1), headingOf(1, 0), headingOf(0, -1), headingOf(-1, 0)]).toEqual([0, 90, 180, 270]);
});
