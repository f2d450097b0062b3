// Lists on a real server: pages without gaps or repetitions, filters against a model that looks at all blocks, hostile cursors.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, person, register, until } from "../consensus/test-chain.ts";
import type { TransactionAnswer } from "../protocol/rest.ts";
import type { Message } from "../protocol/transaction.ts";
import { listMark } from "./list-cursor.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let alice: Person;
let bob: Person;
let slot: number;
let all: TransactionAnswer[];

const pay = (from: Person, to: Person, amount: string): Message => ({
  type: "money/transfer",
  by: from.id,
  to: to.id,
  amount,
});

beforeAll(async () => {
  server = await startTestServer();
  alice = person();
  bob = person();
  const commit = async (by: Person, ...messages: Message[]): Promise<void> => {
    const answer = await server.post("/v1/transactions?wait=commit", await server.signed(by, ...messages));
    expect([answer.status, answer.body.refusal]).toEqual([200, undefined]);
  };
  await commit(alice, register(alice, "Alice"));
  await commit(bob, register(bob, "Bob"));
  for (let i = 1; i <= 7; i++) await commit(alice, pay(alice, bob, String(i)));
  await commit(bob, pay(bob, alice, "1"));
  for (const [device, kind] of [
    ["lamp-1", "lamp"],
    ["lamp-2", "lamp"],
    ["meter-1", "meter"],
  ] as const)
    await commit(server.chain.registrar, {
      type: "telemetry/register-device",
      by: server.chain.registrar.id,
      device,
      kind,
      key: person().key,
    });
  // Reserves of each for the other, and offers for two slots that are still open.
  const expiresMs = Date.now() + 3_600_000;
  for (const amount of ["1", "2"]) {
    await commit(alice, { type: "money/reserve", by: alice.id, to: server.chain.registrar.id, amount, expiresMs });
    await commit(bob, { type: "money/reserve", by: bob.id, to: server.chain.registrar.id, amount, expiresMs });
  }
  slot = Math.floor(Date.now() / 60_000) + 2;
  for (const price of ["100000", "110000"])
    for (const at of [slot, slot + 1])
      await commit(bob, { type: "energy/bid", by: bob.id, slot: at, energyWh: "10", price });
  // Two that exclude each other, in one block: one is refused there.
  const clash = person();
  const bytes = [
    await server.chain.bytesOf(clash, register(clash, "Clash")),
    await server.chain.bytesOf(clash, register(clash, "Clash Again")),
  ];
  for (const one of bytes) expect((await server.chain.engine.submit(one)).ok).toBe(true);
  await until(() => server.chain.engine.mempool.size === 0, "an empty mempool");
  const { blocks } = await pages("/v1/blocks?sort=asc&limit=100", "blocks");
  all = [];
  for (const { height: at } of blocks as { height: number }[])
    all.push(...((await server.get(`/v1/blocks/${at}`)).body.transactions as TransactionAnswer[]));
});
afterAll(() => server.close());

/** Follows the Link header to the end, and sees that it and `next` agree. */
async function pages(path: string, member: string): Promise<Record<string, unknown[]> & { count: number }> {
  const lines: unknown[] = [];
  let count = 0;
  for (let url = path; ; count++) {
    const { status, body, headers } = await server.get(url);
    expect(status).toBe(200);
    lines.push(...body[member]);
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
    expect(link === undefined).toBe(body.next === null);
    if (link === undefined) return Object.assign({ [member]: lines }, { count: count + 1 }) as never;
    expect(new URL(link, server.url).searchParams.get("cursor")).toBe(body.next);
    const target = new URL(link, server.url + url);
    url = target.pathname + target.search;
  }
}

const idsOf = (transactions: unknown): string[] => (transactions as TransactionAnswer[]).map(({ id }) => id);

describe("pages", () => {
  test.each([
    ["/v1/transactions", "transactions"],
    ["/v1/blocks", "blocks"],
    ["/v1/accounts", "accounts"],
    ["/v1/devices", "devices"],
    ["/v1/state?prefix=accounts/", "entries"],
  ])("%s holds the same in pages of any length and both directions", async (path, member) => {
    const join = path.includes("?") ? "&" : "?";
    // Blocks that are made meanwhile are not part of the comparison.
    const height = server.chain.engine.height;
    const ascending = (await pages(`${path}${join}sort=asc&limit=100`, member))[member];
    const within = (lines: unknown[] | undefined): unknown[] =>
      (lines ?? []).filter((line) => member !== "blocks" || (line as { height: number }).height <= height);
    for (const limit of [1, 3, 7]) {
      const found = await pages(`${path}${join}sort=asc&limit=${limit}`, member);
      if (limit === 1) expect(found.count).toBeGreaterThan(1);
      expect(within(found[member])).toEqual(within(ascending));
      const back = await pages(`${path}${join}sort=desc&limit=${limit}`, member);
      expect(within(back[member])).toEqual(within(ascending).reverse());
    }
  });

  test.each([
    ["/v1/transactions", "desc"],
    ["/v1/blocks", "desc"],
    ["/v1/accounts", "asc"],
    ["/v1/devices", "asc"],
    ["/v1/energy/slots", "desc"],
    ["/v1/energy/trades", "desc"],
  ])(
    "%s answers hostile cursors, with its own mark or without, with 400 or a page, never otherwise",
    async (path, sort) => {
      const mark = listMark(path, {}, { sort });
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string({ maxLength: 40 }),
            fc.base64String({ maxLength: 40 }),
            fc.string({ maxLength: 40 }).map((text) => Buffer.from(`p.${text}`).toString("base64url")),
            fc
              .tuple(fc.maxSafeInteger(), fc.maxSafeInteger(), fc.maxSafeInteger())
              .map(([a, b, c]) => Buffer.from(`p.${a}.${b}.${c}`).toString("base64url")),
            fc.string({ maxLength: 40 }).map((text) => Buffer.from(`n.accounts/account/${text}`).toString("base64url")),
          ),
          fc.boolean(),
          async (position, marked) => {
            const cursor = encodeURIComponent((marked ? mark : "") + position);
            const { status, body } = await server.get(`${path}?cursor=${cursor}`);
            expect([200, 400]).toContain(status);
            if (status === 400) expect(body.errors[0].parameter).toBe("cursor");
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});

describe("a cursor of another list", () => {
  const lists = (): string[] => {
    const [a, b] = [alice.id, bob.id];
    return [
      "/v1/blocks?",
      "/v1/blocks?sort=asc",
      "/v1/blocks?fromHeight=2",
      "/v1/blocks?before=100000",
      "/v1/transactions?",
      "/v1/transactions?sort=asc",
      "/v1/transactions?outcome=applied",
      "/v1/transactions?type=money/transfer",
      `/v1/transactions?account=${a}`,
      `/v1/transactions?account=${b}`,
      `/v1/accounts/${a}/transactions?`,
      `/v1/accounts/${b}/transactions?`,
      `/v1/accounts/${b}/transactions?sort=asc`,
      `/v1/events/history?account=${a}`,
      `/v1/events/history?account=${b}`,
      `/v1/events/history?account=${a}&event=money/transferred.to`,
      "/v1/accounts?",
      "/v1/accounts?sort=desc",
      "/v1/accounts?role=registrar",
      "/v1/devices?",
      "/v1/devices?kind=lamp",
      "/v1/state?prefix=accounts/",
      "/v1/state?prefix=telemetry/",
      "/v1/state?prefix=accounts/account/",
      `/v1/accounts/${a}/reserves?`,
      `/v1/accounts/${b}/reserves?`,
      `/v1/energy/slots/${slot}/orders?`,
      `/v1/energy/slots/${slot + 1}/orders?`,
      `/v1/energy/slots/${slot}/trades?`,
      "/v1/energy/slots?",
      "/v1/energy/slots?sort=asc",
      "/v1/energy/trades?",
      `/v1/energy/trades?account=${a}`,
    ];
  };

  test("is refused by every list, whichever it is of; its own takes it, with proofs and another length too", async () => {
    const cursors = new Map<string, string>();
    for (const url of lists()) {
      const { status, body } = await server.get(`${url}&limit=1`);
      expect(status, url).toBe(200);
      if (body.next !== null) cursors.set(url, body.next);
    }
    // All but those of trades, of which there are none here, and of the one registrar.
    expect(lists().filter((url) => !cursors.has(url))).toHaveLength(3);
    for (const url of lists())
      for (const [other, cursor] of cursors) {
        const { status, body } = await server.get(`${url}&limit=2&cursor=${cursor}`);
        expect([url, other, status]).toEqual([url, other, url === other ? 200 : 400]);
        if (status === 400)
          expect(body.errors).toEqual([{ parameter: "cursor", in: "query", detail: "is no cursor of this list" }]);
      }
    const proven = await server.get(`/v1/devices?prove=true&cursor=${cursors.get("/v1/devices?")}`);
    expect(proven.status).toBe(200);
  });

  test("is refused when its mark is right and its position is not", async () => {
    const own = listMark("/v1/accounts/{id}/reserves", { id: bob.id }, { sort: "asc" });
    const others = (await server.get(`/v1/accounts/${alice.id}/reserves?limit=1`)).body.next.slice(own.length);
    const forged = await server.get(`/v1/accounts/${bob.id}/reserves?cursor=${own}${others}`);
    expect([forged.status, forged.body.errors[0].parameter]).toEqual([400, "cursor"]);
  });

  test("a default that is said is the default", async () => {
    const { body } = await server.get("/v1/blocks?limit=1");
    expect((await server.get(`/v1/blocks?limit=1&sort=desc&cursor=${body.next}`)).status).toBe(200);
  });

  test("a page that `before` bounds ends there in both directions", async () => {
    for (const sort of ["asc", "desc"]) {
      const { blocks } = await pages(`/v1/blocks?before=4&limit=1&sort=${sort}`, "blocks");
      const heights = (blocks as { height: number }[]).map(({ height }) => height);
      expect(heights).toEqual(sort === "asc" ? [1, 2, 3] : [3, 2, 1]);
    }
  });
});

describe("transactions", () => {
  const named = (one: TransactionAnswer, account: string): boolean =>
    one.transaction.body.messages.some(({ by }) => by === account) ||
    one.events.some(({ attributes }) => Object.values(attributes).includes(account));
  const cases: readonly [string, string, (one: TransactionAnswer) => boolean][] = [
    ["an account", "account=ALICE", (one) => named(one, alice.id)],
    ["a module", "module=money", (one) => one.transaction.body.messages.some(({ type }) => type.startsWith("money/"))],
    ["a type", "type=accounts/register", (one) => one.transaction.body.messages[0]!.type === "accounts/register"],
    ["applied", "outcome=applied", (one) => one.code === 0],
    ["refused", "outcome=refused", (one) => one.code !== 0],
    ["a code", "code=101", (one) => one.code === 101],
    ["an event", "event=money/transferred.to", (one) => one.events.some(({ type }) => type === "money/transferred")],
    [
      "an event's value, an account and a type",
      "event=money/transferred.to%3DALICE&account=BOB&type=money/transfer",
      (one) => one.events.some(({ attributes }) => attributes["to"] === alice.id),
    ],
    ["what there is none of", "module=nothing", () => false],
  ];

  test.each(cases)("by %s", async (_, query, fits) => {
    const filled = query.replace("ALICE", alice.id).replace("BOB", bob.id);
    const expected = all.filter(fits).map(({ id }) => id);
    expect(all.length).toBeGreaterThan(10);
    for (const limit of [2, 100]) {
      const { transactions } = await pages(`/v1/transactions?sort=asc&limit=${limit}&${filled}`, "transactions");
      expect(idsOf(transactions)).toEqual(expected);
    }
  });

  test("one of two that exclude each other was refused in their block", () => {
    expect(all.filter(({ code }) => code !== 0).map(({ code }) => code)).toEqual([101]);
  });

  test("of one account, also under its own path", async () => {
    const { transactions } = await pages(`/v1/accounts/${bob.id}/transactions?limit=3`, "transactions");
    expect(idsOf(transactions)).toEqual(
      all
        .filter((one) => named(one, bob.id))
        .map(({ id }) => id)
        .reverse(),
    );
  });

  test("by height and by time", async () => {
    const middle = all[5]!;
    const times = new Map<number, string>();
    for (const { height } of all) times.set(height, (await server.get(`/v1/blocks/${height}`)).body.time as string);
    const after = await pages(`/v1/transactions?sort=asc&fromHeight=${middle.height}`, "transactions");
    expect(idsOf(after["transactions"])).toEqual(
      all.filter(({ height }) => height >= middle.height).map(({ id }) => id),
    );
    const time = encodeURIComponent(times.get(middle.height)!.replace(/\.(\d{3})\d*Z/, ".$1Z"));
    const since = await pages(`/v1/transactions?sort=asc&from=${time}`, "transactions");
    expect(idsOf(since["transactions"])).toEqual(idsOf(after["transactions"]));
    const until = await pages(`/v1/transactions?sort=asc&to=${time}`, "transactions");
    expect(idsOf(until["transactions"])).toEqual(
      all.filter(({ height }) => height <= middle.height).map(({ id }) => id),
    );
    const today = times.get(middle.height)!.slice(0, 10);
    const nothing = await server.get("/v1/transactions?to=1999-12-31");
    expect(nothing.body).toEqual({ transactions: [], next: null });
    const day = await pages(`/v1/transactions?sort=asc&from=${today}&to=${today}`, "transactions");
    expect(day["transactions"]?.length).toBeGreaterThan(0);
  });
});

describe("the rest", () => {
  test("events that name an account, in pages of one, both ways", async () => {
    const events = (await pages(`/v1/events/history?account=${alice.id}&sort=asc&limit=1`, "events"))["events"] as {
      type: string;
    }[];
    const expected = all.flatMap((one) =>
      one.events.filter(({ attributes }) => Object.values(attributes).includes(alice.id)).map(({ type }) => type),
    );
    expect(events.map(({ type }) => type)).toEqual(expected);
    const back = await pages(`/v1/events/history?account=${alice.id}&limit=2`, "events");
    expect(back["events"]).toEqual([...events].reverse());
    expect((await server.get("/v1/events/history")).body.errors[0].parameter).toBe("event");
  });

  test("devices of a kind, accounts with a role", async () => {
    const { devices } = await pages("/v1/devices?kind=lamp&limit=1", "devices");
    expect((devices as { id: string }[]).map(({ id }) => id)).toEqual(["lamp-1", "lamp-2"]);
    const { accounts } = await pages("/v1/accounts?role=registrar&limit=1", "accounts");
    expect((accounts as { id: string }[]).map(({ id }) => id)).toEqual([server.chain.registrar.id]);
  });

  test("statistics count what the blocks hold", async () => {
    const summary = (await server.get("/v1/statistics/summary")).body;
    expect(summary.totals.transactions).toBe(all.length);
    expect(summary.totals.refusedTransactions).toBe(all.filter(({ code }) => code !== 0).length);
    expect(summary.totals.moneyMoved).toBe(String(1 + 2 + 3 + 4 + 5 + 6 + 7 + 1));
    const daily = (await server.get("/v1/statistics/daily")).body;
    const counted = (daily.days as { transactions: number }[]).reduce((sum, { transactions }) => sum + transactions, 0);
    expect(counted).toBe(all.length);
    expect((await server.get("/v1/statistics/daily?from=2026-02-01&to=2026-01-01")).status).toBe(400);
    expect((await server.get("/v1/statistics/daily?from=2020-01-01&to=2026-01-01")).status).toBe(400);
  });
});
