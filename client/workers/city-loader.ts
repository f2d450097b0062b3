// Worker: fetches and decodes a built world, and prepares what the scene needs so that the page stays smooth.
// Limits: 6 requests at once, 3 tries each, JSON files up to 128 MiB, 2 GiB of tiles.

import { decodeTile, TileError } from "../../worlds/format/tile.ts";
import type { TileEntry, WorldManifest } from "../../worlds/format/world.ts";
import {
  checkDevices,
  checkManifest,
  checkObjects,
  checkScenery,
  checkStreets,
  checkTerrain,
  checkTransit,
  WorldError,
} from "./city-checks.ts";
import { GroundBuilder } from "./city-loader-ground.ts";
import { prepareTile, transfersOf } from "./city-loader-tile.ts";
import type { LoaderMessage, LoadRequest } from "./city-messages.ts";

const requestsMax = 6;
const triesMax = 3;
const jsonBytesMax = 128 * 1024 * 1024;
const tileBytesTotalMax = 2 * 1024 * 1024 * 1024;

class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

const post = (message: LoaderMessage, transfer: Transferable[] = []): void => {
  (self as unknown as Worker).postMessage(message, transfer);
};

async function fetchBytes(url: string, bytesMax: number): Promise<ArrayBuffer> {
  let last = "";
  for (let attempt = 0; attempt < triesMax; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 300 * 4 ** (attempt - 1)));
    try {
      const answer = await fetch(url);
      if (answer.ok) {
        const length = Number(answer.headers.get("content-length") ?? 0);
        if (length > bytesMax) throw new WorldError(`${url} has ${length} bytes; at most ${bytesMax} are allowed`);
        const bytes = await answer.arrayBuffer();
        if (bytes.byteLength > bytesMax) throw new WorldError(`${url} is longer than ${bytesMax} bytes`);
        return bytes;
      }
      last = `status ${answer.status}`;
      // A 4xx does not get better by asking again.
      if (answer.status < 500) break;
    } catch (error) {
      if (error instanceof WorldError) throw error;
      last = error instanceof Error ? error.message : String(error);
    }
  }
  throw new UnreachableError(`${url}: ${last}`);
}

async function fetchJson(url: string): Promise<unknown> {
  const bytes = await fetchBytes(url, jsonBytesMax);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new WorldError(`${url} is not JSON`);
  }
}

const distanceTo = (tile: TileEntry, spawn: WorldManifest["spawn"]): number =>
  Math.hypot(
    Math.max(tile.box[0] - spawn.x, 0, spawn.x - tile.box[3]),
    Math.max(tile.box[1] - spawn.y, 0, spawn.y - tile.box[4]),
  );

async function load(request: LoadRequest): Promise<void> {
  post({ kind: "progress", fraction: 0, stage: "loading.manifest" });
  const manifest = checkManifest(await fetchJson(`${request.url}world.json`));
  const total = manifest.tiles.reduce((sum, tile) => sum + tile.bytes, 0);
  if (!(total <= tileBytesTotalMax))
    throw new WorldError(`tiles have ${total} bytes; ${tileBytesTotalMax} are allowed`);
  post({ kind: "progress", fraction: 0.02, stage: "loading.objects" });
  // The world's hash makes every other file immutable to caches.
  const url = (file: string): string => `${request.url}${file}?v=${encodeURIComponent(manifest.hash.slice(0, 16))}`;
  const { files } = manifest;
  const [objects, streets, transit, scenery, devices, terrain] = await Promise.all([
    fetchJson(url(files.objects)).then(checkObjects),
    fetchJson(url(files.streets)).then(checkStreets),
    fetchJson(url(files.transit)).then(checkTransit),
    fetchJson(url(files.scenery)).then(checkScenery),
    fetchJson(url(files.devices)).then(checkDevices),
    fetchJson(url(files.terrain)).then(checkTerrain),
  ]);
  post({ kind: "base", base: { manifest, objects, streets, transit, scenery, devices, terrain } });

  const ground = new GroundBuilder(manifest.bounds, terrain);
  const queue = [...manifest.tiles].sort((a, b) => distanceTo(a, manifest.spawn) - distanceTo(b, manifest.spawn));
  let done = 0;
  const runner = async (): Promise<void> => {
    for (let entry = queue.shift(); entry; entry = queue.shift()) {
      const tile = decodeTile(await fetchBytes(url(entry.file), 64 * 1024 * 1024));
      ground.addTile(tile);
      const prepared = prepareTile(tile, objects.length);
      post({ kind: "tile", tile: prepared }, transfersOf(prepared));
      done++;
      post({
        kind: "progress",
        fraction: 0.1 + (0.85 * done) / Math.max(1, manifest.tiles.length),
        stage: "loading.tiles",
      });
    }
  };
  await Promise.all(Array.from({ length: requestsMax }, runner));
  post({ kind: "progress", fraction: 0.97, stage: "loading.ground" });
  const cells = ground.cells();
  const lamps = devices.filter((device) => device.kind === "lamp");
  const sky = ground.bakeSky(scenery.trees, lamps);
  post({ kind: "ground", cells, sky }, [cells.flags.buffer, cells.ground.buffer, cells.deck.buffer, sky.data.buffer]);
}

addEventListener("message", (event: MessageEvent<LoadRequest>) => {
  load(event.data).catch((error: unknown) => {
    const damaged = error instanceof WorldError || error instanceof TileError || error instanceof RangeError;
    post({
      kind: "failure",
      reason: damaged ? "world-damaged" : "world-unreachable",
      detail: error instanceof Error ? error.message : String(error),
    });
  });
});
