// `npm run world:import -- <file>`: builds a world and says what is in it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSettings, SettingError } from "../settings/settings.ts";
import type { WorldManifest, WorldObject } from "./format/world.ts";
import { ensureWorld, WorldError } from "./locate.ts";

try {
  const settings = readSettings();
  const folder = await ensureWorld({
    data: settings.data,
    world: process.argv[2] ?? settings.world,
    log: (line) => console.log(line),
  });
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const manifest = read<WorldManifest>("world.json");
  const objects = read<WorldObject[]>(manifest.files.objects);
  const devices = read<{ kind: string }[]>(manifest.files.devices);
  const kinds = new Map<string, number>();
  for (const { kind } of devices) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const tileBytes = manifest.tiles.reduce((sum, tile) => sum + tile.bytes, 0);
  console.log(`${folder}
  ${objects.length} objects, ${objects.filter((object) => object.height !== undefined).length} buildings
  ${manifest.tiles.length} tiles, ${(tileBytes / 1048576).toFixed(1)} MB
  ${devices.length} devices: ${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(", ")}
  ${manifest.attribution}`);
} catch (error) {
  if (!(error instanceof WorldError) && !(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
