// The browser of the tests: a real Chromium, found as setup.mjs finds it, drawing WebGL in software where there is no GPU.

import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Null when there is no Chromium. */
export function chromiumPath(): string | null {
  const named = process.env["CHROMIUM_PATH"] ?? process.env["PUPPETEER_EXECUTABLE_PATH"];
  if (named !== undefined && named !== "") return named;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  const cache = join(homedir(), ".cache/puppeteer/chrome");
  if (existsSync(cache)) {
    for (const version of readdirSync(cache).sort().reverse()) {
      for (const layout of [
        "chrome-linux64/chrome",
        "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
      ]) {
        if (existsSync(join(cache, version, layout))) return join(cache, version, layout);
      }
    }
  }
  return null;
}

/** On an x64 processor V8 has SIMD for WebAssembly only with SSE4.1; elsewhere the flag changes nothing. */
export const flagsWithoutSimd = ["--js-flags=--no-enable-sse4-1"];

/**
 * Starts the browser; close it in afterAll.
 * @param webgl false for a browser without WebGL, which shows the map and the lists instead of the scene.
 * @throws {Error} saying what to install when there is no Chromium.
 */
export async function launchBrowser(webgl = true, flags: readonly string[] = []): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error("no Chromium found: install the package chromium, or set CHROMIUM_PATH");
  return chromium.launch({
    executablePath,
    args: [
      ...flags,
      ...(webgl
        ? ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
        : ["--disable-3d-apis"]),
      "--no-sandbox",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the page's own scripts, and error lines of its console. */
  readonly errors: string[];
}

/** A fresh browser profile with the city's page open. Low quality: software rendering shares two cores. */
export async function visit(
  browser: Browser,
  url: string,
  options: { readonly locale?: string; readonly quality?: string; readonly query?: string } = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: 960, height: 600 },
    locale: options.locale ?? "en-GB",
    reducedMotion: "reduce",
  });
  // Playwright waits until an element rests for two frames; software rendering may take seconds for one.
  context.setDefaultTimeout(200_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(`${url}/?quality=${options.quality ?? "low"}${options.query ?? ""}`);
  return { context, page, errors };
}

/** Chooses a name and enters; resolves when the room has let the citizen in. */
export async function enterCity(page: Page, name: string): Promise<void> {
  await page.getByTestId("name-input").waitFor();
  await page.getByTestId("name-input").fill(name);
  await page.getByTestId("enter-city").click();
  await page.waitForFunction(() => window.glasstown?.self() != null);
}
