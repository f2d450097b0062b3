// The verify page in Chromium: real bundles pasted, dropped, scanned from pictures and opened by a link, with the network off once it
// is loaded; verdicts for who knows the validators, for who was told of them, for who knows nobody, and for what was changed.

import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { serve } from "@hono/node-server";
import type { Browser, BrowserContext, Page } from "playwright-core";
import encodeQR from "qr";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toBundleText, toQrTexts } from "../../ledger/light/bundle/text-forms.ts";
import { realBundles, trustedHead } from "../../ledger/light/testing/bundle-mutations.ts";
import { makeCity, memoryStore } from "../../ledger/light/testing/fake-city.ts";
import { TrustMemory } from "../../ledger/light/trust-store.ts";
import { hex } from "../../ledger/protocol/bytes.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { pageRoutes } from "../../world-server/page.ts";
import type { WorldManifest } from "../../worlds/format/world.ts";
import { launchBrowser } from "./chromium.ts";

const core = loadCore();
const city = makeCity(core);
let bundles: Awaited<ReturnType<typeof realBundles>>["bundles"];
let server: ReturnType<typeof serve>;
let url = "";
let browser: Browser;
let context: BrowserContext;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  ({ bundles } = await realBundles(core, city));
  const client = resolve(import.meta.dirname, "../../build/client");
  const manifest = { hash: "0".repeat(64) } as WorldManifest;
  const health = async () => ({ ok: true, parts: {} });
  const app = pageRoutes({ client, world: { folder: client, manifest }, nowMs: () => 0, health });
  await new Promise<void>((ready) => {
    server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => ready());
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/verify`;
  browser = await launchBrowser(false);
});
afterAll(async () => {
  await browser.close();
  server.close();
});
beforeEach(async () => {
  context = await browser.newContext({
    viewport: { width: 900, height: 1000 },
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  page = await context.newPage();
  errors.length = 0;
  page.on("pageerror", (error) => errors.push(error.message));
});
afterEach(async () => {
  expect(errors).toEqual([]);
  await context.close();
});

const bundle = (kind: string) => bundles.find(({ question }) => question.kind === kind)!.bytes;
const verdict = () => page.getByTestId("verdict");
async function open(hash = ""): Promise<void> {
  await page.goto(`${url}${hash}`);
  await page.waitForLoadState("networkidle");
}
const stateOf = async (): Promise<string | null> => {
  await verdict().waitFor();
  return verdict().getAttribute("data-state");
};

describe("the verify page", () => {
  it("is whole for who knows nobody, green once the validators' words are told, with the network off", async () => {
    await open();
    await context.setOffline(true);
    await page.getByTestId("bundle-text").fill(toBundleText(bundle("state")));
    expect(await stateOf()).toBe("sound");
    const words = await page.getByTestId("fingerprint").locator("li").allTextContents();
    expect(words).toHaveLength(12);
    expect(await page.getByTestId("bundle-qr").count()).toBe(toQrTexts(core, bundle("state")).length);
    await page.getByTestId("told").fill(words.join(" "));
    await page.locator('[data-state="verified"]').waitFor();
    await page.getByTestId("told").fill([...words].reverse().join(" "));
    await page.locator('[data-state="sound"]').waitFor();
    await page.getByTestId("told").fill(hex(core.sha256(new Uint8Array())));
    await page.getByText("Do not believe it").waitFor();
  });

  it("says every kind in words", async () => {
    await open();
    for (const { bytes } of bundles) {
      await page.getByTestId("bundle-text").fill(toBundleText(bytes));
      expect(await stateOf()).toBe("sound");
      expect(await page.getByTestId("claim").textContent()).not.toMatch(/verify\.|\{/);
    }
  });

  it("opened by a link is green for a browser that was in the city, and red when one letter was changed", async () => {
    await open();
    const store = memoryStore();
    await new TrustMemory(store, core).remember(trustedHead(core, city));
    const rows = [...store.rows].map(([key, value]) => [key, plain(value)] as const);
    await page.evaluate(async (kept) => {
      const database = await new Promise<IDBDatabase>((found, failed) => {
        const request = indexedDB.open("glasstown-light", 11);
        request.onupgradeneeded = () => request.result.createObjectStore("memory");
        request.onsuccess = () => found(request.result);
        request.onerror = () => failed(request.error);
      });
      const revive = (value: unknown): unknown =>
        Object.fromEntries(
          Object.entries(value as Record<string, unknown>).map(([name, item]) => [
            name,
            Array.isArray(item) ? Uint8Array.from(item as number[]) : item,
          ]),
        );
      const transaction = database.transaction("memory", "readwrite");
      for (const [key, value] of kept) transaction.objectStore("memory").put(revive(value), key);
      await new Promise((done) => {
        transaction.oncomplete = done;
      });
      database.close();
    }, rows);
    const text = toBundleText(bundle("state"));
    await open(`/#${text}`);
    expect(await stateOf()).toBe("verified");
    const other = text[200] === "A" ? "B" : "A";
    await page.getByTestId("bundle-text").fill(`${text.slice(0, 200)}${other}${text.slice(201)}`);
    await page.locator('[data-state="failed"]').waitFor();
    expect(await page.getByTestId("bundle-qr").count()).toBe(0);
  });

  it("reads files, and pictures of QR codes one after the other, with the network off", async () => {
    await open();
    await context.setOffline(true);
    const input = page.locator('input[type="file"]');
    await input.setInputFiles({ name: "proof.glasstown", mimeType: "", buffer: Buffer.from(bundle("reading")) });
    await page.getByText("meter-0042 measured 103.5").waitFor();
    const codes = toQrTexts(core, bundle("result"));
    expect(codes.length).toBeGreaterThan(1);
    for (const [i, code] of codes.entries()) {
      const gif = Buffer.from(encodeQR(code, "gif", { ecc: "medium", border: 4, scale: 5 }));
      await input.setInputFiles({ name: `${i}.gif`, mimeType: "image/gif", buffer: gif });
      if (i + 1 < codes.length) await page.getByText(`${i + 1} of ${codes.length} codes read`).waitFor();
    }
    await page.getByText("This transaction was applied in block 4").waitFor();
    await input.setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
    await page.getByText("No code of a proof was found").waitFor();
  });

  it("says what to do with what is no proof, in Korean too", async () => {
    await open();
    await page.getByTestId("bundle-text").fill("hello, this is not a proof!");
    await page.getByTestId("trouble").waitFor();
    await page.getByLabel("Language").selectOption("ko");
    await page.getByRole("heading", { name: "증명이 아닙니다" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("ko");
  });
});

/** Bytes as lists, which cross to the page. */
function plain(value: unknown): unknown {
  const fields = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(fields.map(([name, item]) => [name, item instanceof Uint8Array ? [...item] : item]));
}
