// Keys of the city's own service accounts. Made once per data folder, readable by its owner only.

import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SettingError } from "./settings.ts";

const seedSchema = z.string().regex(/^[0-9a-f]{64}$/);
const cityKeysSchema = z.strictObject({
  city: seedSchema,
  registrar: seedSchema,
  twin: seedSchema,
  simulated: seedSchema,
  devices: seedSchema,
});

const storedKeysSchema = cityKeysSchema.partial({ city: true });

/** 32-byte Ed25519 seeds, hex. `city` grants roles; nothing but a person's hand uses it. `devices` is the root from which simulated devices derive theirs. */
export type CityKeys = z.infer<typeof cityKeysSchema>;

/**
 * Reads the city's keys, making them if there are none. Safe when several processes start at once: the first file stays.
 * @throws {SettingError} when the folder cannot be written or the file is damaged.
 */
export function loadCityKeys(dataFolder: string): CityKeys {
  const folder = join(dataFolder, "keys");
  const file = join(folder, "city.json");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const seed = (): string => randomBytes(32).toString("hex");
    const temporary = join(folder, `.city-${process.pid}-${randomBytes(4).toString("hex")}.json`);
    const fresh: CityKeys = { city: seed(), registrar: seed(), twin: seed(), simulated: seed(), devices: seed() };
    if (!exists(file)) {
      writeFileSync(temporary, JSON.stringify(fresh), { mode: 0o600, flag: "wx", flush: true });
      try {
        linkSync(temporary, file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      } finally {
        rmSync(temporary, { force: true });
      }
    }
    const stored = storedKeysSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    if (stored.city !== undefined) return cityKeysSchema.parse(stored);
    // A folder from before the city had a role of its own: its chain knows no such account, the next one will.
    writeFileSync(temporary, JSON.stringify({ ...stored, city: seed() }), { mode: 0o600, flag: "wx", flush: true });
    renameSync(temporary, file);
    return cityKeysSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const reason =
      cause instanceof z.ZodError || cause instanceof SyntaxError
        ? "is damaged; restore it from a backup"
        : (cause as Error).message;
    throw new SettingError(`${file}: ${reason}`, { cause });
  }
}

function exists(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
