// The light client's worker in Chromium, several tabs of it: they share what they ask and what they remember, take over what older
// pages kept, and say offline what they have verified.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeLedger, makeSigners } from "../../ledger/light/testing/fake-ledger.ts";
import type { Verdict } from "../../ledger/light/verdict.ts";
import { headerToJson, hexUpper, toBase64 } from "../../ledger/protocol/comet.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { bundle } from "./bundle.ts";
import { launchBrowser } from "./chromium.ts";

const core = loadCore();
const folder = mkdtempSync(join(tmpdir(), "glasstown-light-tabs-"));
const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };
const headers = { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" };
let browser: Browser;
let server: Server;
let url: string;
let ledger: FakeLedger;
let ledgerIsDown: boolean;
let context: BrowserContext;

beforeAll(async () => {
  await bundle(join(import.meta.dirname, "light-tabs.entry.ts"), folder);
  server = createServer(async ({ url: path = "/" }, response) => {
    if (path.startsWith("/ledger/")) {
      if (ledgerIsDown) return void response.writeHead(502).end();
      const answer = await ledger.fetch(path, { signal: new AbortController().signal });
      response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
      return void response.end(new Uint8Array(await answer.arrayBuffer()));
    }
    if (path === "/")
      return void response
        .writeHead(200, { ...headers, "content-type": "text/html" })
        .end('<!doctype html><link rel="icon" href="data:,"><script type="module" src="/assets/entry.js"></script>');
    response.writeHead(200, { ...headers, "content-type": types[extname(path)] ?? "" });
    response.end(readFileSync(join(folder, "assets", basename(path))));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser(false);
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  ledger = new FakeLedger(core, "glasstown-tabs", makeSigners(core, 4, "validator"), Date.now() - 60_000);
  ledger.hasLightBlocks = true;
  for (let height = 1; height <= 12; height++) ledger.make();
  ledgerIsDown = false;
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
});

async function openTab(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.openLight !== undefined);
  return page;
}

const verifyBlock = (page: Page, height: number): Promise<Verdict> =>
  page.evaluate((asked) => globalThis.openLight!().verifyBlock(asked), height);
const headOf = (page: Page): Promise<unknown> => page.evaluate(() => globalThis.openLight!().head());

test("two tabs that want the same ask the server about once for it", async () => {
  const tabs = [await openTab(), await openTab()];
  const heights = [10, 8, 7, 5, 4, 3, 2];
  for (const height of heights)
    for (const verdict of await Promise.all(tabs.map((tab) => verifyBlock(tab, height))))
      expect(verdict).toMatchObject({ state: "verified", height });
  const asked = ledger.asked.filter((path) => /\/light-blocks\/\d+$/.test(path));
  // Each tab by itself would ask for each; a machine that is very slow may let a few of them be asked twice.
  expect(asked.length).toBeGreaterThanOrEqual(heights.length);
  expect(asked.length).toBeLessThan(2 * heights.length - 2);
});

test("a tab that opens later knows what the first has verified, and forgets with it", async () => {
  const first = await openTab();
  expect(await verifyBlock(first, 9)).toMatchObject({ state: "verified" });
  await expect.poll(() => rowsOf(first)).toContain("home");
  const second = await openTab();
  expect(await headOf(second)).toMatchObject({ chain: "glasstown-tabs", height: 12 });
  await first.evaluate(() => globalThis.openLight!().forget());
  await expect.poll(() => headOf(second)).toBeNull();
  expect(await rowsOf(first)).toEqual([]);
});

test("what was verified is said again while the ledger is away, also by a new tab", async () => {
  const first = await openTab();
  const verdict = await verifyBlock(first, 6);
  expect(verdict).toMatchObject({ state: "verified" });
  await expect.poll(async () => (await rowsOf(first)).some((key) => key.startsWith("proof/"))).toBe(true);
  ledgerIsDown = true;
  const remembered = { atMs: expect.any(Number) };
  await first.close();
  const second = await openTab();
  expect(await verifyBlock(second, 6)).toEqual({ ...verdict, remembered });
  expect(await verifyBlock(second, 7)).toMatchObject({ state: "unverified" });
});

test("trust that an older page kept is taken over", async () => {
  const page = await openTab();
  const { header, signers } = ledger.blocks[4]!;
  const row = {
    header: headerToJson(header),
    signers: 4,
    validators: signers.map(({ address, publicKey, power }) => ({
      address: hexUpper(address),
      pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
      voting_power: String(power),
    })),
  };
  // As Dexie made it for its version 1.
  await page.evaluate(
    (kept) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.open("glasstown-light", 10);
        request.onupgradeneeded = () => {
          const table = request.result.createObjectStore("trust", { keyPath: "key" });
          table.put({ key: "home", value: { chain: "glasstown-tabs" } });
          table.put({ key: "header/glasstown-tabs", value: kept });
        };
        request.onsuccess = () => {
          request.result.close();
          resolve();
        };
        request.onerror = () => reject(request.error);
      }),
    row,
  );
  ledgerIsDown = true;
  expect(await headOf(page)).toMatchObject({ chain: "glasstown-tabs", height: 5 });
  ledgerIsDown = false;
  expect(await verifyBlock(page, 11)).toMatchObject({ state: "verified" });
  const keys = await rowsOf(page);
  expect(keys).not.toContain("header/glasstown-tabs");
  expect(keys.filter((key) => key.startsWith("header/")).length).toBeGreaterThan(0);
});

/** Keys of what the worker keeps. */
function rowsOf(page: Page): Promise<string[]> {
  return page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const request = indexedDB.open("glasstown-light");
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          const keys = request.result.transaction("memory").objectStore("memory").getAllKeys();
          keys.onsuccess = () => {
            request.result.close();
            resolve(keys.result.map(String));
          };
        };
      }),
  );
}
