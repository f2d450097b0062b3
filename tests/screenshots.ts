// `npm run screenshots [-- --world <file>] [-- --out <folder>]`: pictures of the default city and of a given CityJSON world,
// taken in headless Chromium from fixed places. The sky is set to the golden hour, noon or night, not live.

import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { enterCity, launchBrowser, visit } from "./browser/chromium.ts";
import { startCity } from "./browser/running-city.ts";

const root = resolve(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(root, "docs/pictures") },
    world: { type: "string" },
    only: { type: "string" },
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
  readonly width?: number;
  readonly height?: number;
  readonly card?: "air" | "meter";
  readonly panel?: string;
  readonly locale?: string;
}

const shots: readonly Shot[] = [
  { name: "street-golden", light: "golden", view: "walk" },
  { name: "air-golden", light: "golden", view: "fly" },
  { name: "air-noon", light: "noon", view: "fly" },
  { name: "street-night", light: "night", view: "walk" },
  { name: "card", light: "golden", view: "walk", card: "air" },
  { name: "phone", light: "golden", view: "walk", width: 390, height: 844 },
  { name: "korean", light: "noon", view: "walk", card: "meter", locale: "ko-KR" },
];

async function take(world: string, prefix: string, wanted: readonly Shot[]): Promise<void> {
  const city = await startCity({ GLASSTOWN_SLOT_SECONDS: "60" }, world);
  const browser = await launchBrowser();
  try {
    for (const shot of wanted) {
      if (values.only !== undefined && !shot.name.includes(values.only)) continue;
      const visitor = await visit(browser, city.url, {
        quality: values.quality,
        locale: shot.locale ?? "en-GB",
        query: `&light=${shot.light}`,
      });
      await visitor.page.setViewportSize({ width: shot.width ?? 1440, height: shot.height ?? 900 });
      await enterCity(
        visitor.page,
        `Ada ${shot.name}`
          .slice(0, 32)
          .replace(/[^A-Za-z ]/g, " ")
          .trim(),
      );
      await visitor.page.evaluate(
        async ({ view, at, light }) => {
          const scene = window.glasstown?.scene;
          if (scene == null) throw new Error("the scene did not open");
          await scene.shown;
          scene.setLight(light);
          if (at !== undefined) scene.spawn(...at);
          scene.setView(view);
        },
        { view: shot.view, at: shot.at as [number, number, number] | undefined, light: shot.light },
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
      // Software rendering needs some seconds for the shadows and the far tiles.
      await visitor.page.waitForTimeout(8_000);
      const file = join(values.out, `${prefix}-${shot.name}.png`);
      await visitor.page.screenshot({ path: file, timeout: 120_000 });
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
if (values.world !== undefined) await take(resolve(values.world), "world", shots);
else {
  await take("default", "glasstown", shots);
  if (existsSync(delft)) await take(delft, "delft", shots.slice(0, 2));
  else console.error("no picture of Delft: ../shared/data is not there");
}
