// The city's keys on disk: made once, kept, completed when they come from a folder made before the city had a role of its own.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadCityKeys } from "./city-keys.ts";
import { SettingError } from "./settings.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "glasstown-keys-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const file = (): string => join(data, "keys/city.json");

it("are made once, differ from each other, and are for their owner alone", () => {
  const keys = loadCityKeys(data);
  expect(new Set(Object.values(keys)).size).toBe(5);
  expect(loadCityKeys(data)).toEqual(keys);
  expect(statSync(file()).mode & 0o077).toBe(0);
});

it("get the city's own key where it is missing, and keep the others", () => {
  const { city: _, ...older } = loadCityKeys(data);
  writeFileSync(file(), JSON.stringify(older), { mode: 0o600 });
  const keys = loadCityKeys(data);
  expect(keys).toEqual({ ...older, city: keys.city });
  expect(loadCityKeys(data)).toEqual(keys);
  expect(statSync(file()).mode & 0o077).toBe(0);
});

it("are not made anew in place of damaged ones", () => {
  loadCityKeys(data);
  for (const text of ["{", "{}", '{"city":"00"}']) {
    writeFileSync(file(), text);
    expect(() => loadCityKeys(data)).toThrow(SettingError);
    expect(readFileSync(file(), "utf8")).toBe(text);
  }
});
