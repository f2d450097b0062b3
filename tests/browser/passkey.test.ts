// Citizens with a passkey, in Chromium with a virtual authenticator and against real servers: entering, acting within and beyond what
// the device's key may do, coming back on a second device, renewing, removing, and what happens when the person says no.

import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountAnswer } from "../../ledger/protocol/rest.ts";
import { launchBrowser, type Visitor, visit } from "./chromium.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

let city: RunningCity;
let browser: Browser;

interface Device extends Visitor {
  readonly devtools: CDPSession;
  readonly authenticator: string;
}

/** A browser profile on a device with a fingerprint sensor. */
async function deviceOf(user = true): Promise<Device> {
  const visitor = await visit(browser, city.url);
  const devtools = await visitor.context.newCDPSession(visitor.page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: user,
      automaticPresenceSimulation: true,
    },
  });
  // The page asks once what the device has: now it has it.
  await visitor.page.reload();
  await visitor.page.getByTestId("name-input").waitFor();
  return { ...visitor, devtools, authenticator: authenticatorId };
}

/** Copies the passkeys as a password manager would. */
async function copyPasskeys(from: Device, to: Device): Promise<number> {
  const { credentials } = await from.devtools.send("WebAuthn.getCredentials", { authenticatorId: from.authenticator });
  for (const credential of credentials)
    await to.devtools.send("WebAuthn.addCredential", { authenticatorId: to.authenticator, credential });
  return credentials.length;
}

/** How often the authenticator has signed. */
async function signatures({ devtools, authenticator }: Device): Promise<number> {
  const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId: authenticator });
  return credentials.reduce((sum, { signCount }) => sum + signCount, 0);
}

async function inside(page: Page): Promise<string> {
  await page.waitForFunction(() => window.glasstown?.self() != null);
  return page.evaluate(() => window.glasstown?.self()?.account ?? "");
}

async function accountOf(id: string): Promise<AccountAnswer> {
  const answer = await fetch(`${city.url}/ledger/v1/accounts/${id}`);
  if (!answer.ok) throw new Error(`accounts/${id} answered ${answer.status}`);
  return (await answer.json()) as AccountAnswer;
}

/** From now on transactions arrive and their answers do not. */
async function loseAnswers(page: Page): Promise<void> {
  await page.route("**/ledger/v1/transactions?*", async (route) => {
    await route.fetch();
    await route.abort();
  });
}

async function openKeys(page: Page): Promise<void> {
  await page.getByTestId("open-wallet").click();
  await page.getByTestId("open-keys").click();
  await page.getByTestId("key-list").waitFor();
}

let phone: Device;
let ada = "";

beforeAll(async () => {
  city = await startCity();
  // Without WebGL: nothing here is about the scene.
  browser = await launchBrowser(false);
  phone = await deviceOf();
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await city?.stop();
});

describe("a citizen with a passkey", () => {
  it("enters with one prompt; the account ends with the passkey and this device's session key", async () => {
    const { page } = phone;
    await page.getByTestId("name-input").fill("Ada");
    await page.getByTestId("enter-passkey").click();
    ada = await inside(page);
    const { account } = await accountOf(ada);
    expect(account.name).toBe("Ada");
    expect(account.keys.map(({ kind, scope }) => [kind, scope === undefined])).toEqual([
      ["passkey", true],
      ["ed25519", false],
    ]);
    expect(account.keys[0]).toMatchObject({ rpId: "localhost" });
    const { credentials } = await phone.devtools.send("WebAuthn.getCredentials", {
      authenticatorId: phone.authenticator,
    });
    expect(credentials).toHaveLength(1);
    expect(credentials[0]).toMatchObject({ isResidentCredential: true, rpId: "localhost" });
    expect(Buffer.from(credentials[0]?.userHandle ?? "", "base64").toString("hex")).toBe(ada);
  });

  it("comes back after a reload with nothing asked", async () => {
    const before = await signatures(phone);
    await phone.page.reload();
    expect(await inside(phone.page)).toBe(ada);
    expect(await signatures(phone)).toBe(before);
  });

  it("sees the keys, proven in this browser", async () => {
    const { page } = phone;
    await openKeys(page);
    await page.locator('[data-testid="keys-shield"][data-state="verified"]').waitFor();
    expect(await page.getByTestId("key").count()).toBe(2);
    expect(await page.getByTestId("device-key").getAttribute("data-state")).toBe("session");
  });

  it("confirms this device anew with the passkey, which signs that transaction", async () => {
    const { page } = phone;
    const before = await signatures(phone);
    const old = (await accountOf(ada)).account.keys[1]?.key;
    await page.getByTestId("renew-device").click();
    await until("another key for this device", async () => {
      const { keys } = (await accountOf(ada)).account;
      return keys.length === 2 && keys[1]?.key !== old;
    });
    expect(await signatures(phone)).toBe(before + 1);
  });

  it("comes back on a second device, where the passkey has been synced", async () => {
    const laptop = await deviceOf();
    expect(await copyPasskeys(phone, laptop)).toBe(1);
    await laptop.page.getByTestId("sign-in-passkey").click();
    expect(await inside(laptop.page)).toBe(ada);
    const { keys } = (await accountOf(ada)).account;
    expect(keys.map(({ kind }) => kind)).toEqual(["passkey", "ed25519", "ed25519"]);
    // It may remove the first device, for which the passkey is asked.
    await openKeys(laptop.page);
    await laptop.page.getByTestId("remove-key").last().click();
    await laptop.page.getByTestId("remove-key-sure").click();
    await until("the first device's key to be gone", async () => (await accountOf(ada)).account.keys.length === 2);
    await laptop.context.close();
  });

  it("is told on the first device that its key is gone, and confirms it again", async () => {
    const { page } = phone;
    await page.reload();
    // The room, which knows the key no more, leads to where it is confirmed.
    await page.getByTestId("banner-keys").click();
    await page.locator('[data-testid="device-key"][data-state="ended"]').waitFor();
    await page.getByTestId("renew-device").click();
    await page.locator('[data-testid="device-key"][data-state="session"]').waitFor();
    await page.getByTestId("banner").waitFor({ state: "detached" });
    expect(phone.errors.filter((error) => !/status of 4\d\d|WebSocket/.test(error))).toEqual([]);
  });
});

describe("when no passkey comes", () => {
  it("says so and lets the person enter without one", async () => {
    const stubborn = await deviceOf(false);
    const { page } = stubborn;
    await page.getByTestId("name-input").fill("Ben");
    await page.getByTestId("enter-passkey").click();
    await page
      .getByTestId("name-problem")
      .filter({ hasText: /passkey/i })
      .waitFor();
    await page.getByTestId("enter-city").click();
    const ben = await inside(page);
    const { account } = await accountOf(ben);
    expect(account.keys.map(({ kind, scope }) => [kind, scope === undefined])).toEqual([["ed25519", true]]);

    // Later a passkey after all: it takes over, and the device keeps a session key.
    await stubborn.devtools.send("WebAuthn.setUserVerified", {
      authenticatorId: stubborn.authenticator,
      isUserVerified: true,
    });
    await openKeys(page);
    expect(await page.getByTestId("device-key").getAttribute("data-state")).toBe("full");
    await page.getByTestId("add-passkey").click();
    await page.locator('[data-testid="device-key"][data-state="session"]').waitFor();
    const { keys } = (await accountOf(ben)).account;
    expect(keys.map(({ kind, scope }) => [kind, scope === undefined])).toEqual([
      ["passkey", true],
      ["ed25519", false],
    ]);
    await stubborn.context.close();
  });

  it("enters at the next try when the registration arrived and no answer said so", async () => {
    const device = await deviceOf();
    const { page } = device;
    await loseAnswers(page);
    await page.getByTestId("name-input").fill("Dora");
    await page.getByTestId("enter-passkey").click();
    await page.getByTestId("name-problem").filter({ hasText: /./ }).waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.getByTestId("enter-passkey").click();
    const { account } = await accountOf(await inside(page));
    expect([account.name, account.keys.length]).toEqual(["Dora", 2]);
    await openKeys(page);
    expect(await page.getByTestId("device-key").getAttribute("data-state")).toBe("session");
    await device.context.close();
  });

  it("comes back when the first passkey took over and no answer said so", async () => {
    const device = await deviceOf();
    const { page } = device;
    await page.getByTestId("name-input").fill("Cleo");
    await page.getByTestId("enter-city").click();
    const cleo = await inside(page);
    await loseAnswers(page);
    await openKeys(page);
    await page.getByTestId("add-passkey").click();
    await until("the passkey to take over", async () => (await accountOf(cleo)).account.keys[0]?.kind === "passkey");
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.reload();
    expect(await inside(page)).toBe(cleo);
    await openKeys(page);
    await page.locator('[data-testid="device-key"][data-state="ended"]').waitFor();
    await page.getByTestId("renew-device").click();
    await page.locator('[data-testid="device-key"][data-state="session"]').waitFor();
    await device.context.close();
  });

  it("says when a name is taken before any passkey is made", async () => {
    const device = await deviceOf();
    await device.page.getByTestId("name-input").fill("ada");
    await device.page.getByTestId("enter-passkey").click();
    await device.page.getByTestId("name-problem").filter({ hasText: /name/i }).waitFor();
    const { credentials } = await device.devtools.send("WebAuthn.getCredentials", {
      authenticatorId: device.authenticator,
    });
    expect(credentials).toEqual([]);
    await device.context.close();
  });
});
