// A server that lies about the citizen's own money, on the real servers: what is wrong is never called verified. And what a wallet
// owes its citizen besides: two tabs do not lose a key, and the keyboard stays where the news is.

import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { press, unfold } from "./keyboard.ts";
import { type Lie, type LyingProxy, startLyingProxy } from "./lying-proxy.ts";
import { type RunningCity, startCity } from "./running-city.ts";
import { openTwoWallets, submitTransfer, wallet } from "./wallet.ts";

let city: RunningCity;
let browser: Browser;
let proxy: LyingProxy;
let ada: Visitor;
let ben: Visitor;

beforeAll(async () => {
  city = await startCity();
  browser = await launchBrowser(false);
  proxy = await startLyingProxy(city.url);
  [ada, ben] = await openTwoWallets(browser, proxy.url, city.url);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await city?.stop();
});

/** Sets money aside for a week. */
async function setAside(visitor: Visitor, to: string, amount: string): Promise<void> {
  const form = await submitTransfer(visitor, to, amount, "7");
  await form.locator('p.success[role="status"]:not([hidden])').waitFor();
}

const shieldIs = (within: Locator, testid: string, state: string): Promise<void> =>
  within.locator(`[data-testid="${testid}"][data-state="${state}"]`).first().waitFor();

type Listed = { reserves: { record: { amount: string; from: string } }[] };

/** The list of reserves with other amounts; single reserves are told as they are. */
const richer: Lie = (path, answer) => {
  if (!/\/v1\/accounts\/[0-9a-f]+\/reserves/.test(path)) return null;
  const { reserves, ...rest } = answer as Listed;
  return {
    ...rest,
    reserves: reserves.map((reserve) => ({ ...reserve, record: { ...reserve.record, amount: "9000000" } })),
  };
};

/** The first of what is offered to Ada. */
const offered = (): Locator => wallet(ada).getByTestId("reserves-offered").getByTestId("reserve-row").first();

/** What `richer` tells is shown and not believed; the truth is believed again. */
async function seesThrough(row: Locator): Promise<void> {
  await row.filter({ hasText: "9.00" }).waitFor();
  await shieldIs(row, "shield", "failed");
  proxy.tell(null);
  await row.filter({ hasText: "2.00" }).waitFor();
  await shieldIs(row, "shield", "verified");
}

describe("a server that lies about money set aside", () => {
  it("is not believed about a reserve that it told truly before", async () => {
    proxy.tell(null);
    await setAside(ben, "Ada", "2");
    const row = offered();
    await shieldIs(row, "shield", "verified");
    proxy.tell(richer);
    await seesThrough(row);
  });

  it("is not believed about a reserve that it has told truly only to the proof", async () => {
    proxy.tell(richer);
    await press(ada, wallet(ada).getByRole("button", { name: "Close" }));
    await ada.page.getByTestId("open-wallet").click();
    await seesThrough(offered());
  });

  it("does not pass off as the citizen's what is between others", async () => {
    proxy.tell((path, answer) => {
      if (!/\/v1\/accounts\/[0-9a-f]+\/reserves/.test(path)) return null;
      const { reserves, ...rest } = answer as Listed;
      const [first] = reserves;
      if (first === undefined) return null;
      const { from } = first.record;
      return { ...rest, reserves: [{ ...first, record: { ...first.record, to: from } }] };
    });
    await wallet(ada).getByTestId("reserve-row").first().waitFor({ state: "detached" });
    proxy.tell(null);
    await wallet(ada).getByTestId("reserve-row").first().waitFor();
  });
});

describe("the keyboard", () => {
  it("stays with the news when a button has done its work and is gone", async () => {
    await press(ada, offered().getByTestId("reserve-post"));
    await wallet(ada).locator('p.success[role="status"]:focus').filter({ hasText: "2.00" }).waitFor();
  });

  it("stays with the news when limits have been changed", async () => {
    const fold = wallet(ada).getByTestId("limits");
    await unfold(ada, fold);
    await fold.getByTestId("limit-day-input").fill("7.5");
    await press(ada, fold.getByTestId("limits-submit"));
    await fold.locator('p.success[role="status"]:focus').waitFor();
    await fold.getByTestId("limit-day").filter({ hasText: "7.50" }).waitFor();
  });
});

describe("a server that lies about limits", () => {
  it("is not believed when it tells the truth to the proof alone", async () => {
    proxy.tell(null);
    const fold = wallet(ada).getByTestId("limits");
    await unfold(ada, fold);
    await shieldIs(fold, "limits-shield", "verified");
    let asked = 0;
    proxy.tell((path, answer) => {
      if (!/\/v1\/accounts\/[0-9a-f]+\/limits/.test(path)) return null;
      asked += 1;
      const { record, ...rest } = answer as { record: object };
      return { ...rest, record: { ...record, perDay: "8000000" } };
    });
    await fold.getByTestId("limit-day").filter({ hasText: "8.00" }).waitFor();
    await shieldIs(fold, "limits-shield", "failed");
    expect(asked).toBeGreaterThan(0);
    proxy.tell(null);
  });
});

describe("two tabs of one browser", () => {
  it("do not take the first one's key away when both choose a name", async () => {
    const first = await visit(browser, city.url);
    const second = await first.context.newPage();
    await second.goto(`${city.url}/?quality=low`);
    await second.getByTestId("name-input").waitFor();
    await enterCity(first.page, "Cleo");
    const cleo = await first.page.evaluate(() => window.glasstown?.self()?.account);
    await second.getByTestId("name-input").fill("Dora");
    await second.getByTestId("enter-city").click();
    await second.getByTestId("name-problem").filter({ hasText: "Another tab" }).waitFor();
    await second.reload();
    await second.waitForFunction(() => window.glasstown?.self() != null);
    expect(await second.evaluate(() => window.glasstown?.self()?.account)).toBe(cleo);
    await first.context.close();
  });
});
