// Who does not trust the city (a journey of its own): opens the shield, follows the five steps, takes the proof away as a file, checks it
// on the verify page with the network off and on the command line; and a file in which one byte is changed is refused by both.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShownReading } from "../../ledger/light/verdict.ts";
import type { WorldDevice } from "../../worlds/format/world.ts";
import { launchBrowser, visit } from "./chromium.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "glasstown-doubter-"));
let city: RunningCity;
let browser: Browser;
let page: Page;
let card: Locator;
/** The proof as it was saved. */
let proof = "";

beforeAll(async () => {
  city = await startCity();
  browser = await launchBrowser(false);
  await until("an anchored reading", async () => {
    const answer = await fetch(`${city.url}/ledger/v1/state/${encodeURIComponent("telemetry/log")}`);
    return answer.ok;
  });
  page = (await visit(browser, city.url)).page;
  await page.getByTestId("look-around").click();
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await city?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** `npm run verify`, without npm. */
function command(...args: readonly string[]): Promise<{ readonly status: number; readonly output: string }> {
  const program = [join(root, "ledger/verify/main.ts"), ...args, "--store", join(folder, "trust.json")];
  return new Promise((done) => {
    execFile(process.execPath, program, { cwd: root }, (error, stdout, stderr) => {
      done({ status: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, output: stdout + stderr });
    });
  });
}

/** The verdict on a file, in a tab that has not been here before and has no network once it is loaded. */
async function verdictOffline(file: string): Promise<string | null> {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.goto(`${city.url}/verify/`);
  await tab.waitForLoadState("networkidle");
  await context.setOffline(true);
  await tab.locator("input[type=file]").first().setInputFiles(file);
  await tab.getByTestId("verdict").waitFor();
  const state = await tab.getByTestId("verdict").getAttribute("data-state");
  await context.close();
  return state;
}

describe("who doubts", () => {
  it("follows a reading through five steps, each checked by the own browser", async () => {
    const devices = JSON.parse(readFileSync(join(city.world, "devices.json"), "utf8")) as readonly WorldDevice[];
    const station = devices.find(({ kind }) => kind === "air") as WorldDevice;
    await page.evaluate((id) => window.glasstown?.inspectDevice(id), station.id);
    card = page.getByTestId("card").first();
    // Newer readings come all the time: the one that is anchored stands still.
    const shield = card.locator('[data-state="verified"]').first();
    await shield.waitFor();
    await shield.click();
    await expect.poll(() => card.locator(".steps li").count()).toBeGreaterThanOrEqual(5);
    await card.getByTestId("save-proof-file").first().waitFor();
  });

  it("takes the proof away as a file", async () => {
    const saved = page.waitForEvent("download");
    await card.getByTestId("save-proof-file").first().click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^proof-.+\.glasstown$/);
    proof = join(folder, download.suggestedFilename());
    await download.saveAs(proof);
    await card.locator('[data-testid="save-proof-says"][data-state="done"]').first().waitFor();
  });

  it("checks it on the verify page with the network off, knowing nobody", async () => {
    expect(await verdictOffline(proof)).toBe("sound");
  });

  it("checks it on the command line, with no server", async () => {
    const head = await command("--api", city.ledgerUrl, "--head", "--json");
    expect([head.output, head.status]).toEqual([expect.stringContaining('"verified"'), 0]);
    const found = await command("--bundle", proof, "--api", city.ledgerUrl);
    expect([found.output, found.status]).toEqual([expect.stringContaining("VERIFIED"), 0]);
  });

  it("asks the city for the same reading by the command, and is told when another value is claimed", async () => {
    const told = await command("--bundle", proof, "--api", city.ledgerUrl, "--json");
    const { claim } = (JSON.parse(told.output) as { verdict: { claim: { reading: ShownReading; logIndex: number } } })
      .verdict;
    const { device, stream, time, result } = claim.reading;
    const asked = { device, stream, time, result, logIndex: claim.logIndex };
    const api = `${city.url}/ledger`;
    const found = await command("--api", api, "--reading", JSON.stringify(asked));
    expect([found.output, found.status]).toEqual([expect.stringContaining("VERIFIED"), 0]);
    const other = await command("--api", api, "--reading", JSON.stringify({ ...asked, result: result + 1 }));
    expect([other.output, other.status]).toEqual([expect.stringContaining("value must match entry"), 1]);
    const growth = await command("--api", api, "--log-growth", "1");
    expect([growth.output, growth.status]).toEqual([expect.stringContaining("VERIFIED"), 0]);
  });

  it("sees red where one byte is another, on both", async () => {
    const bytes = readFileSync(proof);
    // Inside of what is proven, behind the head.
    const at = bytes.length - 40;
    bytes[at] = bytes[at]! ^ 1;
    const forged = join(folder, "forged.glasstown");
    writeFileSync(forged, bytes);
    expect(await verdictOffline(forged)).toBe("failed");
    const found = await command("--bundle", forged, "--api", city.ledgerUrl);
    expect([found.output, found.status]).toEqual([expect.stringContaining("FAILED"), 1]);
  });

  it("opens it elsewhere by a link that holds the whole proof", async () => {
    const opened = page.context().waitForEvent("page");
    await card.getByTestId("save-proof-link").first().click();
    const tab = await opened;
    await tab.getByTestId("verdict").waitFor();
    expect(tab.url()).toMatch(/\/verify\/?#.{200,}/);
    // The page of the same city knows its chain by now.
    expect(["verified", "sound"]).toContain(await tab.getByTestId("verdict").getAttribute("data-state"));
    await tab.close();
  });

  it("finds what a transaction did, proven", async () => {
    await page.getByTestId("open-explorer").click();
    await page.getByRole("tab", { name: "Transactions" }).click();
    await page.getByTestId("tx-row").first().click();
    const events = page.getByTestId("transaction-events");
    await events.locator('[data-state="verified"]').first().waitFor();
    expect(await events.locator(".block-event").count()).toBeGreaterThan(0);
  });

  it("is told when no server answers: what was checked keeps its age, no proof is made, and all comes back by itself", async () => {
    const detail = page.getByTestId("transaction-detail");
    const shield = detail.locator('[data-testid="shield"]').first();
    const becomes = (state: string): Promise<void> => shield.and(page.locator(`[data-state="${state}"]`)).waitFor();
    await becomes("verified");
    await shield.click();
    await page.context().setOffline(true);
    await detail.getByRole("button", { name: "Check again" }).first().click();
    await becomes("remembered");
    expect(await shield.getAttribute("data-remembered")).toMatch(/^20/);
    await detail.getByTestId("save-proof-file").first().click();
    await detail.locator('[data-testid="save-proof-says"][data-state="problem"]').waitFor();
    expect(await detail.getByTestId("save-proof-says").first().textContent()).toContain("No server answers now");
    await page.context().setOffline(false);
    await becomes("verified");
  });
});
