// ensureWorld: builds once, safely for several callers, and says clearly what is wrong.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureWorld, WorldError } from "./locate.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "glasstown-worlds-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const house = {
  type: "CityJSON",
  version: "2.0",
  transform: { scale: [1, 1, 1], translate: [85_000, 447_000, 0] },
  metadata: { referenceSystem: "https://www.opengis.net/def/crs/EPSG/0/7415" },
  CityObjects: {
    "house-1": {
      type: "Building",
      geometry: [
        {
          type: "Solid",
          lod: "1",
          boundaries: [
            [[[0, 3, 2, 1]], [[4, 5, 6, 7]], [[0, 1, 5, 4]], [[1, 2, 6, 5]], [[2, 3, 7, 6]], [[3, 0, 4, 7]]],
          ],
        },
      ],
    },
  },
  vertices: [
    [0, 0, 0],
    [10, 0, 0],
    [10, 8, 0],
    [0, 8, 0],
    [0, 0, 6],
    [10, 0, 6],
    [10, 8, 6],
    [0, 8, 6],
  ],
};

describe("ensureWorld", () => {
  it("builds once for callers at the same time, and again only for other input", async () => {
    const path = join(root, "My House.city.json");
    writeFileSync(path, JSON.stringify(house));
    const data = join(root, "data");
    const log: string[] = [];
    const call = (): Promise<string> => ensureWorld({ data, world: path, log: (line) => log.push(line) });
    const folders = await Promise.all([call(), call(), call()]);
    expect(new Set(folders).size).toBe(1);
    expect(folders[0]).toMatch(/worlds[/\\]my-house-[0-9a-f]{16}$/);
    expect(log.filter((line) => line.startsWith("importing"))).toHaveLength(1);
    expect(readdirSync(join(data, "worlds")).filter((name) => name.startsWith("."))).toEqual([]);
    expect(await ensureWorld({ data, world: folders[0]! })).toBe(folders[0]);
    writeFileSync(path, JSON.stringify({ ...house, metadata: {} }));
    expect(await call()).not.toBe(folders[0]);
  });

  it("takes over the lock of a process that died", async () => {
    const path = join(root, "dead.json");
    writeFileSync(path, JSON.stringify(house));
    const data = join(root, "data-lock");
    const first = await ensureWorld({ data, world: path });
    const name = first.split(/[/\\]/).at(-1)!;
    rmSync(first, { recursive: true });
    // No process has this number: it is above every system's limit.
    writeFileSync(join(data, "worlds", `.${name}.lock`), "2147483646");
    expect(await ensureWorld({ data, world: path })).toBe(first);
  });

  it.each([
    ["of an earlier life of the machine with the same process number", () => String(process.pid)],
    ["that a full disk left empty", () => ""],
  ])("takes over a lock %s", async (_, owner) => {
    const path = join(root, "again.json");
    writeFileSync(path, JSON.stringify(house));
    const data = join(root, "data-own-lock");
    const first = await ensureWorld({ data, world: path });
    rmSync(first, { recursive: true });
    const lock = join(data, "worlds", `.${first.split(/[/\\]/).at(-1)!}.lock`);
    writeFileSync(lock, owner());
    const before = new Date(Date.now() - 60_000);
    utimesSync(lock, before, before);
    expect(await ensureWorld({ data, world: path })).toBe(first);
  });

  it.each([
    ["a missing file", () => join(root, "nowhere.json"), /nowhere\.json: no such world; give "default"/],
    [
      "a folder that is no world",
      () => {
        mkdirSync(join(root, "empty"), { recursive: true });
        return join(root, "empty");
      },
      /without world\.json/,
    ],
    [
      "a damaged manifest",
      () => {
        mkdirSync(join(root, "damaged"), { recursive: true });
        writeFileSync(
          join(root, "damaged", "world.json"),
          `{"format":"glasstown-world/1","hash":"${"0".repeat(64)}","tiles":[{"file":"../../x"}],"files":{}}`,
        );
        return join(root, "damaged");
      },
      /names the file "\.\.\/\.\.\/x", which is missing/,
    ],
    [
      "nesting that exhausts the stack",
      () => {
        const deep = "[".repeat(200_000) + "]".repeat(200_000);
        const text = JSON.stringify({ ...house, metadata: { title: 0 } }).replace('"title":0', `"title":${deep}`);
        writeFileSync(join(root, "deep.json"), text);
        return join(root, "deep.json");
      },
      /cannot be imported/,
    ],
    [
      "a file that is too large",
      () => {
        const path = join(root, "large.json");
        writeFileSync(path, "{");
        truncateSync(path, 301 * 1024 * 1024);
        return path;
      },
      /301 MB is more than 300 MB/,
    ],
    [
      "text that is not JSON",
      () => {
        writeFileSync(join(root, "text.json"), "hello");
        return join(root, "text.json");
      },
      /not readable as JSON/,
    ],
    [
      "a model without buildings",
      () => {
        writeFileSync(join(root, "none.json"), JSON.stringify({ ...house, CityObjects: {} }));
        return join(root, "none.json");
      },
      /no building/,
    ],
  ])("refuses %s in one line", async (_, make, message) => {
    const attempt = ensureWorld({ data: join(root, "data"), world: make() });
    await expect(attempt).rejects.toThrow(WorldError);
    await expect(attempt).rejects.toThrow(message);
  });
});
