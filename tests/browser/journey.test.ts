// The main job of the city, walked by two citizens in two browser profiles against real servers:
// join, see each other move, chat, inspect a sensor to "verified", trade energy, prove the balances, come back as the same person.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BalanceRecord, postedIn, systemAccounts } from "../../ledger/protocol/money.ts";
import type { AccountAnswer, SlotAnswer, TradesAnswer } from "../../ledger/protocol/rest.ts";
import type { WorldDevice } from "../../worlds/format/world.ts";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

let city: RunningCity;
let browser: Browser;
let ada: Visitor;
let ben: Visitor;

const json = async <T>(url: string): Promise<T> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as T;
};

const selfOf = (visitor: Visitor): Promise<{ x: number; y: number; account: string } | null> =>
  visitor.page.evaluate(() => {
    const self = window.glasstown?.self();
    return self?.pose == null ? null : { x: self.pose.x, y: self.pose.y, account: self.account };
  });

beforeAll(async () => {
  city = await startCity();
  browser = await launchBrowser();
  ada = await visit(browser, city.url);
  ben = await visit(browser, city.url);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await city?.stop();
});

describe("two citizens", () => {
  it("choose names and enter", async () => {
    await enterCity(ada.page, "Ada");
    await enterCity(ben.page, "Ben");
    const account = (await selfOf(ada))?.account as string;
    const answer = await json<AccountAnswer>(`${city.url}/ledger/v1/accounts/${account}`);
    expect(answer.account.name).toBe("Ada");
    expect(BigInt(answer.money)).toBeGreaterThan(0n);
  });

  it("cannot take a name that is taken", async () => {
    // A third scene would starve the other two of frames; the map is enough to be refused.
    const flat = await launchBrowser(false);
    const third = await visit(flat, city.url);
    await third.page.getByTestId("name-input").waitFor();
    await third.page.getByTestId("name-input").fill("ada");
    await third.page.getByTestId("enter-city").click();
    await third.page.getByRole("alert").filter({ hasText: /name/i }).first().waitFor();
    await flat.close();
  });

  it("see each other move", async () => {
    const before = await until("Ben to see Ada", () =>
      ben.page.evaluate(() => window.glasstown?.citizens().find((citizen) => citizen.name === "Ada") ?? null),
    );
    await ada.page.locator("canvas").first().focus();
    await ada.page.keyboard.down("KeyW");
    try {
      await until("Ben to see Ada elsewhere", () =>
        ben.page.evaluate((from) => {
          const now = window.glasstown?.citizens().find((citizen) => citizen.name === "Ada");
          return now !== undefined && Math.hypot(now.x - from.x, now.y - from.y) > 1.5;
        }, before),
      );
    } finally {
      await ada.page.keyboard.up("KeyW");
    }
    const own = await selfOf(ada);
    await until("both to agree where Ada is", () =>
      ben.page.evaluate((pose) => {
        const seen = window.glasstown?.citizens().find((citizen) => citizen.name === "Ada");
        return pose !== null && seen !== undefined && Math.hypot(seen.x - pose.x, seen.y - pose.y) < 3;
      }, own),
    );
  });

  it("chat", async () => {
    await ada.page.getByTestId("open-chat").click();
    await ada.page.getByTestId("chat-input").fill("Good morning, Ben <b>!</b>");
    await ada.page.getByTestId("chat-input").press("Enter");
    await ben.page.getByTestId("open-chat").click();
    await ben.page.getByTestId("chat-message").filter({ hasText: "Good morning, Ben <b>!</b>" }).waitFor();
  });

  it("inspect an air station and see it verified by the own browser", async () => {
    const devices = devicesOf(city);
    const station = devices.find((device) => device.kind === "air") as WorldDevice;
    await until("a first reading", async () => {
      const things = await json<{ value: readonly { Datastreams: readonly { Observations: readonly unknown[] }[] }[] }>(
        `${city.url}/sta/v1.1/Things?$filter=properties/device eq '${station.id}'&$expand=Datastreams($expand=Observations($top=1))`,
      );
      return (things.value[0]?.Datastreams[0]?.Observations.length ?? 0) > 0;
    });
    await ada.page.evaluate((id) => window.glasstown?.inspectDevice(id), station.id);
    const card = ada.page.getByTestId("card").first();
    await card.waitFor();
    await card.getByTestId("card-value").first().waitFor();
    await card.locator('[data-testid="shield"][data-state="verified"]').first().waitFor();
  });

  it("trade energy at one price, and both balances prove", async () => {
    const solar = devicesOf(city).find(
      (device) => device.kind === "meter" && device.solarW !== undefined,
    ) as WorldDevice;
    await ada.page.evaluate((id) => window.glasstown?.inspectDevice(id), solar.id);
    await ada.page.getByTestId("link-meter").click();
    await until("the meter to be Ada's", async () => {
      const account = (await selfOf(ada))?.account as string;
      return (await json<AccountAnswer>(`${city.url}/ledger/v1/accounts/${account}`)).meter === solar.id;
    });

    await sellAndBuy();
    const trades = await until("the market to clear", async () => {
      const account = (await selfOf(ben))?.account as string;
      const answer = await json<TradesAnswer>(`${city.url}/ledger/v1/energy/trades?account=${account}`);
      return answer.trades.length > 0 ? answer.trades : null;
    });
    const trade = trades[0] as TradesAnswer["trades"][number];
    expect(trade.seller).toBe((await selfOf(ada))?.account);
    expect(trade.energyWh).toBe("1000");
    expect(BigInt(trade.price)).toBeGreaterThanOrEqual(100_000n);
    expect(BigInt(trade.price)).toBeLessThanOrEqual(200_000n);
    expect(BigInt(trade.amount)).toBe((BigInt(trade.energyWh) * BigInt(trade.price)) / 1000n);
    const slot = await json<SlotAnswer>(`${city.url}/ledger/v1/energy/slots/${trade.slot}`);
    expect(slot.record?.price).toBe(trade.price);

    for (const visitor of [ada, ben]) {
      await visitor.page.getByTestId("open-wallet").click();
      await visitor.page.getByTestId("trade-row").first().waitFor();
      await visitor.page
        .getByTestId("trade-row")
        .first()
        .locator('[data-testid="shield"][data-state="verified"]')
        .waitFor();
      await visitor.page
        .locator(
          '[data-testid="balance-shield"][data-state="verified"], [data-testid="balance-shield"] [data-state="verified"]',
        )
        .first()
        .waitFor();
    }
  });

  it("keep Σ debits = Σ credits", async () => {
    const holders = [systemAccounts.issuance, systemAccounts.treasury, systemAccounts.energyEscrow];
    const people = await Promise.all([ada, ben].map(async (visitor) => (await selfOf(visitor))?.account as string));
    const genesis = await json<{ result: { genesis: { app_state: { accounts: readonly { key: string }[] } } } }>(
      `${city.url}/ledger/genesis`,
    );
    expect(genesis.result.genesis.app_state.accounts.length).toBeGreaterThan(0);
    const { accountIdOfKey } = await import("../../ledger/protocol/transaction.ts");
    const services = genesis.result.genesis.app_state.accounts.map((account) => accountIdOfKey(account.key));
    let sum = 0n;
    for (const holder of [...holders, ...people, ...services]) {
      const answer = await fetch(`${city.url}/ledger/v1/state/${encodeURIComponent(`money/balance/${holder}`)}`);
      if (answer.status === 404) continue;
      sum += postedIn(((await answer.json()) as { value: BalanceRecord | null }).value);
    }
    expect(sum).toBe(0n);
  });

  it("find the trade in the explorer in readable words and verify its block", async () => {
    await ben.page.getByTestId("open-explorer").click();
    await ben.page.getByTestId("block-row").first().waitFor();
    // By keyboard: software rendering draws too few frames for a pointer to find a row at rest.
    await ben.page.getByTestId("block-row").first().focus();
    await ben.page.keyboard.press("Enter");
    await ben.page
      .locator('[data-testid="block-detail"] [data-testid="shield"][data-state="verified"]')
      .first()
      .waitFor();
  });

  it("are the same people after a reload", async () => {
    const before = (await selfOf(ada))?.account;
    await ada.page.reload();
    await until("Ada to be back without being asked", async () => (await selfOf(ada))?.account === before);
  });

  it("saw no script errors", () => {
    expect(ada.errors).toEqual([]);
    expect(ben.errors).toEqual([]);
  });
});

/** Offer and bid must fall into one slot: all is ready before one with time enough is waited for, and both are sent at once. */
async function sellAndBuy(): Promise<void> {
  await ada.page.getByTestId("open-energy").click();
  await ada.page.getByTestId("sell-kwh").fill("1");
  await ada.page.getByTestId("sell-price").fill("0.10");
  await ben.page.getByTestId("open-energy").click();
  await ben.page.getByTestId("buy-kwh").fill("1");
  await ben.page.getByTestId("buy-price").fill("0.20");
  await until("a slot with time enough", async () => {
    const slot = await json<SlotAnswer>(`${city.url}/ledger/v1/energy/slots/current`);
    return Date.parse(slot.end) - Date.now() > 18_000;
  });
  // By keyboard: a pointer waits for frames, of which software rendering draws few.
  await Promise.all([
    ada.page.getByTestId("sell-submit").press("Enter"),
    ben.page.getByTestId("buy-submit").press("Enter"),
  ]);
}

function devicesOf(running: RunningCity): readonly WorldDevice[] {
  return JSON.parse(readFileSync(join(running.world, "devices.json"), "utf8")) as readonly WorldDevice[];
}
