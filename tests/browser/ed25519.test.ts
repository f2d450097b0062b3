// Ed25519 in a browser's worker: what native code accepts needs no WASM; the first rejection fetches it, once, and it decides.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "./bundle.ts";
import { launchBrowser } from "./chromium.ts";
import { type FolderServer, serveFolders } from "./folder-server.ts";

const folder = mkdtempSync(join(tmpdir(), "glasstown-ed25519-"));
let browser: Browser;
let server: FolderServer;
let script: string;

beforeAll(async () => {
  script = await bundle(join(import.meta.dirname, "ed25519.worker.ts"), folder);
  server = await serveFolders({ assets: join(folder, "assets") }, { isolated: true });
  browser = await launchBrowser(false);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

test("the WASM module comes with the first signature that native code rejects, and decides", async () => {
  const { publicKey, secretKey } = ed25519.keygen();
  const message = new Uint8Array([1, 2, 3]);
  const signature = ed25519.sign(message, secretKey);
  const valid = { key: publicKey, message, signature };
  const forged = { ...valid, message: new Uint8Array([3, 2, 1]) };
  // The key and R are the neutral element, once as y = 1 and once as y = p + 1: valid under ZIP-215 over any message.
  const neutral = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
  const beyond = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xee : i === 31 ? 0x7f : 0xff));
  const smallOrder = { key: beyond, message, signature: Uint8Array.from([...neutral, ...new Uint8Array(32)]) };

  const page = await browser.newPage();
  await page.goto(server.url);
  const worker = await page.evaluateHandle((url) => new Worker(url, { type: "module" }), script);
  const verdicts = (items: readonly (typeof valid)[]): Promise<boolean[]> =>
    page.evaluate(
      ({ worker, lists }) =>
        new Promise<boolean[]>((resolve, reject) => {
          worker.onmessage = ({ data }: MessageEvent<boolean[]>) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message ?? "the worker's script does not load"));
          worker.postMessage(
            lists.map(([key, message, signature]) => ({
              key: new Uint8Array(key!),
              message: new Uint8Array(message!),
              signature: new Uint8Array(signature!),
            })),
          );
        }),
      { worker, lists: items.map((item) => [item.key, item.message, item.signature].map((bytes) => [...bytes])) },
    );
  const fetched = (): string[] => server.asked.filter((path) => path.endsWith(".wasm"));

  expect(await verdicts([valid, valid])).toEqual([true, true]);
  expect(fetched()).toEqual([]);
  expect(await verdicts([forged, smallOrder, valid, { ...smallOrder, key: publicKey }])).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(fetched()).toEqual([expect.stringMatching(/ed25519\.simd-.*\.wasm$/)]);
});
