// The page itself, in a browser without WebGL against real servers: by keyboard alone, in Korean, with blocks arriving, on the map,
// from choosing a home to a proven trade, in two pages at once, over a ledger's death, and over a chain started anew.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChainAnswer } from "../../ledger/protocol/rest.ts";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

const settings = { GLASSTOWN_SLOT_SECONDS: "30" };
let city: RunningCity;
let again: RunningCity | undefined;
let browser: Browser;
let ada: Visitor;

const chainOf = async (): Promise<ChainAnswer> =>
  (await (await fetch(`${city.url}/ledger/v1/chain`)).json()) as ChainAnswer;
const accountOf = (page: Page): Promise<string | null> =>
  page.evaluate(() => window.glasstown?.self()?.account ?? null);
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.getAttribute("data-testid") ?? document.activeElement?.id ?? "");

beforeAll(async () => {
  city = await startCity(settings);
  browser = await launchBrowser(false);
  ada = await visit(browser, city.url);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  if (again === undefined) await city?.stop();
  else await again.stop();
});

describe("the page", () => {
  it("is entered by keyboard alone", async () => {
    const { page } = ada;
    await page.getByTestId("name-input").waitFor();
    // Even with the lists of the city without 3D on the page, the name is the first that Tab comes to.
    await page.getByTestId("flat-city").locator("summary").first().waitFor();
    for (let tabs = 0; tabs < 2 && (await focused(page)) !== "name-input"; tabs++) await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("name-input");
    await page.keyboard.type("Ada");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => window.glasstown?.self()?.session != null);
  });

  it("shows where the focus is, and gives everything a name", async () => {
    const { page } = ada;
    const stops = new Set<string>();
    for (let tabs = 0; tabs < 40; tabs++) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        if (element === document.body) return null;
        const style = getComputedStyle(element);
        const around = element.closest<HTMLElement>(".search-field");
        const ring =
          style.outlineStyle !== "none" || (around !== null && getComputedStyle(around).outlineStyle !== "none");
        const labels = "labels" in element ? [...((element as HTMLInputElement).labels ?? [])] : [];
        const name = `${element.getAttribute("aria-label") ?? ""}${element.textContent}${labels.map((one) => one.textContent).join()}`;
        return { ring: ring || style.boxShadow !== "none", name: name.trim(), html: element.outerHTML.slice(0, 100) };
      });
      if (stop === null) continue;
      stops.add(stop.html);
      expect(stop.ring, `focus on ${stop.html}`).toBe(true);
      expect(stop.name, `name of ${stop.html}`).not.toBe("");
    }
    expect(stops.size).toBeGreaterThan(10);
  });

  it("obeys its keys: help, search, Escape, and focus returns", async () => {
    const { page } = ada;
    await page.getByTestId("open-people").focus();
    await page.keyboard.press("?");
    await page.getByTestId("help-panel").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("help-panel").waitFor({ state: "detached" });
    expect(await focused(page)).toBe("open-people");
    await page.keyboard.press("/");
    expect(await focused(page)).toBe("search");
    await page.keyboard.type("air");
    await page.getByTestId("search-result").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("card").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("card").waitFor({ state: "detached" });
    await page.keyboard.press("4");
    await page.getByTestId("people-panel").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("people-panel").waitFor({ state: "detached" });
  });

  it("holds the blocks still under the pointer, and opens the first with its proof", async () => {
    const { page } = ada;
    await page.getByTestId("open-explorer").click();
    const rows = page.getByTestId("block-row");
    await rows.first().hover();
    const held = await rows.first().getAttribute("data-height");
    await page.getByTestId("new-blocks").waitFor();
    expect(await rows.first().getAttribute("data-height")).toBe(held);
    await page.getByTestId("new-blocks").click();
    await until(
      "newer blocks on top",
      async () => Number(await rows.first().getAttribute("data-height")) > Number(held),
    );
    await rows.first().click();
    await page.locator('[data-testid="explorer"] [data-testid="shield"][data-state="verified"]').first().waitFor();
    await page.keyboard.press("Escape");
  });

  it("speaks Korean to those who do", async () => {
    const visitor = await visit(browser, city.url, { locale: "ko-KR" });
    const { page } = visitor;
    await page.getByTestId("name-input").waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("ko");
    for (const panel of ["map", "energy", "explorer", "people", "settings", "help"]) {
      await page.getByTestId(`open-${panel}`).click();
      const heading = page.locator(".panel h2").first();
      await until(`${panel} in Korean`, async () => /[가-힣]/.test((await heading.textContent()) ?? ""));
      // What is left in Latin letters are names, units and keys.
      const buttons = await page.locator(".panel button:visible").allTextContents();
      for (const text of buttons.filter((one) => /[a-z]{4,}/.test(one) && !/[가-힣]/.test(one)))
        expect(text, panel).toMatch(/English|[A-Z][a-z]+|\d/);
    }
    await page.getByTestId("open-settings").click();
    await page.getByTestId("language-en").click();
    await until("the page to turn English", async () => (await page.locator("html").getAttribute("lang")) === "en");
    expect(visitor.errors).toEqual([]);
    await visitor.context.close();
  });

  it("lets a citizen walk on the map, and another sees it", async () => {
    const ben = await visit(browser, city.url);
    await enterCity(ben.page, "Ben");
    const seen = (): Promise<{ x: number; y: number } | null> =>
      ben.page.evaluate(() => window.glasstown?.citizens().find((citizen) => citizen.name === "Ada") ?? null);
    const before = await until("Ben to see Ada", seen);
    await ada.page.getByTestId("city-map").focus();
    await ada.page.keyboard.down("ArrowDown");
    try {
      await until("Ben to see Ada walk", async () => {
        const now = await seen();
        return now !== null && Math.hypot(now.x - before.x, now.y - before.y) > 1.5;
      });
    } finally {
      await ada.page.keyboard.up("ArrowDown");
    }
    await energyFromHomeToProof(ada.page, ben.page);
    expect(ben.errors).toEqual([]);
    await ben.context.close();
  });

  it("stands still in a first page when a second is opened, and can come back", async () => {
    const second = await ada.context.newPage();
    await second.goto(city.url);
    await ada.page.getByTestId("take-over").waitFor();
    await ada.page.getByTestId("take-over").click();
    await ada.page.waitForFunction(() => window.glasstown?.self()?.session != null);
    await second.getByTestId("take-over").waitFor();
    await second.close();
  });

  it("recovers by itself when the ledger is killed", async () => {
    const { page } = ada;
    const height = (): Promise<number> =>
      page.getByTestId("status-height").evaluate((element) => Number(element.getAttribute("data-verified-height")));
    const before = await until("a verified head", height);
    process.kill(ledgerPid(city.data), "SIGKILL");
    await until("the stream to be lost", async () => (await page.getByText(/reconnecting/).count()) > 0);
    await until("newer verified blocks", async () => (await height()) > before);
    await page.getByText(/reconnecting/).waitFor({ state: "detached" });
  });

  it("says when the chain is another, and trusts it anew only when told to", async () => {
    const { page } = ada;
    const account = await accountOf(page);
    const old = (await chainOf()).chain;
    const { port } = new URL(city.url);
    await city.stop();
    await page.getByTestId("banner").waitFor();
    again = await startCity({ ...settings, GLASSTOWN_PORT: port });
    const card = page.getByTestId("trust-card");
    await card.waitFor();
    expect(await card.textContent()).toContain(old);
    expect(await page.getByTestId("name-input").count()).toBe(0);
    await page.reload();
    await card.waitFor();
    await page.getByTestId("trust-anew").click();
    await card.waitFor({ state: "detached" });
    await page.getByTestId("name-input").waitFor();
    expect(await page.getByTestId("name-input").inputValue()).toBe("Ada");
    await page.getByTestId("enter-city").click();
    await page.waitForFunction(() => window.glasstown?.self()?.session != null);
    expect(await accountOf(page)).toBe(account);
  }, 180_000);
});

/** The newest process id that the ledger has logged. */
function ledgerPid(data: string): number {
  const ready = readFileSync(join(data, "logs/ledger.log"), "utf8")
    .split("\n")
    .filter((line) => line.includes('"msg":"ready"'));
  return (JSON.parse(ready.at(-1) as string) as { pid: number }).pid;
}

async function energyFromHomeToProof(seller: Page, buyer: Page): Promise<void> {
  await seller.getByTestId("open-energy").click();
  await seller.getByTestId("home-row").first().click();
  await seller.getByTestId("choose-home").click();
  await seller.getByTestId("sell-kwh").waitFor();
  await buyer.getByTestId("open-energy").click();
  await buyer.getByTestId("buy-kwh").fill("1");
  await buyer.getByTestId("buy-price").fill("0.20");
  await seller.getByTestId("sell-kwh").fill("1");
  await seller.getByTestId("sell-price").fill("0.10");
  await until("a slot with time enough", async () => {
    const slot = (await (await fetch(`${city.url}/ledger/v1/energy/slots/current`)).json()) as { end: string };
    return Date.parse(slot.end) - Date.now() > 18_000;
  });
  await Promise.all([seller.getByTestId("sell-submit").click(), buyer.getByTestId("buy-submit").click()]);
  // Whoever looks late finds it traded already.
  await seller
    .locator('[data-testid="my-order"]:is([data-state="standing"], [data-state="settling"], [data-state="traded"])')
    .waitFor();
  const sold = seller.locator('[data-testid="my-order"][data-state="traded"]');
  await sold.waitFor();
  expect(await sold.textContent()).toMatch(/You sold 1\.00 kWh to Ben for 0\.\d+ each/);
  await seller.getByTestId("to-wallet").click();
  await seller.getByTestId("trade-row").first().locator('[data-testid="shield"][data-state="verified"]').waitFor();
  await seller.getByTestId("open-explorer").click();
  await until("the clearing in words", async () => {
    const events = await seller.getByTestId("block-event").allTextContents();
    return events.some((text) => /Slot .* cleared: 1\.00 kWh at 0\./.test(text));
  });
  await seller.keyboard.press("Escape");
}
