// `npm run screenshots [-- --world <file>] [--out <folder>] [--only <name>] [--url <a running city>]`: pictures of the default
// city and of a given CityJSON world, taken in headless Chromium from fixed places. The sky is set to the golden hour, noon or
// night, not live.

import { existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { enterCity, launchBrowser, visit } from "./browser/chromium.ts";
import { startCity } from "./browser/running-city.ts";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(root, "docs/pictures") },
    world: { type: "string" },
    only: { type: "string" },
    url: { type: "string" },
    quality: { type: "string", default: "high" },
  },
});
const delft = resolve(root, "../shared/data/cityjson/cities/delft_3dbag.json");

interface Shot {
  readonly name: string;
  readonly light: "golden" | "noon" | "night" | "live";
  readonly view: "walk" | "fly";
  /** Local metres and heading; the world's own arrival place when left out. */
  readonly at?: readonly [x: number, y: number, heading: number];
  /** Where the camera looks: degrees, metres. */
  readonly camera?: {
    readonly heading: number;
    readonly pitch: number;
    readonly altitude?: number;
    readonly distance?: number;
    readonly from?: { readonly x: number; readonly y: number };
  };
  readonly width?: number;
  readonly height?: number;
  readonly card?: "air" | "meter";
  readonly panel?: string;
  readonly locale?: string;
}

const shots: readonly Shot[] = [
  {
    name: "river-golden",
    light: "golden",
    view: "fly",
    camera: { from: { x: 4, y: -72 }, heading: 2, pitch: 2, altitude: 7 },
  },
  {
    name: "air-golden",
    light: "golden",
    view: "fly",
    camera: { from: { x: -60, y: -260 }, heading: 12, pitch: 22, altitude: 120 },
  },
  { name: "street-night", light: "night", view: "walk" },
  { name: "card", light: "golden", view: "walk", card: "air" },
  { name: "phone", light: "golden", view: "walk", width: 390, height: 844 },
  { name: "korean", light: "noon", view: "walk", card: "meter", locale: "ko-KR" },
];
/** Places in Delft are its own: the world's arrival place, and the air above it. */
const delftShots: readonly Shot[] = [
  { name: "street-golden", light: "golden", view: "walk" },
  {
    name: "air-golden",
    light: "golden",
    view: "fly",
    camera: { from: { x: 130, y: -130 }, heading: 322, pitch: 24, altitude: 48 },
  },
];
/** Frames drawn after the camera has come to rest: shadows and far trees are in place then. */
const restFrames = 3;

async function take(world: string, prefix: string, wanted: readonly Shot[]): Promise<void> {
  const city =
    values.url !== undefined
      ? { url: values.url, stop: async (): Promise<void> => {} }
      : await startCity({ GLASSTOWN_SLOT_SECONDS: "60" }, world);
  const browser = await launchBrowser();
  try {
    for (const shot of wanted) {
      if (values.only !== undefined && !values.only.split(",").includes(shot.name)) continue;
      const visitor = await visit(browser, city.url, {
        quality: values.quality,
        locale: shot.locale ?? "en-GB",
        query: `&light=${shot.light}`,
      });
      await visitor.page.setViewportSize({ width: shot.width ?? 1440, height: shot.height ?? 900 });
      await enterCity(
        visitor.page,
        // A city that goes on running keeps its names: each visitor brings a new one.
        `Ada ${String.fromCharCode(...crypto.getRandomValues(new Uint8Array(6)).map((byte) => 97 + (byte % 26)))}`,
      );
      await visitor.page.waitForFunction(() => window.glasstown?.scene != null, undefined, { timeout: 120_000 });
      await visitor.page.evaluate(
        async ({ view, at, light, camera }) => {
          const scene = window.glasstown?.scene;
          if (scene == null) throw new Error("the scene did not open");
          await scene.shown;
          scene.setLight(light);
          if (at !== undefined) scene.spawn(...at);
          scene.setView(view);
          if (camera !== undefined) scene.setCamera?.(camera);
        },
        {
          camera: shot.camera,
          view: shot.view,
          at: shot.at as [number, number, number] | undefined,
          light: shot.light,
        },
      );
      if (shot.card !== undefined) {
        const kind = shot.card;
        const answer = (await (await fetch(`${city.url}/city/devices.json`)).json()) as readonly {
          id: string;
          kind: string;
        }[];
        const device = answer.find((candidate) => candidate.kind === kind);
        if (device !== undefined) await visitor.page.evaluate((id) => window.glasstown?.inspectDevice(id), device.id);
        await visitor.page
          .locator('[data-testid="shield"][data-state="verified"]')
          .first()
          .waitFor({ timeout: 120_000 })
          .catch(() => undefined);
      }
      // The first picture a visitor sees is of the city, not of its hint.
      await visitor.page
        .locator(".hint-card button")
        .dispatchEvent("click", undefined, { timeout: 5_000 })
        .catch(() => undefined);
      const before = await visitor.page.evaluate(() => window.glasstown?.scene?.frames ?? 0);
      await visitor.page.waitForFunction(
        (frames) => (window.glasstown?.scene?.frames ?? 0) >= frames,
        before + restFrames,
        { timeout: 300_000 },
      );
      // The frame stays while the picture is taken: software rendering would otherwise keep both cores.
      await visitor.page.evaluate(() => window.glasstown?.scene?.hold?.(true));
      const file = join(values.out, `${prefix}-${shot.name}.jpg`);
      await visitor.page.screenshot({ path: file, type: "jpeg", quality: 85, timeout: 120_000 });
      console.log(file);
      for (const error of visitor.errors) console.error(`  page error: ${error}`);
      await visitor.context.close();
    }
  } finally {
    await browser.close();
    await city.stop();
  }
}

mkdirSync(values.out, { recursive: true });
if (values.world !== undefined)
  await take(resolve(values.world), basename(values.world).split(/[_.]/)[0] ?? "world", delftShots);
else {
  await take("default", "glasstown", shots);
  if (values.url !== undefined) console.error("no picture of Delft: it needs a city of its own");
  else if (existsSync(delft)) await take(delft, "delft", delftShots);
  else console.error("no picture of Delft: ../shared/data is not there");
}
