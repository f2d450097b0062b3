// The core in Chromium: on the main thread and in a worker, with SIMD and without, with shared memory and without; only the
// variant that runs is fetched.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { bundle } from "./bundle.ts";
import { flagsWithoutSimd, launchBrowser } from "./chromium.ts";
import type { CoreReport } from "./core.entry.ts";
import { type FolderServer, serveFolders } from "./folder-server.ts";

const folder = mkdtempSync(join(tmpdir(), "glasstown-core-"));
const leaves = new Uint8Array(32 * 10_000).map((_, i) => i * 7 + (i >> 8));
const root = Buffer.from(loadCore().merkleRootOfPacked(leaves, 32)).toString("hex");

beforeAll(async () => {
  await bundle(join(import.meta.dirname, "core.entry.ts"), folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

const places = ["page", "worker"] as const;

async function reportOf(browser: Browser, server: FolderServer, place: (typeof places)[number]): Promise<CoreReport> {
  const page = await browser.newPage();
  try {
    await page.goto(server.url);
    if (place === "page") {
      await page.addScriptTag({ type: "module", url: "/assets/entry.js" });
      await page.waitForFunction(() => window.coreReported !== undefined);
      return await page.evaluate(() => window.coreReported!);
    }
    return await page.evaluate(
      () =>
        new Promise<CoreReport>((resolve, reject) => {
          const worker = new Worker("/assets/entry.js", { type: "module" });
          worker.onmessage = ({ data }) => resolve(data as CoreReport);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
    );
  } finally {
    await page.close();
  }
}

/** Variants of the core that were asked for. */
function fetched(server: FolderServer): string[] {
  return [...new Set(server.asked.flatMap((path) => /\/([\w-]+\.(?:simd|scalar))-[^/]*\.wasm$/.exec(path)?.[1] ?? []))];
}

describe.each([
  { engine: "with SIMD", simd: true, flags: [] },
  { engine: "without SIMD", simd: false, flags: flagsWithoutSimd },
])("Chromium $engine", ({ simd, flags }) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(false, flags);
  });
  afterAll(() => browser.close());

  describe.each([true, false])("isolated across origins: %s", (isolated) => {
    it.skipIf(!simd && process.arch !== "x64").each(places)("runs the core in a %s", async (place) => {
      const server = await serveFolders({ assets: join(folder, "assets") }, { isolated });
      try {
        const report = await reportOf(browser, server, place);
        expect(report).toEqual({ simd, isolated, root, verdicts: [true, false], pooled: [root, root] });
        expect(fetched(server)).toEqual([simd ? "core.simd" : "core.scalar"]);
      } finally {
        await server.close();
      }
    });
  });
});

describe("Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(false);
  });
  afterAll(() => browser.close());

  it("says that hashing workers do not load, and waits for nothing", async () => {
    const server = await serveFolders({ assets: join(folder, "assets") }, { isolated: true, missing: /parallel-web/ });
    try {
      const { root: own, pooled } = await reportOf(browser, server, "page");
      expect(own).toBe(root);
      const refused = "ParallelHashingFailed: a hashing worker ended: its script does not load";
      expect(pooled).toEqual([refused, refused]);
    } finally {
      await server.close();
    }
  });

  it("finds both variants among the bundle's files, and no module among the scripts", () => {
    const names = readdirSync(join(folder, "assets"));
    for (const variant of ["simd", "scalar"])
      expect(names.filter((name) => name.startsWith(`core.${variant}-`) && name.endsWith(".wasm")).length).toBe(1);
  });
});
