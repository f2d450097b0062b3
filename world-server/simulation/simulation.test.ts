// Property tests of simulated life: no jumps, bounded speeds, the same for everyone, on street graphs drawn by seed.

import { describe, expect, test } from "vitest";
import type { StreetEdge, StreetGraph, TransitLine } from "../../worlds/format/world.ts";
import { createCrowd, crowdSpeedMax } from "./crowd.ts";
import { randomStream } from "./random.ts";
import { createTraffic, trafficSpeedMax } from "./traffic.ts";
import { transitAt, transitLength, transitPeriodMs } from "./transit.ts";

const seed = Number(process.env["GLASSTOWN_TEST_SEED"] ?? 20260101);
const epochMs = 1_790_000_000_000;

/** A crooked grid town with boulevards, lanes, squares, a bridge, a dead end and an island out of reach. */
function town(size: number, townSeed: number): StreetGraph {
  const random = randomStream(townSeed, 99);
  const nodes: [number, number][] = [];
  const edges: StreetEdge[] = [];
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      nodes.push([column * 90 + random.between(-15, 15), row * 80 + random.between(-15, 15)]);
  const street = (a: number, b: number): void => {
    const kind = (["boulevard", "street", "street", "lane", "path", "square"] as const)[random.below(6)]!;
    const carriageway = { boulevard: 12, street: 7, lane: 4.5, path: 0, square: 0 }[kind];
    const middle: [number, number] = [
      (nodes[a]![0] + nodes[b]![0]) / 2 + random.between(-6, 6),
      (nodes[a]![1] + nodes[b]![1]) / 2 + random.between(-6, 6),
    ];
    edges.push({
      a,
      b,
      name: "",
      class: kind,
      carriageway,
      pavement: kind === "lane" ? 1 : 3,
      lanes: kind === "boulevard" ? 4 : 2,
      ...(random.next() < 0.5 ? { via: [middle] } : {}),
      ...(random.next() < 0.1 ? { bridge: 3 } : {}),
    });
  };
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const node = row * size + column;
      if (column + 1 < size && random.next() < 0.85) street(node, node + 1);
      if (row + 1 < size && random.next() < 0.85) street(node, node + size);
    }
  nodes.push([-200, -200], [-260, -200], [-100, 0]);
  street(nodes.length - 3, nodes.length - 2);
  street(0, nodes.length - 1);
  return { nodes, edges };
}

const line: TransitLine = {
  id: "T1",
  kind: "tram",
  name: "Ring",
  colour: "#c33",
  path: [
    [0, 0, 1],
    [200, 10, 1],
    [260, 120, 2],
    [500, 140, 5],
    [640, 100, 2],
    [800, 300, 1],
  ],
  stops: [
    { name: "West", at: 0 },
    { name: "Market", at: 210 },
    { name: "Bridge", at: 480 },
    { name: "East", at: 968 },
  ],
  vehicles: ["tram-1", "tram-2", "tram-3"],
  speed: 12,
  dwell: 18,
};

describe(`simulated life, seed ${seed}`, () => {
  test("people never jump and never exceed their speed", () => {
    const crowd = createCrowd(town(8, seed), 60, seed);
    expect(crowd.length).toBe(60);
    const random = randomStream(seed, 1);
    let moving = 0;
    let standing = 0;
    for (let person = 0; person < crowd.length; person++) {
      let time = epochMs + random.below(100_000_000);
      let before = { ...crowd.at(person, time) };
      for (let step = 0; step < 400; step++) {
        const gap = random.between(1, 400);
        time += gap;
        const now = crowd.at(person, time);
        const moved = Math.hypot(now.x - before.x, now.y - before.y);
        expect(moved).toBeLessThanOrEqual((crowdSpeedMax * gap) / 1000 + 0.001);
        const turn = Math.abs(((now.heading - before.heading + 540) % 360) - 180);
        if (gap < 20) expect(turn).toBeLessThan(60);
        expect(now.fraction).toBeGreaterThanOrEqual(0);
        expect(now.fraction).toBeLessThanOrEqual(1);
        if (now.gait === 0) standing++;
        else moving++;
        before = { ...now };
      }
    }
    expect(moving).toBeGreaterThan(standing);
    expect(standing).toBeGreaterThan(0);
  });

  test("people walk beside the carriageway between junctions", () => {
    const graph = town(8, seed + 1);
    const crowd = createCrowd(graph, 80, seed);
    let seen = 0;
    let onRoad = 0;
    for (let person = 0; person < crowd.length; person++) {
      for (let step = 0; step < 60; step++) {
        const at = crowd.at(person, epochMs + step * 7919);
        const edge = graph.edges[at.edge]!;
        if (edge.via !== undefined || at.fraction < 0.3 || at.fraction > 0.7) continue;
        const a = graph.nodes[edge.a]!;
        const b = graph.nodes[edge.b]!;
        const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
        const aside = Math.abs((at.x - a[0]) * (b[1] - a[1]) - (at.y - a[1]) * (b[0] - a[0])) / length;
        seen++;
        if (aside < edge.carriageway / 2 - 0.01 || aside > edge.carriageway / 2 + edge.pavement + 0.01) onRoad++;
      }
    }
    expect(seen).toBeGreaterThan(100);
    expect(onRoad).toBe(0);
  });

  test("traffic never jumps, keeps its speed, and no two vehicles meet", () => {
    const traffic = createTraffic(town(10, seed), 60, seed);
    expect(traffic.length).toBeGreaterThan(40);
    const random = randomStream(seed, 2);
    for (let vehicle = 0; vehicle < traffic.length; vehicle++) {
      let time = epochMs + random.below(10_000_000);
      let before = { ...traffic.at(vehicle, time) };
      for (let step = 0; step < 400; step++) {
        const gap = random.between(1, 300);
        time += gap;
        const now = traffic.at(vehicle, time);
        const moved = Math.hypot(now.x - before.x, now.y - before.y);
        expect(moved).toBeLessThanOrEqual((trafficSpeedMax * gap) / 1000 + 0.001);
        expect(now.speed).toBeGreaterThan(0);
        before = { ...now };
      }
    }
    let nearest = Number.POSITIVE_INFINITY;
    for (let step = 0; step < 300; step++) {
      const time = epochMs + step * 4001;
      const poses = Array.from({ length: traffic.length }, (_, i) => ({ ...traffic.at(i, time) }));
      for (let i = 0; i < poses.length; i++)
        for (let j = 0; j < i; j++)
          nearest = Math.min(nearest, Math.hypot(poses[i]!.x - poses[j]!.x, poses[i]!.y - poses[j]!.y));
    }
    expect(nearest).toBeGreaterThan(0.8);
  });

  test("the same seed gives the same city, another seed another one", () => {
    const graph = town(6, seed);
    const time = epochMs + 12_345_678;
    const look = (value: number): unknown[] => {
      const crowd = createCrowd(graph, 20, value);
      const traffic = createTraffic(graph, 20, value);
      return [
        ...Array.from({ length: 20 }, (_, i) => ({ ...crowd.at(i, time) })),
        ...Array.from({ length: traffic.length }, (_, i) => ({ ...traffic.at(i, time) })),
      ];
    };
    expect(look(7)).toEqual(look(7));
    expect(look(7)).not.toEqual(look(8));
  });

  test("graphs with nothing to walk on have no crowd; odd graphs do no harm", () => {
    const lone: StreetEdge = { a: 0, b: 1, name: "", class: "street", carriageway: 6, pavement: 2, lanes: 2 };
    expect(createCrowd({ nodes: [], edges: [] }, 10, 1).length).toBe(0);
    expect(createTraffic({ nodes: [], edges: [] }, 10, 1).length).toBe(0);
    const back = createCrowd(
      {
        nodes: [
          [0, 0],
          [50, 0],
        ],
        edges: [lone],
      },
      3,
      1,
    );
    expect(back.length).toBe(3);
    for (let time = 0; time < 200_000; time += 1000) expect(Math.abs(back.at(0, time).y)).toBeLessThan(8);
    for (const edge of [
      { ...lone, b: 0 },
      { ...lone, b: 9 },
      { ...lone, a: -1 },
    ])
      expect(
        createCrowd(
          {
            nodes: [
              [0, 0],
              [50, 0],
            ],
            edges: [edge],
          },
          3,
          1,
        ).length,
      ).toBe(0);
    expect(
      createCrowd(
        {
          nodes: [
            [0, 0],
            [0, 0],
          ],
          edges: [lone],
        },
        3,
        1,
      ).length,
    ).toBe(0);
  });

  test("trams run to the end and back, stop everywhere, and never jump", () => {
    const period = transitPeriodMs(line);
    const stops = new Set<string>();
    const directions = new Set<number>();
    let before = transitAt(line, 0, epochMs);
    for (let time = epochMs + 100; time < epochMs + period + 5000; time += 100) {
      const now = transitAt(line, 0, time);
      const moved = Math.hypot(now.x - before.x, now.y - before.y);
      // In the outer track of a curve a vehicle is a little faster than along the line's middle.
      expect(moved).toBeLessThan(line.speed * 0.1 * 1.25 + 0.01);
      expect(Math.abs(now.speed - before.speed)).toBeLessThan(0.1);
      expect(now.speed).toBeLessThanOrEqual(line.speed);
      if (now.atStop !== null) {
        stops.add(now.atStop);
        expect(now.speed).toBe(0);
      }
      directions.add(now.direction);
      before = now;
    }
    expect([...stops].sort()).toEqual(["Bridge", "East", "Market", "West"]);
    expect(directions.size).toBe(2);
    expect(transitLength(line)).toBeGreaterThan(900);
    const later = transitAt(line, 0, epochMs + period);
    expect(later).toEqual(transitAt(line, 0, epochMs));
  });

  test("a line's vehicles are spread over the round trip and pass each other on their own tracks", () => {
    for (let time = epochMs; time < epochMs + transitPeriodMs(line); time += 500) {
      const [a, b] = [transitAt(line, 0, time), transitAt(line, 1, time)];
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(1.5);
    }
    const degenerate = { ...line, path: [line.path[0]!] };
    expect(transitAt(degenerate, 0, epochMs)).toMatchObject({ x: 0, y: 0, z: 1, speed: 0 });
    expect(Number.isFinite(transitAt({ ...line, stops: [], vehicles: [], speed: 0 }, 5, epochMs).x)).toBe(true);
  });
});
