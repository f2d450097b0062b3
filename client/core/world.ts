// The built world's lists as panels need them: places, devices, streets. Served beside the tiles; at most 64 MiB a file.

import { computed, signal } from "@preact/signals";
import { z } from "zod";
import { deviceKinds } from "../../ledger/protocol/telemetry.ts";
import type { StreetGraph, WorldDevice, WorldManifest, WorldObject } from "../../worlds/format/world.ts";
import { request } from "./http.ts";
import { t } from "./language.ts";

export const worldUrl = "/city/";
const bytesMax = 64 * 1024 * 1024;
const timeoutMs = 60_000;

const finite = z.number();
const box = z.tuple([finite, finite, finite, finite, finite, finite]);
const fileName = z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/);
const manifestSchema = z
  .object({
    format: z.literal("glasstown-world/1"),
    name: z.string().max(200),
    attribution: z.string().max(500),
    hash: z.string().max(130),
    origin: z.object({ latitude: finite, longitude: finite }).loose(),
    bounds: z.tuple([finite, finite, finite, finite]),
    spawn: z.object({ x: finite, y: finite, heading: finite }),
    files: z.object({ objects: fileName, streets: fileName, devices: fileName }).loose(),
  })
  .loose();
const objectSchema = z
  .object({
    id: z.string().max(200),
    use: z.string().max(40),
    name: z.string().max(200).optional(),
    address: z.string().max(200).optional(),
    box,
    devices: z.array(z.string().max(60)).max(1000).optional(),
  })
  .loose();
const deviceSchema = z
  .object({
    id: z.string().max(60),
    kind: z.enum(deviceKinds),
    name: z.string().max(200),
    x: finite,
    y: finite,
    streams: z
      .array(
        z
          .object({
            stream: z.string().max(40),
            name: z.string().max(100),
            unit: z.object({ symbol: z.string().max(20) }).loose(),
            period: finite,
          })
          .loose(),
      )
      .max(20),
  })
  .loose();
const streetsSchema = z.object({
  nodes: z.array(z.tuple([finite, finite])).max(1_000_000),
  edges: z
    .array(
      z
        .object({
          a: finite,
          b: finite,
          name: z.string().max(200),
          class: z.string().max(40),
          via: z.array(z.tuple([finite, finite])).optional(),
        })
        .loose(),
    )
    .max(1_000_000),
});

export const manifest = signal<WorldManifest | null>(null);
export const objects = signal<readonly WorldObject[]>([]);
export const devices = signal<readonly WorldDevice[]>([]);
export const streets = signal<StreetGraph | null>(null);

const objectIndex = computed(() => new Map(objects.value.map((object) => [object.id, object])));
const deviceIndex = computed(() => new Map(devices.value.map((device) => [device.id, device])));

export const objectOf = (id: string): WorldObject | undefined => objectIndex.value.get(id);
export const deviceOf = (id: string): WorldDevice | undefined => deviceIndex.value.get(id);

/** Names such as "default" or "den-haag_2.city" name a folder or a file, not a place. */
const fileLike = /^default$|[\\/_]|\.\w+$|^[a-z0-9]+(-[a-z0-9]+)*$/;

/** What a world's manifest calls the city, when people can say it. */
export const sayableName = (name: string): string | null => (name.trim() === "" || fileLike.test(name) ? null : name);

/** The city's name for people; "the city" where the world has none, or is not loaded. */
export const cityName = computed(() => sayableName(manifest.value?.name ?? "") ?? t("city.unnamed"));

/** A device's name for people; its id when the world does not know it. */
export const deviceName = (id: string): string => deviceOf(id)?.name ?? id;

/** Loads the manifest and the lists. Schemas check what panels read; the rest is the scene's own check. @throws {RequestError} */
export async function loadWorld(): Promise<void> {
  const loaded = (await request(`${worldUrl}world.json`, manifestSchema, { timeoutMs })) as unknown as WorldManifest;
  manifest.value = loaded;
  // The hash in the query keeps caches of a world that was built anew apart.
  const file = (name: string): string => `${worldUrl}${name}?${loaded.hash.slice(0, 16)}`;
  const options = { timeoutMs, bytesMax };
  const [loadedObjects, loadedDevices] = await Promise.all([
    request(file(loaded.files.objects), z.array(objectSchema).max(2_000_000), options),
    request(file(loaded.files.devices), z.array(deviceSchema).max(1_000_000), options),
  ]);
  objects.value = loadedObjects as unknown as readonly WorldObject[];
  devices.value = loadedDevices as unknown as readonly WorldDevice[];
}

let streetsLoading: Promise<void> | null = null;

/** Loads the streets for the map, once. */
export function loadStreets(): Promise<void> {
  const current = manifest.peek();
  if (current === null) return Promise.resolve();
  streetsLoading ??= request(`${worldUrl}${current.files.streets}?${current.hash.slice(0, 16)}`, streetsSchema, {
    timeoutMs,
    bytesMax,
  }).then(
    (loaded) => {
      streets.value = loaded as unknown as StreetGraph;
    },
    (error: unknown) => {
      streetsLoading = null;
      throw error;
    },
  );
  return streetsLoading;
}
