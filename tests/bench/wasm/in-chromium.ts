// The areas again in headless Chromium, in a Web Worker of a page that is isolated across origins. Names begin with `chromium:`.

import { join } from "node:path";
import { bundle } from "../../browser/bundle.ts";
import { chromiumPath, launchBrowser } from "../../browser/chromium.ts";
import { serveFolders } from "../../browser/folder-server.ts";
import { withFolder } from "../folders.ts";
import type { Line } from "../measure.ts";

/** Says on standard error why there are no lines when there is no Chromium. @throws {Error} what the worker threw. */
export async function linesInChromium(
  quick: boolean,
  only: string | undefined,
  print: (line: Line) => void,
): Promise<void> {
  if (chromiumPath() === null) {
    console.error("no Chromium found (CHROMIUM_PATH): the lines chromium:wasm/... are left out");
    return;
  }
  await withFolder(async (folder) => {
    const script = await bundle(join(import.meta.dirname, "chromium.worker.ts"), folder);
    const modules = join(import.meta.dirname, "../../../build/wasm");
    const server = await serveFolders({ assets: join(folder, "assets"), modules }, { isolated: true });
    const browser = await launchBrowser(false);
    try {
      const page = await browser.newPage();
      page.on("console", (message) => console.error(`chromium: ${message.text()}`));
      await page.exposeFunction("benchLine", print);
      await page.goto(server.url);
      await page.evaluate(
        ({ script, quick, only }) =>
          new Promise<void>((resolve, reject) => {
            const worker = new Worker(script, { type: "module" });
            const printed: Promise<void>[] = [];
            worker.onmessage = ({ data }: MessageEvent<Line | null>) => {
              if (data === null) void Promise.all(printed).then(() => resolve());
              else printed.push(window.benchLine(data));
            };
            worker.onerror = ({ message }) => reject(new Error(message ?? "the worker's script does not load"));
            worker.postMessage({ quick, only });
          }),
        { script, quick, only },
      );
    } finally {
      await browser.close();
      await server.close();
    }
  });
}

declare global {
  interface Window {
    /** Set by the bench's page only. */
    benchLine(line: Line): Promise<void>;
  }
}
