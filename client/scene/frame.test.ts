// Frames, headings, daylight and interpolation: the numbers that decide where things are seen.

import { describe, expect, it } from "vitest";
import { speedMax } from "../../world-server/protocol/city-room.ts";
import { headingToStreet } from "../layers/lamps/layer.ts";
import { litShare } from "../layers/windows/layer.ts";
import { measureWalls, swapFrame } from "../workers/city-loader-tile.ts";
import { bodiesAt, directionOf, paletteAt } from "./daylight.ts";
import { headingTo, turnBetween, wrapHeading, writePlacement } from "./frame.ts";
import { delayMs, PoseTrack } from "./interpolation.ts";
import { LinePath } from "./line-path.ts";
import { meetPost } from "./picking.ts";
import { WalkGrid } from "./walk-grid.ts";
import { Walker } from "./walker.ts";

describe("frames", () => {
  it("swaps north and up, and nothing else", () => {
    const positions = new Float32Array([1, 2, 3, 4, 5, 6]);
    swapFrame(positions);
    expect([...positions]).toEqual([1, 3, 2, 4, 6, 5]);
  });

  it("gives compass headings", () => {
    expect(headingTo(0, 1)).toBe(0);
    expect(headingTo(1, 0)).toBe(90);
    expect(headingTo(0, -1)).toBe(180);
    expect(headingTo(-1, 0)).toBe(270);
    expect(turnBetween(350, 10)).toBeCloseTo(20);
    expect(turnBetween(10, 350)).toBeCloseTo(-20);
    expect(wrapHeading(-90)).toBe(270);
  });

  it("turns a model's front (+Z) to its heading", () => {
    const m = new Float32Array(16);
    writePlacement(m, 0, 5, 6, 7, 90, 1, 1, 1);
    // Row vectors: front (0, 0, 1) goes to the third row.
    expect(m[8]).toBeCloseTo(1);
    expect(m[10]).toBeCloseTo(0);
    expect([m[12], m[13], m[14]]).toEqual([5, 6, 7]);
    writePlacement(m, 0, 0, 0, 0, 0, 1, 1, 1, Math.PI / 6);
    expect(m[9]).toBeCloseTo(0.5);
  });

  it("measures each wall from its own left end, and gives parapets no width", () => {
    const mesh = {
      layer: "buildings" as const,
      positions: new Float32Array(24),
      normals: new Int8Array(32),
      facade: new Float32Array([100, 0, 108, 0, 108, 6, 100, 6, 0, 9, 8, 9, 8, 10, 0, 10]),
      objects: new Uint32Array(8),
      surfaces: new Uint8Array(8),
      indices: new Uint32Array([0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7]),
    };
    const walls = measureWalls(mesh);
    expect([...walls.slice(4, 8)]).toEqual([8, 0, 8, 6]);
    expect(walls[5 * 4 + 2]).toBe(0);
  });
});

describe("daylight", () => {
  it("puts the real sun in the south at noon and below the horizon at midnight", () => {
    // 21 June at Delft: solar noon is about 11:43 UTC, altitude about 61.4 degrees.
    const noon = bodiesAt("live", Date.UTC(2026, 5, 21, 11, 43), 52.01, 4.36);
    expect(noon.sun.altitude).toBeGreaterThan(60);
    expect(noon.sun.altitude).toBeLessThan(62.5);
    expect(Math.abs(noon.sun.azimuth - 180)).toBeLessThan(3);
    expect(bodiesAt("live", Date.UTC(2026, 5, 21, 23, 43), 52.01, 4.36).sun.altitude).toBeLessThan(0);
  });

  it("points east and up as Babylon has them", () => {
    const [x, y, z] = directionOf(90, 0);
    expect([x, y, z].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([1, 0, 0]);
    expect(directionOf(0, 90)[1]).toBeCloseTo(1);
  });

  it("has light at every altitude, and less of it when the sun sinks", () => {
    const brightness = (altitude: number): number => {
      const { sun, up } = paletteAt(altitude);
      return sun[0] + sun[1] + sun[2] + up[0] + up[1] + up[2];
    };
    for (let altitude = -89; altitude <= 90; altitude++) {
      expect(paletteAt(altitude).exposure).toBeGreaterThan(0);
      if (altitude > -30 && altitude < 18)
        expect(brightness(altitude + 1)).toBeGreaterThanOrEqual(brightness(altitude));
    }
    expect(paletteAt(-40).night).toBe(1);
    expect(paletteAt(50).night).toBe(0);
  });
});

describe("interpolation", () => {
  const pose = (x: number, heading = 0): { x: number; y: number; heading: number; gait: 1; altitude: number } => ({
    x,
    y: 0,
    heading,
    gait: 1,
    altitude: 0,
  });

  it("shows nothing before the first report, and the past afterwards", () => {
    const track = new PoseTrack();
    expect(track.at(1000)).toBeNull();
    track.push(pose(0, 350), 1000);
    track.push(pose(1, 10), 1100);
    const middle = track.at(1050 + delayMs);
    expect(middle?.x).toBeCloseTo(0.5);
    expect(middle?.heading).toBeCloseTo(0);
    expect(middle?.speed).toBeCloseTo(10);
  });

  it("rests where the last report was", () => {
    const track = new PoseTrack();
    track.push(pose(0), 0);
    track.push(pose(1), 100);
    expect(track.at(5000)).toMatchObject({ x: 1, gait: 0, speed: 0 });
  });

  it("jumps over leaps instead of sliding through the city, and forgets old poses", () => {
    const track = new PoseTrack();
    track.push(pose(0), 0);
    track.push(pose(500), 100);
    expect(track.at(50 + delayMs)?.x).toBe(500);
    for (let i = 0; i < 100; i++) track.push(pose(500 + i * 0.1), 200 + i * 100);
    expect(track.at(0)?.x).toBeGreaterThan(505);
  });
});

describe("line path", () => {
  const path = new LinePath([
    [0, 0, 0],
    [100, 0, 0],
    [100, 100, 10],
  ]);
  it("finds places along it and to its right", () => {
    expect(path.length).toBe(200);
    const at = path.nearest(50, -2);
    expect(at).toBeCloseTo(50);
    expect(path.sideOf(50, -2, at)).toBeCloseTo(2);
    expect(path.pointAt(50, 2).map((v) => Math.round(v * 1000) / 1000)).toEqual([50, -2, 0]);
    expect(path.pointAt(150, 0)[2]).toBeCloseTo(5);
    expect(path.pointAt(-5, 0)[0]).toBeCloseTo(-5);
  });
});

describe("layers", () => {
  it("lights more windows for more load, within bounds", () => {
    expect(litShare(0)).toBeLessThan(0.05);
    expect(litShare(300)).toBeGreaterThan(litShare(100));
    expect(litShare(1e9)).toBeLessThanOrEqual(1);
    expect(litShare(Number.NaN)).toBeLessThan(0.05);
  });

  it("turns a lamp to the street", () => {
    const streets = {
      nodes: [
        [0, 0],
        [100, 0],
      ],
      edges: [{ a: 0, b: 1, name: "", class: "street", carriageway: 6, pavement: 2, lanes: 2 }],
    } as const;
    expect(headingToStreet(streets, 50, 5)).toBeCloseTo(180);
    expect(headingToStreet(streets, 50, -5)).toBeCloseTo(0);
    expect(headingToStreet({ nodes: [], edges: [] }, 0, 0)).toBe(0);
  });
});

describe("pointing at posts", () => {
  const down = Math.SQRT1_2;
  it("meets a lamp seen from the side and from above, and misses beside it", () => {
    const ray = { origin: [0, 1.6, -10], direction: [0, 0, 1] } as const;
    expect(meetPost(ray, 0, 0, 0, 5, 0.3)).toBeCloseTo(10);
    expect(meetPost(ray, 2, 0, 0, 5, 0.3)).toBe(Number.POSITIVE_INFINITY);
    expect(meetPost(ray, 0, -20, 0, 5, 0.3)).toBe(Number.POSITIVE_INFINITY);
    expect(meetPost({ origin: [0, 10, -10], direction: [0, -down, down] }, 0, 0, 0, 1, 0.3)).toBeLessThan(15);
    expect(meetPost({ origin: [0, 50, 0], direction: [0, -1, 0] }, 0, 0, 0, 5, 0.3)).toBeCloseTo(45);
  });
});

describe("own walking", () => {
  const cells = {
    west: 0,
    south: 0,
    cell: 1,
    columns: 400,
    rows: 400,
    flags: new Uint8Array(160_000),
    ground: new Float32Array(160_000),
    deck: new Float32Array(160_000).fill(Number.NaN),
  };
  const walker = (): Walker => {
    const one = new Walker(new WalkGrid(cells, [0, 0, 400, 400]));
    one.place(200, 200, 0);
    return one;
  };
  const still = { forward: 0, right: 0, run: false, rise: 0 };
  const travel = (one: Walker, wishes: typeof still, flying: boolean): number => {
    for (let i = 0; i < 60; i++) one.update(wishes, 0.7, flying, 400, 1 / 60);
    return Math.hypot(one.x - 200, one.y - 200);
  };

  it("stays within the room's speeds", () => {
    expect(travel(walker(), { ...still, forward: 1, right: 1 }, false)).toBeLessThanOrEqual(speedMax.walk);
    expect(travel(walker(), { ...still, forward: 1, run: true }, false)).toBeLessThanOrEqual(speedMax.run);
    expect(travel(walker(), { ...still, forward: 1, run: true }, true)).toBeLessThanOrEqual(speedMax.fly);
  });

  it("goes where the camera looks, walks to a clicked place and rests there", () => {
    const one = walker();
    one.update({ ...still, forward: 1 }, Math.PI / 2, false, 0, 0.1);
    expect(one.x).toBeGreaterThan(200);
    expect(one.y).toBeCloseTo(200, 5);
    one.goTo(203, 204);
    for (let i = 0; i < 600; i++) one.update(still, 0, false, 0, 1 / 60);
    expect(Math.hypot(one.x - 203, one.y - 204)).toBeLessThan(0.3);
    expect(one.gait).toBe(0);
    expect(one.walksTo).toBeNull();
  });
});
