// What a new user meets when something is wrong at the start: one clear line and a non-zero exit, nothing half-started.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "glasstown-start-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the supervisor until it ends; a run that does not end by itself fails by its signal. */
function start(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  return spawnSync(join(root, "node_modules/.bin/node"), ["supervisor/start.ts", ...parameters], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, INIT_CWD: root, GLASSTOWN_DATA: join(folder, "data"), ...environment },
  });
}

function expectOneLine(result: SpawnSyncReturns<string>, pattern: RegExp): void {
  expect(result.signal, result.stdout + result.stderr).toBe(null);
  expect(result.status, result.stdout + result.stderr).toBeGreaterThan(0);
  const lines = result.stderr.trim().split("\n");
  expect(lines, result.stderr).toHaveLength(1);
  expect(lines[0]).toMatch(pattern);
  expect(result.stderr).not.toMatch(/\n\s+at /);
}

describe("npm start refuses with one line", () => {
  it("an argument that it does not know", () => {
    expectOneLine(start(["--wrold", "x"]), /--wrold/);
  });
  it("a setting that is not a number", () => {
    expectOneLine(start([], { GLASSTOWN_PORT: "http" }), /GLASSTOWN_PORT.*http/);
  });
  it("a world file that is not there", () => {
    expectOneLine(start(["--world", join(folder, "nowhere.json")]), /nowhere\.json/);
  });
  it("a world file that is not JSON", () => {
    const file = join(folder, "torn.json");
    writeFileSync(file, '{"type":"CityJSON","version":"2.0"');
    expectOneLine(start(["--world", file]), /torn\.json/);
  });
  it("JSON that is not CityJSON", () => {
    const file = join(folder, "other.json");
    writeFileSync(file, '{"hello":"world"}');
    expectOneLine(start(["--world", file]), /other\.json.*CityJSON/);
  });
  it("CityJSON whose vertices do not exist", () => {
    const file = join(folder, "broken.city.json");
    const solid = { type: "MultiSurface", lod: "1", boundaries: [[[0, 1, 99]]] };
    const model = {
      type: "CityJSON",
      version: "2.0",
      transform: { scale: [1, 1, 1], translate: [0, 0, 0] },
      CityObjects: { house: { type: "Building", geometry: [solid] } },
      vertices: [
        [0, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
      ],
    };
    writeFileSync(file, JSON.stringify(model));
    expectOneLine(start(["--world", file]), /broken\.city\.json.*(vertex|vertices)/i);
  });
  it("a replay profile that is not there", () => {
    expectOneLine(start(["--replay", join(folder, "no-profile.csv")]), /no-profile\.csv/);
  });
  it("a data folder that cannot be made", () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    expectOneLine(start([], { GLASSTOWN_DATA: join(file, "data") }), /a-file/);
  });
  it("a port that is taken", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      expectOneLine(
        start([], { GLASSTOWN_PORT: String(port) }),
        new RegExp(`${port}.*GLASSTOWN_PORT|GLASSTOWN_PORT.*${port}`),
      );
    } finally {
      await new Promise((done) => server.close(done));
    }
  });
});

describe("npm start on a full disk", () => {
  const mounted = join(tmpdir(), `glasstown-full-${process.pid}`);
  mkdirSync(mounted, { recursive: true });
  const canMount =
    process.getuid?.() === 0 && spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mounted]).status === 0;
  afterAll(() => {
    if (canMount) spawnSync("umount", [mounted]);
    rmSync(mounted, { recursive: true, force: true });
  });
  // Needs a small file system of its own, which only root may mount.
  it.skipIf(!canMount)("refuses with one line", () => {
    expectOneLine(start([], { GLASSTOWN_DATA: join(mounted, "data") }), /space|full/i);
  });
});
