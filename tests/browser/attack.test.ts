// Two histories signed by the city's own validator: a second ledger runs from a backup, as if nothing had been signed since. Whoever
// asks both holds the proof, and believes nothing more.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command, killAll, serve } from "../../ledger/commands/test-process.ts";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { type RunningCity, startCity } from "./running-city.ts";

let city: RunningCity;
let browser: Browser;
let ada: Visitor;
let folder: string;
let other: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glasstown-fork-"));
  city = await startCity({ GLASSTOWN_HEARTBEAT_SECONDS: "4" });
  browser = await launchBrowser(false);
  ada = await visit(browser, city.url);
  await enterCity(ada.page, "Ada");
}, 300_000);

afterAll(async () => {
  await browser?.close();
  killAll();
  await city?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Locator> {
  const panel = ada.page.getByTestId("trusted-panel");
  if (!(await panel.isVisible())) await ada.page.getByTestId("status-height").click();
  await panel.getByTestId("trusted-other").waitFor();
  return panel;
}

async function add(address: string): Promise<void> {
  const panel = await open();
  await panel.getByTestId("trusted-other").fill(address);
  await panel.getByTestId("trusted-other-add").click();
}

const status = (state: string): Promise<void> =>
  ada.page.locator(`[data-testid="status-height"][data-state="${state}"]`).waitFor();

describe("another server", () => {
  it("must have a whole address, once, and not be the page's own", async () => {
    const panel = await open();
    for (const wrong of ["ledger", "ftp://ledger.example", "https://a:b@ledger.example", `${city.url}/ledger/`]) {
      await add(wrong);
      await panel.getByRole("alert").filter({ hasText: "Write a whole address" }).waitFor();
    }
    expect(await panel.getByTestId("trusted-witness").count()).toBe(0);
  });

  it("that has the same chain agrees, and one that does not answer is named", async () => {
    await add(`${city.ledgerUrl}/`);
    await add("http://127.0.0.1:9");
    const panel = await open();
    const line = (state: string): Locator => panel.locator(`[data-testid="trusted-witness"][data-state="${state}"]`);
    await line("agrees").filter({ hasText: city.ledgerUrl }).waitFor();
    await line("silent").filter({ hasText: "127.0.0.1:9" }).waitFor();
    await status("verified");
    await panel.getByRole("button", { name: "Take http://127.0.0.1:9 out" }).click();
    await panel.getByRole("button", { name: `Take ${city.ledgerUrl} out` }).click();
    expect(await panel.getByTestId("trusted-witness").count()).toBe(0);
  });

  it("with another history of the same validator's halts the page, which shows both blocks", async () => {
    const backup = join(folder, "backup");
    const data = join(folder, "data");
    expect((await command(city.data, "backup", backup, "--with-key")).status).toBe(0);
    const restored = await command(data, "restore", backup, "--nothing-signed-since");
    expect([restored.status, restored.errors]).toEqual([0, ""]);
    other = (await serve(data, { GLASSTOWN_HEARTBEAT_SECONDS: "1" }).ready).url;
    await add(other);
    const card = ada.page.locator('[data-testid="trust-card"][data-reason="sources_must_agree"]');
    await card.waitFor();
    const attack = card.getByTestId("attack");
    await attack.waitFor();
    const text = (await attack.textContent()) ?? "";
    expect(text).toContain(other);
    expect(text).toContain("1 validator signed both");
    await status("failed");
  });

  it("is not forgotten by a reload", async () => {
    await ada.page.reload();
    await ada.page.locator('[data-testid="trust-card"][data-reason="sources_must_agree"]').waitFor();
    await status("failed");
  });

  it("can be judged by the person, who then begins anew", async () => {
    await ada.page.getByTestId("attack-decide").click();
    await status("verified");
    expect(await ada.page.getByTestId("trust-card").count()).toBe(0);
    // It was taken out of the list: there it would contradict again.
    expect(await (await open()).getByTestId("trusted-witness").count()).toBe(0);
  });
});
