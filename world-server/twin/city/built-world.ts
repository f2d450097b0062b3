// The part of a built world folder (worlds/format) that the twin and the simulated devices read: manifest, devices, lines.
// Files of at most 64 MiB, at most 20,000 devices with 16 streams each.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { deviceIdSchema, deviceKinds } from "../../../ledger/protocol/telemetry.ts";
import { SettingError } from "../../../settings/settings.ts";
import type { TransitLine, TransitNetwork, WorldDevice, WorldManifest } from "../../../worlds/format/world.ts";

const fileBytesMax = 64 * 1024 * 1024;
const devicesMax = 20_000;
const streamsMax = 16;

const text = z.string().min(1).max(300);
const coordinate = z.number().min(-1e7).max(1e7);
const streamSchema = z.looseObject({
  stream: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  name: text,
  unit: z.looseObject({ name: text, symbol: z.string().max(40), definition: z.string().max(300) }),
  observedProperty: z.looseObject({ name: text, definition: text }),
  period: z.number().min(0.1).max(86_400),
});
const deviceSchema = z.looseObject({
  id: deviceIdSchema,
  kind: z.enum(deviceKinds),
  name: text,
  x: coordinate,
  y: coordinate,
  z: coordinate,
  cityObject: z.string().min(1).max(100).optional(),
  address: text.optional(),
  solarW: z.number().min(0).max(1e7).optional(),
  yearlyKwh: z.number().min(0).max(1e8).optional(),
  feeder: z.string().max(100).optional(),
  streams: z.array(streamSchema).max(streamsMax),
});
const devicesSchema = z
  .array(deviceSchema)
  .max(devicesMax)
  .refine((devices) => new Set(devices.map((device) => device.id)).size === devices.length, "device ids must differ");
const manifestSchema = z.looseObject({
  format: z.literal("glasstown-world/1"),
  name: text,
  hash: z.string().max(128),
  origin: z.looseObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) }),
  files: z.looseObject({ devices: text, transit: text, scenery: text }),
});
const point = z.tuple([coordinate, coordinate, coordinate]);
const transitSchema = z.looseObject({
  lines: z
    .array(
      z.looseObject({
        id: text,
        kind: z.enum(["tram", "bus"]),
        path: z.array(point).max(100_000),
        stops: z.array(z.looseObject({ name: text, at: z.number() })).max(1000),
        vehicles: z.array(deviceIdSchema).max(1000),
        speed: z.number().positive(),
        dwell: z.number().min(0),
      }),
    )
    .max(1000),
});

const scenerySchema = z.looseObject({
  panels: z
    .array(z.looseObject({ heading: z.number(), tilt: z.number().min(0).max(90), object: z.string() }))
    .max(200_000),
});

export interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
  readonly height: number;
}

export interface BuiltWorld {
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly devices: readonly WorldDevice[];
  readonly lines: readonly TransitLine[];
  /** How the solar panels on a city object are mounted; degrees. */
  readonly panels: ReadonlyMap<string, { readonly heading: number; readonly tilt: number }>;
  /** WGS 84 of a local point; a plane at the origin, good to a metre within ten kilometres. */
  pointOf(local: { readonly x: number; readonly y: number; readonly z: number }): GeoPoint;
}

/** @throws {SettingError} naming the file that is missing or malformed. */
export function readBuiltWorld(folder: string): BuiltWorld {
  const manifest = read(join(folder, "world.json"), manifestSchema) as unknown as WorldManifest;
  const devices = read(join(folder, manifest.files.devices), devicesSchema) as unknown as WorldDevice[];
  const transit = read(join(folder, manifest.files.transit), transitSchema) as unknown as TransitNetwork;
  const scenery = read(join(folder, manifest.files.scenery), scenerySchema);
  const { latitude, longitude } = manifest.origin;
  const radians = (latitude * Math.PI) / 180;
  const metresOfLatitude = 111_132.92 - 559.82 * Math.cos(2 * radians) + 1.175 * Math.cos(4 * radians);
  const metresOfLongitude = 111_412.84 * Math.cos(radians) - 93.5 * Math.cos(3 * radians);
  return {
    name: manifest.name,
    latitude,
    longitude,
    devices,
    lines: transit.lines,
    panels: new Map(scenery.panels.map(({ object, heading, tilt }) => [object, { heading, tilt }])),
    pointOf: ({ x, y, z: height }) => ({
      latitude: round(latitude + y / metresOfLatitude, 7),
      longitude: round(longitude + x / metresOfLongitude, 7),
      height: round(height, 2),
    }),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function read<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> {
  try {
    if (statSync(file).size > fileBytesMax) throw new Error("is larger than 64 MiB");
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const first = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const reason =
      first === undefined ? (cause as Error).message : `${first.path.join(".") || "content"}: ${first.message}`;
    throw new SettingError(`${file}: ${reason.slice(0, 300)}`, { cause });
  }
}
