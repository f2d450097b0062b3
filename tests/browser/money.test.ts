// Money between two citizens on the real servers, as their wallets show it: set aside and accepted, declined, taken back; limits that
// hold at once and a raise that waits. Every figure is proven by the page's own light client. The browser has no WebGL: the wallet
// is the same without it.

import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, type Visitor } from "./chromium.ts";
import { press, unfold } from "./keyboard.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";
import { openTwoWallets, submitTransfer, wallet } from "./wallet.ts";

let city: RunningCity;
let browser: Browser;
let ada: Visitor;
let ben: Visitor;

beforeAll(async () => {
  city = await startCity();
  browser = await launchBrowser(false);
  [ada, ben] = await openTwoWallets(browser, city.url, city.url);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await city?.stop();
});

/** Waits until a figure of the wallet is that many micro-units, and the balance it stands in is proven. */
async function proven(visitor: Visitor, testid: string, units: string): Promise<void> {
  await wallet(visitor).locator(`[data-testid="${testid}"][data-units="${units}"]`).waitFor();
  await wallet(visitor).locator('[data-testid="balance-shield"][data-state="verified"]').waitFor();
}

/** Sends or sets aside by the form; answers what the form says then. */
async function send(visitor: Visitor, to: string, amount: string, days: string, revocable = false): Promise<string> {
  const form = await submitTransfer(visitor, to, amount, days, revocable);
  const said = form.locator('[role="alert"]:not([hidden]), p.success[role="status"]:not([hidden])');
  await said.first().waitFor();
  return (await said.first().textContent()) ?? "";
}

const rows = (visitor: Visitor, group: string): Locator =>
  wallet(visitor).getByTestId(group).getByTestId("reserve-row");

describe("two wallets", () => {
  it("show what may be spent, proven", async () => {
    await proven(ada, "balance", "20000000");
    expect(await wallet(ada).getByTestId("balance-held").count()).toBe(0);
  });

  it("money that Ada sets aside is held in hers and offered in Ben's, its terms proven in both", async () => {
    expect(await send(ada, "Ben", "6", "7")).toContain("set aside for Ben");
    await proven(ada, "balance", "14000000");
    await proven(ada, "balance-held", "6000000");
    await proven(ada, "balance-posted", "20000000");
    await proven(ben, "balance-promised", "6000000");
    for (const [visitor, group] of [
      [ada, "reserves-given"],
      [ben, "reserves-offered"],
    ] as const)
      await rows(visitor, group).first().locator('[data-testid="shield"][data-state="verified"]').waitFor();
    expect(
      await rows(ada, "reserves-given")
        .getByRole("button", { name: /Take back|Pay out/ })
        .count(),
    ).toBe(0);
  });

  it("Ben accepts a part with the keyboard, and the rest is back with Ada", async () => {
    const row = rows(ben, "reserves-offered").first();
    await unfold(ben, row.locator("details.reserve-part"));
    await row.getByTestId("reserve-part").fill("4");
    await press(ben, row.getByTestId("reserve-post"));
    await proven(ben, "balance", "24000000");
    await proven(ada, "balance", "16000000");
    await wallet(ada).getByTestId("reserves-given").waitFor({ state: "detached" });
    await wallet(ben).getByTestId("balance-promised").waitFor({ state: "detached" });
  });

  it("Ben declines, and Ada takes back what its terms let her", async () => {
    await send(ada, "Ben", "1", "1");
    await press(ben, rows(ben, "reserves-offered").first().getByTestId("reserve-void"));
    await wallet(ben).getByTestId("reserves-offered").waitFor({ state: "detached" });
    await proven(ada, "balance", "16000000");
    await send(ada, "Ben", "1.5", "1", true);
    await press(ada, rows(ada, "reserves-given").first().getByTestId("reserve-void"));
    await wallet(ada).getByTestId("reserves-given").waitFor({ state: "detached" });
    await proven(ada, "balance", "16000000");
  });

  it("a limit holds at once and is proven; a payment above it is refused in words", async () => {
    const fold = wallet(ada).getByTestId("limits");
    await unfold(ada, fold);
    await fold.getByTestId("limit-transfer-input").fill("5");
    await fold.getByTestId("limits-effect").filter({ hasText: "at once" }).waitFor();
    await press(ada, fold.getByTestId("limits-submit"));
    await until("the limit to show", async () => (await fold.getByTestId("limit-transfer").textContent()) === "5.00");
    await fold.locator('[data-testid="limits-shield"][data-state="verified"]').waitFor();
    expect(await send(ada, "Ben", "6", "0")).toContain("limit for one payment");
    expect(await send(ada, "Ben", "5", "0")).toContain("is with Ben now");
    await proven(ben, "balance", "29000000");
  });

  it("a raise says when it takes effect, waits, and can be taken back", async () => {
    const fold = wallet(ada).getByTestId("limits");
    await fold.getByTestId("limit-transfer-input").fill("50");
    await fold.getByTestId("limits-effect").filter({ hasText: "Takes effect on" }).waitFor();
    await press(ada, fold.getByTestId("limits-submit"));
    await fold.getByTestId("limits-waiting").filter({ hasText: "50.00" }).waitFor();
    expect(await fold.getByTestId("limit-transfer").textContent()).toBe("5.00");
    expect(await send(ada, "Ben", "6", "0")).toContain("limit for one payment");
    await press(ada, fold.getByTestId("limits-cancel"));
    await fold.getByTestId("limits-waiting").waitFor({ state: "detached" });
    await fold.locator('[data-testid="limits-shield"][data-state="verified"]').waitFor();
  });

  it("list what was paid, with its note, and add up to what changed", async () => {
    await wallet(ada).getByTestId("send").getByLabel("Note").fill("for the bicycle");
    expect(await send(ada, "Ben", "2", "0")).toContain("is with Ben now");
    await proven(ada, "balance", "9000000");
    const statement = wallet(ada).getByTestId("statement");
    await unfold(ada, statement);
    const newest = statement.getByTestId("statement-line").first();
    await newest.filter({ hasText: "for the bicycle" }).waitFor();
    expect(await newest.getAttribute("data-change")).toBe("-2000000");
    const changes = await statement
      .getByTestId("statement-line")
      .evaluateAll((lines) => lines.map((line) => Number(line.getAttribute("data-change"))));
    expect(changes.reduce((sum, change) => sum + change, 0)).toBe(9_000_000 - 20_000_000);
  });

  it("fit a phone, with nothing beside the screen", async () => {
    await send(ben, "Ada", "1", "30");
    await ben.page.setViewportSize({ width: 360, height: 640 });
    const over = await wallet(ben).evaluate((panel) => {
      const right = document.documentElement.clientWidth;
      return [...panel.querySelectorAll("*")]
        .filter((element) => element.getBoundingClientRect().right > right + 1)
        .map((element) => element.className);
    });
    expect(over).toEqual([]);
    await ben.page.setViewportSize({ width: 960, height: 600 });
  });

  it("saw no script errors", () => {
    // A payment that the ledger refuses is an answer with status 422, which browsers note as an error of the network.
    const own = [...ada.errors, ...ben.errors].filter((error) => !error.includes("status of 4"));
    expect(own).toEqual([]);
  });
});
