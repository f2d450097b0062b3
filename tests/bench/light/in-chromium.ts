// Starts and headers again in headless Chromium, in a Web Worker. Names begin with `chromium:`. Pages cannot count bytes on the wire: they are
// those of Node. Each request there begins a connection anew, and asks nobody's leave first.

import { join } from "node:path";
import { FakeLedger, makeSigners } from "../../../ledger/light/testing/fake-ledger.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { bundle } from "../../browser/bundle.ts";
import { chromiumPath, launchBrowser } from "../../browser/chromium.ts";
import { serveFolders } from "../../browser/folder-server.ts";
import { withFolder } from "../folders.ts";
import type { Line } from "../measure.ts";
import { LoopbackLedger } from "./loopback-ledger.ts";

/** Says on standard error why there are no lines when there is no Chromium. @throws {Error} what the worker threw. */
export async function linesInChromium(quick: boolean, genesisMs: number, print: (line: Line) => void): Promise<void> {
  if (chromiumPath() === null) {
    console.error("no Chromium found (CHROMIUM_PATH): the lines chromium:light/... are left out");
    return;
  }
  const serve = (validators: number, blocks: number) => {
    const core = loadCore();
    const ledger = new FakeLedger(core, "glasstown-bench", makeSigners(core, validators, "validator"), genesisMs);
    ledger.hasLightBlocks = true;
    for (let i = 0; i < blocks; i++) ledger.make();
    return new LoopbackLedger(ledger).open();
  };
  const headers = quick ? 20 : 100;
  const [four, hundred, long] = await Promise.all([serve(4, 6), serve(100, 6), serve(4, headers)]);
  await withFolder(async (folder) => {
    const script = await bundle(join(import.meta.dirname, "chromium.worker.ts"), folder);
    const modules = join(import.meta.dirname, "../../../build/wasm");
    const site = await serveFolders({ assets: join(folder, "assets"), modules }, { isolated: false });
    const browser = await launchBrowser(false);
    const order = {
      quick,
      genesisMs,
      ledgers: [
        [4, four.url],
        [100, hundred.url],
      ],
      long: { url: long.url, headers },
    };
    try {
      const page = await browser.newPage();
      page.on("console", (message) => console.error(`chromium: ${message.text()}`));
      await page.exposeFunction("benchLine", print);
      await page.goto(site.url);
      await page.evaluate(
        ({ script, order }) =>
          new Promise<void>((resolve, reject) => {
            const worker = new Worker(script, { type: "module" });
            const printed: Promise<void>[] = [];
            worker.onmessage = ({ data }: MessageEvent<Line | null>) => {
              if (data === null) void Promise.all(printed).then(() => resolve());
              else printed.push(window.benchLine(data));
            };
            worker.onerror = ({ message }) => reject(new Error(message ?? "the worker's script does not load"));
            worker.postMessage(order);
          }),
        { script, order },
      );
    } finally {
      await browser.close();
      await site.close();
    }
  });
  for (const server of [four, hundred, long]) await server.close();
}
