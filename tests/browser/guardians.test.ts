// Guardians and roles on the real servers, as five people see them: Ada chooses guardians and loses her keys, Ben and Cem give her a new
// one, which she first vetoes and then takes; Dora is no guardian, and is later given the city's role by its key. Delays are genesis
// settings; nothing waits but for the ledger. The browser has no WebGL: the panels are the same without it.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromHex, hex } from "../../ledger/protocol/bytes.ts";
import type { AccountAnswer } from "../../ledger/protocol/rest.ts";
import { accountIdOfKey, type Message, signTransaction } from "../../ledger/protocol/transaction.ts";
import { loadCityKeys } from "../../settings/city-keys.ts";
import { enterCity, launchBrowser, type Visitor, visit } from "./chromium.ts";
import { unfold } from "./keyboard.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

/** The shortest delay of this city: many times what takes a change back on a slow machine, short enough to wait for. */
const delaySeconds = 25;
const delayMs = String(delaySeconds * 1000);

let city: RunningCity;
let browser: Browser;
let ada: Visitor;
let ben: Visitor;
let cem: Visitor;
let dora: Visitor;
let newDevice: Visitor;
let adaId = "";
let oldKey = "";
let link = "";
let code = "";

const all = (): readonly Visitor[] => [ada, ben, cem, dora, newDevice];
const panel = ({ page }: Visitor): Locator => page.getByTestId("guardians-panel");

async function accountOf(id: string): Promise<AccountAnswer> {
  const answer = await fetch(`${city.ledgerUrl}/v1/accounts/${id}`);
  if (!answer.ok) throw new Error(`accounts/${id} answered ${answer.status}`);
  return (await answer.json()) as AccountAnswer;
}

const selfOf = (page: Page): Promise<string> => page.evaluate(() => window.glasstown?.self()?.account ?? "");

/** Signs as the city's administration; answers the refusal's name, or null when it was applied. */
async function asCity(message: (by: string) => Message): Promise<string | null> {
  const seed = fromHex(loadCityKeys(city.data).city);
  const key = hex(ed25519.getPublicKey(seed));
  const chain = (await (await fetch(`${city.ledgerUrl}/v1/chain`)).json()) as { chain: string; height: number };
  const body = {
    chain: chain.chain,
    id: hex(crypto.getRandomValues(new Uint8Array(16))),
    expires: chain.height + 100,
    messages: [message(accountIdOfKey(key))],
  };
  const transaction = await signTransaction(body, accountIdOfKey(key), key, async (bytes) => ed25519.sign(bytes, seed));
  const answer = await fetch(`${city.ledgerUrl}/v1/transactions?wait=commit`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(transaction),
  });
  return ((await answer.json()) as { refusal?: string }).refusal ?? null;
}

async function openKeys({ page }: Visitor): Promise<void> {
  if ((await page.getByTestId("wallet-panel").count()) === 0) await page.getByTestId("open-wallet").click();
  await page.getByTestId("open-keys").click();
  await page.getByTestId("key-list").waitFor();
}

async function openGuardians(visitor: Visitor): Promise<void> {
  await openKeys(visitor);
  await visitor.page.getByTestId("to-guardians").click();
  await panel(visitor).getByTestId("guarded").waitFor();
}

/** Opens the link as a message's would be opened, types the code and presses the button. */
async function propose(visitor: Visitor): Promise<void> {
  await visitor.page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    link.slice(link.indexOf("#")),
  );
  const card = panel(visitor).getByTestId("help-card");
  await card.getByTestId("code-input").fill(code);
  await card.getByTestId("propose").click();
  await card.waitFor({ state: "detached" });
}

async function approve(visitor: Visitor): Promise<void> {
  await visitor.page.getByTestId("help-wanted").getByTestId("open-guardians").click();
  const person = panel(visitor).locator(`[data-testid="guarded-person"][data-account="${adaId}"]`);
  await person.getByTestId("code-input").fill(code.replaceAll(" ", ""));
  await person.getByTestId("approve").click();
}

beforeAll(async () => {
  city = await startCity({ GLASSTOWN_GUARDIAN_DELAY_SECONDS: String(delaySeconds) });
  browser = await launchBrowser(false);
  [ada, ben, cem, dora] = (await Promise.all([1, 2, 3, 4].map(() => visit(browser, city.url)))) as [
    Visitor,
    Visitor,
    Visitor,
    Visitor,
  ];
  await Promise.all(
    (
      [
        [ada, "Ada"],
        [ben, "Ben"],
        [cem, "Cem"],
        [dora, "Dora"],
      ] as const
    ).map(([{ page }, name]) => enterCity(page, name)),
  );
  adaId = await selfOf(ada.page);
  oldKey = (await accountOf(adaId)).account.keys[0]?.key ?? "";
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await city?.stop();
});

describe("choosing guardians", () => {
  it("finds people by name, says when it takes effect, and shows them proven", async () => {
    await openGuardians(ada);
    const own = panel(ada).getByTestId("own-guardians");
    await own.getByTestId("no-guardians").waitFor();
    const form = own.getByTestId("guardians-form");
    await unfold(ada, form);
    const name = form.getByTestId("guardian-name");
    const problem = form.locator('[role="alert"]:not([hidden])');
    for (const [wrong, says] of [
      ["Nobody here", "no citizen of that name"],
      ["Ada", "your own guardian"],
    ] as const) {
      await name.fill(wrong);
      await name.press("Enter");
      await problem.filter({ hasText: says }).waitFor();
    }
    for (const [number, friend] of ["Ben", "Cem"].entries()) {
      await name.fill(friend);
      await form.getByTestId("guardian-add").click();
      await form.getByTestId("chosen-guardian").nth(number).filter({ hasText: friend }).waitFor();
    }
    expect(await form.getByTestId("guardian-threshold").inputValue()).toBe("2");
    await form.getByTestId("guardian-delay").selectOption(delayMs);
    await form.getByTestId("guardians-effect").filter({ hasText: "at once" }).waitFor();
    await form.getByTestId("guardians-submit").click();
    await own.getByTestId("guardian-list").waitFor();
    expect(await own.getByTestId("guardian").count()).toBe(2);
    expect(await own.getByTestId("guardian-terms").textContent()).toContain(`${delaySeconds} seconds`);
    await own.locator('[data-testid="guardians-shield"][data-state="verified"]').waitFor();
  });

  it("makes a change wait, and lets it be taken back", async () => {
    const own = panel(ada).getByTestId("own-guardians");
    const form = own.getByTestId("guardians-form");
    await unfold(ada, form);
    await form.getByTestId("remove-guardians").click();
    await form.getByTestId("remove-guardians-sure").click();
    await own.getByTestId("guardians-waiting").filter({ hasText: "nobody guards you" }).waitFor();
    expect(await own.getByTestId("guardian").count()).toBe(2);
    await own.getByTestId("guardians-keep").click();
    await own.getByTestId("guardians-waiting").waitFor({ state: "detached" });
    expect(await own.getByTestId("guardian").count()).toBe(2);
  });

  it("is known to those chosen", async () => {
    await Promise.all(
      [ben, cem].map(async (visitor) => {
        await openGuardians(visitor);
        await panel(visitor).getByTestId("guarded-person").filter({ hasText: "Ada" }).waitFor();
        await visitor.page.keyboard.press("Escape");
      }),
    );
  });
});

describe("losing all keys", () => {
  it("makes a key for an account that has guardians, and for no other", async () => {
    newDevice = await visit(browser, city.url);
    const { page } = newDevice;
    await page.getByTestId("lost-keys").click();
    await page.getByTestId("lost-name").fill("Dora");
    await page.getByTestId("lost-begin").click();
    await page.locator('[role="alert"]:not([hidden])').filter({ hasText: "has no guardians" }).waitFor();
    await page.getByTestId("lost-name").fill("ada");
    await page.getByTestId("lost-begin").click();
    await page.getByTestId("lost-nobody").waitFor();
    link = await page.getByTestId("recovery-link").inputValue();
    code = ((await page.getByTestId("recovery-code").textContent()) ?? "").replace(/^[^:]*:/, "").trim();
    expect(code).toMatch(/^(?:\d{4} ?){6}$/);
    // The key stays on the device while the page is away.
    await page.reload();
    expect(await page.getByTestId("recovery-link").inputValue()).toBe(link);
  });

  it("is of no use to who is not a guardian, and a wrong code is noticed", async () => {
    await dora.page.evaluate(
      (hash) => {
        location.hash = hash;
      },
      link.slice(link.indexOf("#")),
    );
    await panel(dora).getByTestId("not-guardian").waitFor();
    expect(await panel(dora).getByTestId("propose").count()).toBe(0);
    await panel(dora).getByTestId("help-put").click();
    // The link with another key in the place of Ada's: what she reads out does not fit it.
    const hash = link.slice(link.indexOf("#"));
    const stranger = hex(ed25519.getPublicKey(new Uint8Array(32).fill(7)));
    await ben.page.evaluate(
      (changed) => {
        location.hash = changed;
      },
      hash.replace(/\.[0-9a-f]{64}$/, `.${stranger}`),
    );
    const card = panel(ben).getByTestId("help-card");
    await card.getByTestId("code-input").fill(code);
    await card.getByTestId("code-wrong").waitFor();
    expect(await card.getByTestId("propose").isDisabled()).toBe(true);
    await card.getByTestId("help-put").click();
  });

  it("is told to the owner at once and loudly, who stops it with one press", async () => {
    await propose(ben);
    const alarm = ada.page.getByTestId("recovery-alarm");
    await alarm.filter({ hasText: "Ben" }).waitFor();
    expect(await alarm.getAttribute("role")).toBe("alert");
    await newDevice.page.locator('[data-testid="recovery"][data-stage="gathering"]').waitFor();
    await alarm.getByTestId("veto").click();
    await ada.page.getByTestId("vetoed").waitFor();
    await newDevice.page.getByTestId("lost-vetoed").waitFor();
    await panel(ben).getByTestId("recovery").waitFor({ state: "detached" });
    await ada.page.getByTestId("bar-close").click();
  });

  it("gives the account the new key when enough have agreed and the delay is over, and not before", async () => {
    await propose(ben);
    await approve(cem);
    // How long this page and the ledger take is left open: each is asked for what holds at its own time.
    const agreed = panel(cem).locator('[data-testid="recovery"]:not([data-stage="gathering"])');
    await agreed.waitFor();
    const early = await panel(cem).evaluate(
      (element) =>
        element.querySelector('[data-testid="recovery"][data-stage="waiting"]') !== null &&
        element.querySelector('[data-testid="complete-recovery"]') !== null,
    );
    expect(early).toBe(false);
    const key = link.slice(-64);
    expect(await asCity((by) => ({ type: "accounts/approve-recovery", by, account: adaId, key }))).toBe(
      "accounts_account_must_be_guardian",
    );
    const alarm = ada.page.getByTestId("recovery-alarm");
    await alarm.filter({ hasText: /Enough guardians have agreed|The time to object ended/ }).waitFor();
    await panel(ben).getByTestId("complete-recovery").click();
    // The new device comes in by itself.
    await newDevice.page.waitForFunction(() => window.glasstown?.self() != null);
    expect(await selfOf(newDevice.page)).toBe(adaId);
    expect((await accountOf(adaId)).account.keys.map((known) => known.key)).toEqual([key]);
    expect(key).not.toBe(oldKey);
  });

  it("leaves the old device with nothing, and says so", async () => {
    await openKeys(ada);
    await ada.page.locator('[data-testid="device-key"][data-state="ended"]').waitFor();
    await ada.page.getByTestId("all-lost").waitFor();
    await ada.page.getByTestId("recovery-alarm").waitFor({ state: "detached" });
    await newDevice.page.reload();
    await newDevice.page.waitForFunction(() => window.glasstown?.self() != null);
    await openKeys(newDevice);
    expect(await newDevice.page.getByTestId("device-key").getAttribute("data-state")).toBe("full");
    await newDevice.page.locator('[data-testid="keys-shield"][data-state="verified"]').waitFor();
  });
});

describe("roles", () => {
  it("are changed by who administers the city, and by nobody else", async () => {
    const doraId = await selfOf(dora.page);
    await openKeys(dora);
    expect(await dora.page.getByTestId("open-roles").count()).toBe(0);
    expect(await asCity((by) => ({ type: "accounts/grant-role", by, account: doraId, role: "city" }))).toBeNull();
    await dora.page.getByTestId("own-roles").getByTestId("open-roles").click();
    const desk = dora.page.getByTestId("roles-panel");
    await desk.getByTestId("roles-name").fill("Ben");
    await desk.getByTestId("roles-look").click();
    const shown = desk.getByTestId("citizen-roles");
    await shown.getByTestId("no-roles").waitFor();
    await shown.getByTestId("grant-role").selectOption("grid-operator");
    await shown.getByTestId("grant-scope").fill("District 3");
    expect(await shown.getByTestId("grant-submit").isDisabled()).toBe(true);
    await shown.getByTestId("grant-scope").fill("district/3");
    await shown.getByTestId("grant-end").fill("2099-12-31");
    await shown.getByTestId("grant-submit").click();
    await shown.locator('[data-testid="role"][data-role="grid-operator"][data-scope="district/3"]').waitFor();
    await shown.locator('[data-testid="roles-shield"][data-state="verified"]').waitFor();
  });

  it("stand beside the keys of who holds them, with part and end, proven", async () => {
    await openKeys(ben);
    const role = ben.page.getByTestId("own-roles").getByTestId("role");
    await role.filter({ hasText: "district/3" }).filter({ hasText: "2099" }).waitFor();
    await ben.page.locator('[data-testid="keys-shield"][data-state="verified"]').waitFor();
    expect(await ben.page.getByTestId("open-roles").count()).toBe(0);
  });

  it("are taken back, and what the ledger refuses is said in words", async () => {
    const desk = dora.page.getByTestId("roles-panel");
    await desk.getByTestId("revoke").click();
    await desk.getByTestId("revoke-sure").click();
    await desk.getByTestId("no-roles").waitFor();
    await until("Ben's role to be gone", async () => {
      const benId = await selfOf(ben.page);
      return (await accountOf(benId)).account.roles.length === 0;
    });
    // The city takes its own role back from Dora while her page still shows the desk.
    const doraId = await selfOf(dora.page);
    await dora.page.route("**/ledger/v1/accounts/**", (route) => route.abort());
    expect(await asCity((by) => ({ type: "accounts/revoke-role", by, account: doraId, role: "city" }))).toBeNull();
    await desk.getByTestId("grant-submit").click();
    await desk.locator('[role="alert"]:not([hidden])').filter({ hasText: "Only the city's administration" }).waitFor();
    await dora.page.unrouteAll({ behavior: "ignoreErrors" });
    await dora.page.reload();
    await dora.page.waitForFunction(() => window.glasstown?.self() != null);
    await openKeys(dora);
    expect(await dora.page.getByTestId("open-roles").count()).toBe(0);
  });
});

it("saw no script errors", () => {
  // What the ledger refuses is an answer with status 4xx, and what the test cut off is a failed request: browsers note both.
  const own = all().flatMap(({ errors }) =>
    errors.filter((error) => !/status of 4\d\d|ERR_FAILED|WebSocket/.test(error)),
  );
  expect(own).toEqual([]);
});
