// A built world folder of a few devices, for tests.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceStream, TransitNetwork, WorldDevice } from "../../../worlds/format/world.ts";

const watt = { name: "watt", symbol: "W", definition: "http://qudt.org/vocab/unit/W" };

function stream(name: string, period = 60, unit = watt): DeviceStream {
  return {
    stream: name,
    name: `${name} of it`,
    unit,
    observedProperty: { name, definition: `https://glasstown.example/property/${name}` },
    period,
  };
}

export const smallDevices: readonly WorldDevice[] = [
  {
    id: "meter-0001",
    kind: "meter",
    name: "Meter of Mill Lane 1",
    x: 10,
    y: 20,
    z: 2,
    cityObject: "building-1",
    address: "Mill Lane 1",
    solarW: 5000,
    yearlyKwh: 3500,
    feeder: "feeder-1",
    streams: [stream("load"), stream("solar"), stream("net")],
  },
  {
    id: "meter-0002",
    kind: "meter",
    name: "Meter of Mill Lane 2",
    x: 30,
    y: 20,
    z: 2,
    cityObject: "building-2",
    address: "Mill Lane 2",
    yearlyKwh: 2500,
    feeder: "feeder-1",
    streams: [stream("load"), stream("net")],
  },
  { id: "lamp-0001", kind: "lamp", name: "Lamp 1", x: 0, y: 0, z: 4, streams: [stream("power")] },
  {
    id: "air-01",
    kind: "air",
    name: "Air station O'Hara's",
    x: -40,
    y: 5,
    z: 3,
    streams: [stream("pm2-5"), stream("temperature")],
  },
  {
    id: "tram-01",
    kind: "tram",
    name: "Tram 1",
    x: 0,
    y: 0,
    z: 0,
    streams: [stream("speed", 5), stream("passengers", 5)],
  },
];

const transit: TransitNetwork = {
  lines: [
    {
      id: "line-1",
      kind: "tram",
      name: "1",
      colour: "#c00",
      path: [
        [0, 0, 0],
        [500, 0, 0],
      ],
      stops: [
        { name: "West", at: 0 },
        { name: "East", at: 500 },
      ],
      vehicles: ["tram-01"],
      speed: 10,
      dwell: 20,
    },
  ],
};

/** Writes the world into `folder` and returns it. */
export function writeSmallWorld(folder: string, devices: readonly WorldDevice[] = smallDevices): string {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown): void => writeFileSync(join(folder, name), JSON.stringify(value));
  write("world.json", {
    format: "glasstown-world/1",
    name: "small",
    attribution: "none",
    hash: "00",
    origin: { latitude: 52.01, longitude: 4.36, crs: "EPSG:7415", x: 0, y: 0, z: 0 },
    bounds: [-100, -100, 600, 100],
    spawn: { x: 0, y: 0, heading: 0 },
    tileSize: 256,
    tiles: [],
    files: { devices: "devices.json", transit: "transit.json", scenery: "scenery.json" },
  });
  write("devices.json", devices);
  write("transit.json", transit);
  const panel = { x: 10, y: 20, z: 8, width: 2, depth: 1, heading: 170, tilt: 38, object: "building-1" };
  write("scenery.json", { trees: [], furniture: [], panels: [panel] });
  return folder;
}
