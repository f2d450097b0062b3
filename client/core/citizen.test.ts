// The own account as the server tells it: only what is about the citizen is taken, and only the newest answer stays.

import { afterEach, expect, it, vi } from "vitest";
import { account, citizenship, refreshAccount } from "./citizen.ts";
import type { RequestError } from "./http.ts";
import type { Identity } from "./identity.ts";
import { ledgerApi } from "./ledger-api.ts";

const ada = "a".repeat(40);
const ben = "b".repeat(40);
const identity: Identity = {
  chain: "city",
  account: ada,
  publicKey: "c".repeat(64),
  name: "Ada",
  kind: "webcrypto",
  created: 1,
};

const answerAbout = (id: string, money: string): Response =>
  Response.json({
    id,
    account: { name: "Ada", keys: [], roles: [], registered: 1 },
    money,
    energyWh: "0",
    meter: null,
  });

afterEach(() => {
  vi.unstubAllGlobals();
  citizenship.value = { state: "looking" };
  account.value = null;
});

/** Requests that are answered when the test says so, in its order. */
function heldRequests(): ((answer: Response) => void)[] {
  const open: ((answer: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => open.push(resolve)));
  return open;
}

it.each(["account", "money"] as const)("an answer about somebody else is none: %s", async (what) => {
  const answers = { account: answerAbout(ben, "5"), money: Response.json({ id: ben, record: { creditsPosted: "5" } }) };
  vi.stubGlobal("fetch", async () => answers[what]);
  await expect(ledgerApi[what](ada)).rejects.toMatchObject({ kind: "malformed" } satisfies Partial<RequestError>);
});

it("an answer that a later one has overtaken is dropped", async () => {
  citizenship.value = { state: "citizen", identity, name: "Ada" };
  const open = heldRequests();
  const both = [refreshAccount(), refreshAccount()];
  open[1]?.(answerAbout(ada, "2"));
  await both[1];
  open[0]?.(answerAbout(ada, "1"));
  await both[0];
  expect(account.value?.money).toBe("2");
});

it("an answer for a citizen who has left meanwhile is dropped", async () => {
  citizenship.value = { state: "citizen", identity, name: "Ada" };
  const open = heldRequests();
  const reading = refreshAccount();
  citizenship.value = { state: "guest", other: null, lostName: null };
  open[0]?.(answerAbout(ada, "1"));
  await reading;
  expect(account.value).toBeNull();
});
