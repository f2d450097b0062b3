// The explorer on the real servers: its search field, its tabs by mouse and by keys, its filters, and the way back. The browser has
// no WebGL: the panel is the same without it.

import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

interface Found {
  readonly transactions: readonly { readonly id: string; readonly height: number }[];
}
interface BlockFound {
  readonly hash: string;
}

let city: RunningCity;
let browser: Browser;
let visitor: Visitor;
let panel: Locator;
let account: string;
let transaction: { readonly id: string; readonly height: number };
let blockHash: string;

const read = async <T>(path: string): Promise<T> => {
  const answer = await fetch(`${city.ledgerUrl}${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
};

beforeAll(async () => {
  city = await startCity();
  browser = await launchBrowser(false);
  visitor = await visit(browser, city.url);
  const { page } = visitor;
  await enterCity(page, "Edda");
  // The page registers its citizen on its own.
  account = await until("Edda's account", async () => (await read<{ id: string }>("/v1/names/Edda")).id);
  transaction = (await read<Found>(`/v1/transactions?account=${account}&limit=1`)).transactions[0]!;
  blockHash = (await read<BlockFound>(`/v1/blocks/${transaction.height}`)).hash;
  await page.getByTestId("open-explorer").click();
  panel = page.getByTestId("explorer");
  await panel.getByTestId("block-row").first().waitFor();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await city?.stop();
});

/** Looks for words. */
async function find(words: string): Promise<void> {
  const field = panel.getByTestId("explorer-find");
  await field.fill(words);
  await field.press("Enter");
}

async function back(): Promise<void> {
  await panel.getByRole("button", { name: /^Back/ }).press("Enter");
}

const tab = (name: string): Locator => panel.getByTestId(`explorer-tab-${name}`);

describe("the search field", () => {
  it("opens a block by its height and by its hash", async () => {
    for (const words of [String(transaction.height), blockHash, `0x${blockHash.toUpperCase()}`]) {
      await find(words);
      const detail = panel.getByTestId("block-detail");
      await detail.waitFor();
      expect(await detail.getByRole("heading", { level: 3 }).textContent()).toContain(`Block ${transaction.height}`);
      await back();
      await panel.getByTestId("block-row").first().waitFor();
    }
  });

  it("opens a transaction by its id, and its block from there; back goes step by step", async () => {
    await find(` ${transaction.id} `);
    await panel.getByTestId("transaction-detail").waitFor();
    await find(String(transaction.height));
    await panel.getByTestId("block-detail").waitFor();
    await back();
    await panel.getByTestId("transaction-detail").waitFor();
    await back();
    await panel.getByTestId("block-row").first().waitFor();
  });

  it("opens an account by its name, in any case, and by its id, with its transactions", async () => {
    for (const words of ["edda", account]) {
      await find(words);
      const detail = panel.getByTestId("account-detail");
      await detail.getByRole("heading", { name: "Account Edda" }).waitFor();
      await detail.getByTestId("tx-row").first().waitFor();
      await back();
    }
  });

  it("says what it does not find, and takes that back when the words change", async () => {
    const says = panel.getByTestId("explorer-find-says");
    for (const words of ["nobody at all", "f".repeat(64), "f".repeat(40), "<b>&%/\\"]) {
      await find(words);
      await says.getByText("The ledger knows no block").waitFor();
      await panel.getByTestId("explorer-find").fill("");
      expect(await says.textContent()).toBe("");
    }
    expect(await panel.getByTestId("block-row").first().isVisible()).toBe(true);
  });
});

describe("tabs", () => {
  it("are gone through with arrows, Home and End; the chosen one alone is in the tab order", async () => {
    await tab("blocks").focus();
    for (const [key, chosen] of [
      ["ArrowRight", "transactions"],
      ["ArrowRight", "days"],
      ["ArrowRight", "blocks"],
      ["ArrowLeft", "days"],
      ["Home", "blocks"],
      ["End", "days"],
    ] as const) {
      await visitor.page.keyboard.press(key);
      await panel.locator(`[data-testid="explorer-tab-${chosen}"][aria-selected="true"]:focus`).waitFor();
      expect(await panel.locator('[role="tab"][tabindex="0"]').count()).toBe(1);
    }
  });

  it("the days' figures are shown, and another one on demand", async () => {
    await tab("days").click();
    const days = panel.getByTestId("days");
    await days.waitFor();
    const chart = days.getByRole("img").first();
    expect(await chart.getAttribute("aria-label")).toContain("Transactions by day");
    await days.getByTestId("days-figure").selectOption({ label: "New accounts" });
    await days.locator('[aria-label*="New accounts by day"]').first().waitFor();
  });
});

describe("filters", () => {
  const rows = (): Locator => panel.getByTestId("tx-row");
  const settled = (): Promise<void> => panel.locator('section[aria-busy="false"]').waitFor();

  it("narrow the list to what the ledger says fits, and widen it again", async () => {
    await tab("transactions").click();
    await settled();
    const everything = await rows().count();
    expect(everything).toBeGreaterThan(0);
    await panel.getByTestId("filter-module").selectOption("accounts");
    await panel.getByTestId("filter-outcome").selectOption("applied");
    await settled();
    const { transactions } = await read<Found>("/v1/transactions?module=accounts&outcome=applied&limit=20");
    expect(await rows().count()).toBe(transactions.length);
    await panel.getByTestId("filter-outcome").selectOption("refused");
    await panel.getByText("No transactions fit.").waitFor();
    expect(await rows().count()).toBe(0);
    await panel.getByTestId("filter-outcome").selectOption("");
    await panel.getByTestId("filter-module").selectOption("");
    await rows().first().waitFor();
  });

  it("goes on with the keyboard where it was while more is on its way", async () => {
    // The city anchors its readings every few seconds: a second page is a matter of time. The list is read anew then.
    await until(
      "more than a page",
      async () => (await read<Found>("/v1/transactions?limit=21")).transactions.length > 20,
    );
    for (const outcome of ["applied", ""]) await panel.getByTestId("filter-outcome").selectOption(outcome);
    const more = panel.getByTestId("more-transactions");
    await more.waitFor();
    const before = await rows().count();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await visitor.page.route("**/ledger/v1/transactions?*cursor=*", async (route) => {
      await held;
      await route.continue();
    });
    await more.press("Enter");
    await panel.locator('[data-testid="more-transactions"][aria-busy="true"]:focus').waitFor();
    release();
    await until("more lines", async () => (await rows().count()) > before);
    await visitor.page.unrouteAll({ behavior: "wait" });
  });

  it("a line opens its transaction", async () => {
    await rows().first().press("Enter");
    await panel.getByTestId("transaction-detail").waitFor();
    await back();
    await rows().first().waitFor();
  });

  it("the page had no errors of its own", () => {
    // What is not found is an answer that the browser itself reports.
    expect(visitor.errors.filter((error) => !/Failed to load resource/.test(error))).toEqual([]);
  });
});
