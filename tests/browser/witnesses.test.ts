// The city's operator suggests another ledger, and pages ask it without the citizen doing anything. While it has the same chain it
// agrees; when a second ledger that runs from a backup stands at its address, its other history halts the page.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
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
/** The address that is suggested has to be known before the city runs: a door that leads to one ledger or to another. */
let door: Server;
let doorUrl: string;
let leadsTo: URL | null = null;
const through = new Set<Socket>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "glasstown-suggested-"));
  door = createServer((socket) => {
    if (leadsTo === null) return void socket.destroy();
    const ledger = connect(Number(leadsTo.port), leadsTo.hostname);
    for (const [end, peer] of [
      [socket, ledger],
      [ledger, socket],
    ] as const) {
      through.add(end);
      end.on("error", () => peer.destroy());
      end.on("close", () => {
        through.delete(end);
        peer.destroy();
      });
      end.pipe(peer);
    }
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  doorUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  city = await startCity({ GLASSTOWN_HEARTBEAT_SECONDS: "4", GLASSTOWN_WITNESSES: `${doorUrl}/` });
  leadsTo = new URL(city.ledgerUrl);
  browser = await launchBrowser(false);
  ada = await visit(browser, city.url);
  await enterCity(ada.page, "Ada");
}, 300_000);

afterAll(async () => {
  await browser?.close();
  killAll();
  for (const socket of through) socket.destroy();
  door?.close();
  await city?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Locator> {
  const panel = ada.page.getByTestId("trusted-panel");
  if (!(await panel.isVisible())) await ada.page.getByTestId("status-height").click();
  await panel.getByTestId("trusted-other").waitFor();
  return panel;
}

const line = (panel: Locator, state: string): Locator =>
  panel.locator(`[data-testid="trusted-witness"][data-from="city"][data-state="${state}"]`);

describe("a witness that the city suggests", () => {
  it("is asked without a choice of the citizen's, and shown as the city's", async () => {
    const panel = await open();
    await line(panel, "agrees").filter({ hasText: doorUrl }).filter({ hasText: "suggested by the city" }).waitFor();
    expect(await panel.getByTestId("trusted-only-itself").count()).toBe(0);
  });

  it("can be turned off, stays off after a reload, and can be asked again", async () => {
    const panel = await open();
    await panel.getByRole("button", { name: `Take ${doorUrl} out` }).click();
    await panel.getByTestId("trusted-witness-off").filter({ hasText: "turned off by you" }).waitFor();
    await ada.page.reload();
    const again = await open();
    await again.getByTestId("trusted-witness-off").filter({ hasText: doorUrl }).waitFor();
    expect(await again.getByTestId("trusted-witness").count()).toBe(0);
    await again.getByRole("button", { name: `Ask ${doorUrl} again` }).click();
    await line(again, "agrees").waitFor();
  });

  it("with another history of the same validator's halts the page", async () => {
    const backup = join(folder, "backup");
    const data = join(folder, "data");
    expect((await command(city.data, "backup", backup, "--with-key")).status).toBe(0);
    const restored = await command(data, "restore", backup, "--nothing-signed-since");
    expect([restored.status, restored.errors]).toEqual([0, ""]);
    leadsTo = new URL((await serve(data, { GLASSTOWN_HEARTBEAT_SECONDS: "1" }).ready).url);
    // Connections that are kept alive lead to the first ledger still.
    for (const socket of through) socket.destroy();
    const card = ada.page.locator('[data-testid="trust-card"][data-reason="sources_must_agree"]');
    await card.waitFor();
    await card.getByTestId("attack").filter({ hasText: doorUrl }).waitFor();
    await ada.page.locator('[data-testid="status-height"][data-state="failed"]').waitFor();
  });

  it("that contradicted is turned off when the person decides for the page's server", async () => {
    await ada.page.getByTestId("attack-decide").click();
    await ada.page.locator('[data-testid="status-height"][data-state="verified"]').waitFor();
    const panel = await open();
    await panel.getByTestId("trusted-witness-off").filter({ hasText: doorUrl }).waitFor();
    expect(await panel.getByTestId("trusted-witness").count()).toBe(0);
  });
});

describe("a city that suggests only itself", () => {
  it("is told as such", async () => {
    await ada.page.route("**/witnesses", (route) => route.fulfill({ json: { witnesses: [`${city.url}/ledger`] } }));
    await ada.page.reload();
    const panel = await open();
    await panel.getByTestId("trusted-only-itself").waitFor();
    expect(await panel.getByTestId("trusted-witness").count()).toBe(0);
  });
});
