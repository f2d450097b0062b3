// The default city: valid CityJSON 2.0, the same every time, connected, complete, everything on real ground.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeTile } from "../format/tile.ts";
import type {
  FeederNetwork,
  Scenery,
  StreetGraph,
  Terrain,
  TransitNetwork,
  WorldDevice,
  WorldObject,
} from "../format/world.ts";
import type { BuiltWorld } from "../import/build-world.ts";
import { componentsOf, StreetIndex } from "../sidecars/street-graph.ts";
import { composeCity, generateDefaultCity } from "./generate.ts";

const schemaPath = join(import.meta.dirname, "../../../shared/data/cityjson/schema/cityjson20.min.schema.json");
let world: BuiltWorld;
const file = <T>(name: string): T => JSON.parse(String(world.files.get(name))) as T;

beforeAll(async () => {
  world = await generateDefaultCity(() => {});
}, 300_000);

describe("the default city", () => {
  it.skipIf(!existsSync(schemaPath))("is valid against the CityJSON 2.0 schema", { timeout: 300_000 }, () => {
    const ajv = new Ajv({ strict: false, allErrors: false });
    (addFormats as unknown as (ajv: Ajv) => void)(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(schemaPath, "utf8")));
    const valid = validate(file("model.city.json"));
    expect(validate.errors?.slice(0, 3) ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it("is the same every time", { timeout: 300_000 }, () => {
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
    const again = composeCity();
    expect(hash(again.modelText)).toBe(hash(String(world.files.get("model.city.json"))));
    expect(hash(JSON.stringify(again.sidecars.devices))).toBe(hash(String(world.files.get("devices.json"))));
    expect(hash(JSON.stringify(again.sidecars.scenery))).toBe(hash(String(world.files.get("scenery.json"))));
  });

  it("has the size of a city and of a download", () => {
    const objects = file<WorldObject[]>("objects.json");
    const buildings = objects.filter((object) => object.height !== undefined);
    expect(buildings.length).toBeGreaterThan(1800);
    expect(buildings.length).toBeLessThan(2600);
    expect(world.summary.triangles).toBeLessThan(500_000);
    let bytes = 0;
    for (const content of world.files.values()) bytes += content.length;
    expect(bytes).toBeLessThan(40 * 1024 * 1024);
    expect(buildings.filter((object) => object.address !== undefined).length / buildings.length).toBeGreaterThan(0.95);
    for (const object of buildings) expect(object.storeyHeight, object.id).toBeGreaterThan(2);
  });

  it("has tiles that decode and lie where the manifest says", () => {
    for (const entry of world.manifest.tiles) {
      const bytes = world.files.get(entry.file) as Uint8Array<ArrayBuffer>;
      const tile = decodeTile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      expect([tile.column, tile.row, bytes.length]).toEqual([entry.column, entry.row, entry.bytes]);
      for (const mesh of tile.meshes)
        for (let at = 0; at < mesh.positions.length; at += 3) {
          const x = mesh.positions[at]! + tile.origin[0];
          const z = mesh.positions[at + 2]!;
          if (x < entry.box[0] - 0.02 || x > entry.box[3] + 0.02 || z < entry.box[2] - 0.02 || z > entry.box[5] + 0.02)
            expect.fail(`vertex outside the box of ${entry.file}`);
        }
    }
  });

  it("has one connected street graph", () => {
    const graph = file<StreetGraph>("streets.json");
    expect(new Set(componentsOf(graph)).size).toBe(1);
    expect(graph.edges.filter((edge) => edge.bridge !== undefined)).toHaveLength(3);
    for (const edge of graph.edges) expect(edge.name).not.toBe("");
  });

  it("has the devices of the plan, each on a real object and inside the bounds", () => {
    const devices = file<WorldDevice[]>("devices.json");
    const ids = new Set(file<WorldObject[]>("objects.json").map((object) => object.id));
    const [west, south, east, north] = world.manifest.bounds;
    const count = (kind: string): number => devices.filter((device) => device.kind === kind).length;
    expect(count("meter")).toBeGreaterThan(550);
    expect(count("lamp")).toBeGreaterThan(480);
    expect([count("air"), count("traffic"), count("river"), count("weather")]).toEqual([8, 16, 2, 1]);
    const solar = devices.filter((device) => device.solarW !== undefined).length / count("meter");
    expect(solar).toBeGreaterThan(0.28);
    expect(solar).toBeLessThan(0.45);
    expect(new Set(devices.map((device) => device.id)).size).toBe(devices.length);
    for (const device of devices) {
      expect(device.x > west && device.x < east && device.y > south && device.y < north, device.id).toBe(true);
      if (device.cityObject !== undefined) expect(ids.has(device.cityObject), device.id).toBe(true);
      if (device.kind === "meter") expect(device.feeder, device.id).toMatch(/^feeder-\d+$/);
      expect(device.streams.length).toBeGreaterThan(0);
    }
    const index = new StreetIndex(file<StreetGraph>("streets.json"));
    for (const lamp of devices.filter((device) => device.kind === "lamp"))
      expect(index.nearest(lamp.x, lamp.y)!.distance, lamp.id).toBeLessThan(10);
  });

  it("feeds every meter from one transformer through connected cables", () => {
    const { feeders } = file<FeederNetwork>("feeders.json");
    const meters = new Set<string>();
    expect(feeders.length).toBeGreaterThan(24);
    for (const feeder of feeders) {
      const reached = new Set([0]);
      let grew = true;
      while (grew) {
        grew = false;
        for (const { from, to } of feeder.cables)
          if (reached.has(from) && !reached.has(to)) {
            reached.add(to);
            grew = true;
          }
      }
      expect(feeder.cables).toHaveLength(feeder.nodes.length - 1);
      for (const { meter, node } of feeder.connections) {
        expect(reached.has(node), `${feeder.id} ${meter}`).toBe(true);
        expect(meters.has(meter)).toBe(false);
        meters.add(meter);
      }
    }
    expect(meters.size).toBe(file<WorldDevice[]>("devices.json").filter((device) => device.kind === "meter").length);
  });

  it("runs trams and buses along real streets, with stops in order", () => {
    const { lines } = file<TransitNetwork>("transit.json");
    const ids = new Set(file<WorldDevice[]>("devices.json").map((device) => device.id));
    const index = new StreetIndex(file<StreetGraph>("streets.json"));
    expect(lines.map((line) => line.kind)).toEqual(["tram", "bus", "bus"]);
    for (const line of lines) {
      let length = 0;
      for (let at = 1; at < line.path.length; at += 1) {
        const step = Math.hypot(line.path[at]![0] - line.path[at - 1]![0], line.path[at]![1] - line.path[at - 1]![1]);
        length += step;
        expect(index.nearest(line.path[at]![0], line.path[at]![1])!.distance, line.id).toBeLessThan(1);
      }
      expect(length, line.id).toBeGreaterThan(900);
      for (let at = 1; at < line.stops.length; at += 1)
        expect(line.stops[at]!.at - line.stops[at - 1]!.at, `${line.id} ${line.stops[at]!.name}`).toBeGreaterThan(40);
      for (const vehicle of line.vehicles) expect(ids.has(vehicle)).toBe(true);
    }
  });

  it("plants trees and lays panels", () => {
    const scenery = file<Scenery>("scenery.json");
    expect(scenery.trees.length).toBeGreaterThan(2500);
    expect(scenery.panels.length).toBeGreaterThan(200);
    const terrain = file<Terrain>("terrain.json");
    expect(terrain.heights).toHaveLength(terrain.columns * terrain.rows);
    expect(Math.max(...terrain.heights)).toBeGreaterThan(20);
  });
});
