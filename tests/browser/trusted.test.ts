// Subjective start: two people compare what their browsers trust, and a false chain is noticed by the one who compares.

import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { type RunningCity, startCity } from "./running-city.ts";

let city: RunningCity;
let browser: Browser;
let ada: Visitor;
let ben: Visitor;

beforeAll(async () => {
  city = await startCity();
  browser = await launchBrowser(false);
  [ada, ben] = await Promise.all([visit(browser, city.url), visit(browser, city.url)]);
  await Promise.all([enterCity(ada.page, "Ada"), enterCity(ben.page, "Ben")]);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await city?.stop();
});

async function open({ page }: Visitor): Promise<Locator> {
  const panel = page.getByTestId("trusted-panel");
  if (!(await panel.isVisible())) await page.getByTestId("status-height").click();
  await panel.getByTestId("trusted-block").waitFor();
  return panel;
}

async function wordsOf(panel: Locator): Promise<readonly string[]> {
  await panel.getByTestId("trusted-words").waitFor();
  return panel.getByTestId("trusted-words").locator("li").allTextContents();
}

/** The checkpoint that the panel's button copies. */
async function copied(visitor: Visitor): Promise<string> {
  await visitor.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: city.url });
  const panel = await open(visitor);
  await panel.getByTestId("trusted-copy").click();
  await panel.locator('p.success[role="status"]:not([hidden])').waitFor();
  return visitor.page.evaluate(() => navigator.clipboard.readText());
}

async function compared(panel: Locator, text: string, state: string): Promise<string> {
  await panel.getByTestId("trusted-given").fill(text);
  await panel.getByTestId("trusted-compare").click();
  const result = panel.locator(`[data-testid="trusted-result"][data-state="${state}"]`);
  await result.waitFor();
  return (await result.textContent()) ?? "";
}

describe("what this browser trusts", () => {
  it("is the same city in the same words for two people", async () => {
    const [one, other] = await Promise.all([open(ada), open(ben)]);
    const words = await wordsOf(one);
    expect(words).toHaveLength(12);
    expect(await wordsOf(other)).toEqual(words);
    await one.getByTestId("trusted-qr").waitFor();
  });

  it("agrees with a friend's checkpoint, pasted or opened as a link", async () => {
    const text = await copied(ada);
    expect(text).toMatch(/^glasstown:[^:]+:[0-9]+:[0-9a-f]{64}:[0-9a-f]{64}$/);
    expect(await compared(await open(ben), text, "verified")).toContain("The same chain");
    const cleo = await visit(browser, city.url, { query: `#checkpoint=${encodeURIComponent(text)}` });
    const result = cleo.page.locator('[data-testid="trusted-result"][data-state="verified"]');
    await result.waitFor();
    expect(new URL(cleo.page.url()).hash).toBe("");
    await cleo.context.close();
  });

  it("speaks up when a friend's block, first block or chain is another, and stays as it was", async () => {
    const [scheme, chain, height, hash, genesis] = (await copied(ada)).split(":");
    const panel = await open(ben);
    const false1 = [scheme, chain, height, genesis, genesis].join(":");
    expect(await compared(panel, false1, "failed")).toContain("The checkpoint is not of the chain");
    const false2 = [scheme, chain, height, hash, hash].join(":");
    expect(await compared(panel, false2, "failed")).toContain("Sign nothing");
    const false3 = [scheme, "other-city", height, hash, genesis].join(":");
    expect(await compared(panel, false3, "failed")).toContain("another chain");
    expect(await compared(panel, "hello", "failed")).not.toContain("Sign nothing");
    expect(await compared(panel, [scheme, chain, height, hash, genesis].join(":"), "verified")).toContain("same");
  });

  it("does not begin from a checkpoint that nobody can show a block for", async () => {
    const [scheme, chain, height, , genesis] = (await copied(ada)).split(":");
    const panel = await open(ben);
    await compared(panel, [scheme, chain, height, genesis, genesis].join(":"), "failed");
    await panel.locator("details.fold summary").click();
    await panel.getByTestId("trusted-begin").click();
    await panel.locator('[data-testid="trusted-begin"][aria-busy="false"]').waitFor();
    await panel.locator('[data-testid="trusted-result"][data-state="failed"]').waitFor();
    await ben.page.locator('[data-testid="status-height"][data-state="verified"]').waitFor();
    expect(ben.errors).toEqual([]);
  });
});
