// The REST API on a real server: what it answers, and by which name it refuses bad input.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { systemClock } from "../consensus/clock.ts";
import {
  makeTestFolder,
  openTestChain,
  type Person,
  person,
  register,
  removeTestFolder,
  until,
} from "../consensus/test-chain.ts";
import { accountAnswerSchema } from "../modules/accounts/queries.ts";
import { slotAnswerSchema } from "../modules/energy/queries.ts";
import { deviceAnswerSchema } from "../modules/telemetry/queries.ts";
import { fromHex, utf8 } from "../protocol/bytes.ts";
import { canonicalBytes } from "../protocol/canonical.ts";
import { fromBase64, headerFromJson } from "../protocol/comet.ts";
import { transactionId } from "../protocol/transaction.ts";
import { createLedgerApi } from "./app.ts";
import {
  blockAnswerSchema,
  blocksAnswerSchema,
  chainAnswerSchema,
  problemSchema,
  stateEntryAnswerSchema,
  submitAnswerSchema,
  tradesAnswerSchema,
  transactionAnswerSchema,
  transactionsAnswerSchema,
} from "./schemas.ts";
import { listen } from "./server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let alice: Person;
let aliceHeight: number;
let aliceTransaction: string;

beforeAll(async () => {
  server = await startTestServer();
  alice = person();
  const answer = await server.post(
    "/v1/transactions?wait=commit",
    await server.signed(alice, register(alice, "Alice Wonder")),
  );
  expect(answer.status).toBe(200);
  aliceHeight = answer.body.height;
  aliceTransaction = answer.body.id;
});
afterAll(() => server.close());

describe("answers", () => {
  test("the chain", async () => {
    const { status, body } = await server.get("/v1/chain");
    expect(status).toBe(200);
    expect(chainAnswerSchema.parse(body)).toMatchObject({ chain: server.chain.genesis.chain, slotSeconds: 60 });
  });

  test("blocks, newest first, in pages", async () => {
    await until(() => server.chain.engine.height >= 3, "three blocks");
    const { body } = await server.get("/v1/blocks?limit=2");
    const { blocks } = blocksAnswerSchema.parse(body);
    expect(blocks).toHaveLength(2);
    const next = await server.get(`/v1/blocks?limit=100&before=${blocks[1]!.height}`);
    expect(blocksAnswerSchema.parse(next.body).blocks[0]?.height).toBe(blocks[1]!.height - 1);
  });

  test("a block with its transactions", async () => {
    const { body } = await server.get(`/v1/blocks/${aliceHeight}`);
    const block = blockAnswerSchema.parse(body);
    expect(block.transactions).toHaveLength(1);
    expect(block.transactions[0]).toMatchObject({ id: aliceTransaction, height: aliceHeight, index: 0, code: 0 });
  });

  test("a transaction by its id", async () => {
    const { body } = await server.get(`/v1/transactions/${aliceTransaction}`);
    const found = transactionAnswerSchema.parse(body);
    expect(transactionId(found.transaction.body)).toBe(aliceTransaction);
  });

  test("an account by id and by name in any case, and its transactions", async () => {
    const byId = await server.get(`/v1/accounts/${alice.id}`);
    expect(accountAnswerSchema.parse(byId.body)).toMatchObject({ id: alice.id, money: "20000000", meter: null });
    const byName = await server.get(`/v1/names/${encodeURIComponent("ALICE wonder")}`);
    expect(byName.body).toEqual(byId.body);
    const { body } = await server.get(`/v1/accounts/${alice.id}/transactions`);
    expect(transactionsAnswerSchema.parse(body).transactions.map(({ id }) => id)).toEqual([aliceTransaction]);
  });

  test("a device, after it is registered", async () => {
    const device = {
      type: "telemetry/register-device",
      by: server.chain.registrar.id,
      device: "lamp-0001",
      kind: "lamp",
      key: person().key,
    } as const;
    const submitted = await server.post(
      "/v1/transactions?wait=commit",
      await server.signed(server.chain.registrar, device),
    );
    expect(submitAnswerSchema.parse(submitted.body)).toMatchObject({ code: 0 });
    const { body } = await server.get("/v1/devices/lamp-0001");
    expect(deviceAnswerSchema.parse(body)).toMatchObject({ id: "lamp-0001", device: { kind: "lamp" } });
  });

  test("the slot of now, and trades", async () => {
    const { body } = await server.get("/v1/energy/slots/current");
    const slot = slotAnswerSchema.parse(body);
    expect(Date.parse(slot.end) - Date.parse(slot.start)).toBe(60_000);
    expect((await server.get(`/v1/energy/slots/${slot.slot}`)).body).toEqual(body);
    const trades = await server.get(`/v1/energy/trades?account=${alice.id}&limit=5`);
    expect(tradesAnswerSchema.parse(trades.body)).toEqual({ trades: [], next: null });
  });

  test("a state entry whose proof verifies under the next header at once", async () => {
    await until(() => server.chain.engine.height > aliceHeight, "a block after the registration");
    const name = `accounts/account/${alice.id}`;
    for (const path of [name, encodeURIComponent(name)]) {
      const { body } = await server.get(`/v1/state/${path}?prove=true`);
      const entry = stateEntryAnswerSchema.parse(body);
      expect(entry.name).toBe(name);
      const next = await server.get(`/commit?height=${entry.height + 1}`);
      const { appHash } = headerFromJson(next.body.result.signed_header.header);
      const core = loadCore();
      const key = fromBase64(entry.proof!.key);
      expect(key).toEqual(core.sha256(utf8(name)));
      expect(core.verifyMembership(appHash, key, canonicalBytes(entry.value), fromBase64(entry.proof!.data))).toBe(
        true,
      );
    }
  });

  test("absence of a state entry, proven", async () => {
    const { body } = await server.get("/v1/state/accounts/account/nobody?prove=true");
    const entry = stateEntryAnswerSchema.parse(body);
    expect(entry.value).toBeNull();
    const next = await server.get(`/commit?height=${entry.height + 1}`);
    const { appHash } = headerFromJson(next.body.result.signed_header.header);
    const proof = fromBase64(entry.proof!.data);
    expect(loadCore().verifyNonMembership(appHash, fromBase64(entry.proof!.key), proof)).toBe(true);
  });

  test("503 for a proof under a header whose state is not kept, as after a restart until the next block", async () => {
    const folder = await makeTestFolder();
    const first = await openTestChain({ folder, heartbeatMs: 20 });
    await first.engine.start();
    await until(() => first.engine.height >= 2, "two blocks");
    await first.close();
    const chain = await openTestChain({ folder });
    const api = createLedgerApi({ ...chain, clock: systemClock, log: pino({ level: "silent" }) });
    const restarted = await listen(api, "127.0.0.1", 0);
    const answer = await fetch(`${restarted.url}/v1/state/accounts/params?prove=true`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect((await fetch(`${restarted.url}/v1/state/accounts/params`)).status).toBe(200);
    await restarted.close();
    await chain.close();
    await removeTestFolder(folder);
  });

  test("202 at once without wait, then the transaction is found", async () => {
    const bob = person();
    const { status, body } = await server.post(
      "/v1/transactions",
      await server.signed(bob, register(bob, `Bob ${bob.id.slice(0, 6)}`)),
    );
    expect(status).toBe(202);
    expect(body).toMatchObject({ height: 0, code: 0 });
    await until(async () => (await server.get(`/v1/transactions/${body.id}`)).status === 200, "Bob's block");
  });

  test("the transaction in any JSON form: what counts is its canonical form", async () => {
    const carol = person();
    const transaction = await server.signed(carol, register(carol, "Carol"));
    const spaced = JSON.stringify({ auth: transaction.auth, body: transaction.body }, null, 4);
    const { status, body } = await server.post("/v1/transactions?wait=commit", spaced);
    expect(status).toBe(200);
    expect(body.id).toBe(transactionId(transaction.body));
  });

  test("health, readiness, and a way in", async () => {
    expect((await server.get("/health")).body).toEqual({ jsonrpc: "2.0", id: -1, result: {} });
    expect((await server.get("/ready")).body).toMatchObject({ ready: true });
    expect((await server.get("/")).body).toMatchObject({ chain: server.chain.genesis.chain });
  });
});

describe("refuses", () => {
  async function refused(body: unknown, status: number, refusal: string): Promise<void> {
    const heightBefore = server.chain.engine.mempool.size;
    const answer = await server.post("/v1/transactions?wait=commit", body);
    expect({ status: answer.status, refusal: answer.body.refusal }).toEqual({ status, refusal });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(problemSchema.parse(answer.body).type).toBe(`urn:glasstown:refusal:${refusal}`);
    expect(server.chain.engine.mempool.size).toBe(heightBefore);
  }
  const newcomer = async () => {
    const who = person();
    return { who, transaction: await server.signed(who, register(who, `N ${who.id.slice(0, 8)}`)) };
  };

  test("malformed JSON", () => refused("{", 400, "transaction_must_be_json"));
  test("an empty body", () => refused("", 400, "transaction_must_be_json"));
  test("JSON that is no transaction", () => refused([1, 2], 400, "transaction_must_match_schema"));
  test("JSON nested without end", () =>
    refused("[".repeat(50_000) + "]".repeat(50_000), 400, "transaction_must_match_schema"));

  test("unknown fields", async () => {
    const { transaction } = await newcomer();
    await refused({ ...transaction, extra: 1 }, 400, "transaction_must_match_schema");
  });

  test("an oversized body", () => refused("x".repeat(200_000), 413, "transaction_bytes_must_not_exceed_limit"));

  test("an oversized transaction in an acceptable body", async () => {
    // Control characters take six bytes each in JSON.
    const transfer = { type: "money/transfer", by: alice.id, to: "0".repeat(40), amount: "1" } as const;
    const messages = Array.from({ length: 100 }, () => ({ ...transfer, note: "\u0001".repeat(140) }));
    await refused(await server.signed(alice, ...messages), 413, "transaction_bytes_must_not_exceed_limit");
  });

  test("a replayed transaction, naming the block in which it stands", async () => {
    const { transaction } = await newcomer();
    const first = await server.post("/v1/transactions?wait=commit", transaction);
    expect(first.status).toBe(200);
    await refused(transaction, 409, "transaction_must_not_be_repeated");
    const again = await server.post("/v1/transactions", transaction);
    expect(again.body.params.height).toBe(first.body.height);
  });

  test("an expired transaction", async () => {
    const { who } = await newcomer();
    const transaction = await who.sign(server.chain.genesis.chain, 1, [register(who, "Too late")]);
    await refused(transaction, 422, "transaction_must_not_be_expired");
  });

  test("an expiry too far away", async () => {
    const { who } = await newcomer();
    const expires = server.chain.engine.height + 5_000;
    const transaction = await who.sign(server.chain.genesis.chain, expires, [register(who, "Too early")]);
    await refused(transaction, 422, "transaction_expiry_must_be_near");
  });

  test("a wrong signature", async () => {
    const { transaction } = await newcomer();
    const auth = transaction.auth[0]!;
    const flipped = fromHex(auth.signature);
    flipped[10]! ^= 1;
    const signature = Buffer.from(flipped).toString("hex");
    await refused({ ...transaction, auth: [{ ...auth, signature }] }, 422, "transaction_signature_must_be_valid");
  });

  test("a body changed after signing", async () => {
    const { transaction, who } = await newcomer();
    const body = { ...transaction.body, messages: [register(who, "Someone else")] };
    await refused({ ...transaction, body }, 422, "transaction_signature_must_be_valid");
  });

  test("another chain's transaction", async () => {
    const { who } = await newcomer();
    const transaction = await who.sign("glasstown-00000000", 50, [register(who, "Stranger")]);
    await refused(transaction, 422, "transaction_chain_must_match");
  });

  test("someone else's account", async () => {
    const mallory = person();
    const transfer = { type: "money/transfer", by: alice.id, to: mallory.id, amount: "1" } as const;
    const transaction = await server.signed(mallory, transfer);
    await refused(transaction, 422, "transaction_auth_must_cover_every_actor");
    const claimed = { ...transaction, auth: [{ ...transaction.auth[0]!, by: alice.id }] };
    await refused(claimed, 422, "transaction_key_must_belong_to_account");
  });

  test("a name that is taken", async () => {
    const { who } = await newcomer();
    await refused(await server.signed(who, register(who, "alice WONDER")), 409, "accounts_name_must_be_free");
  });

  test.each([
    ["/v1/blocks/0", 400],
    ["/v1/blocks/x", 400],
    ["/v1/blocks/999999", 404],
    ["/v1/blocks?limit=101", 400],
    ["/v1/blocks?before=-1", 400],
    ["/v1/transactions/xyz", 400],
    [`/v1/transactions/${"0".repeat(64)}`, 404],
    ["/v1/accounts/xyz", 400],
    [`/v1/accounts/${"0".repeat(40)}`, 404],
    ["/v1/accounts?limit=0", 400],
    ["/v1/names/Nobody", 404],
    ["/v1/devices/UPPER", 400],
    ["/v1/devices/none-0001", 404],
    ["/v1/energy/slots/soon", 400],
    ["/v1/energy/slots/999999999999", 404],
    ["/v1/energy/trades?limit=0", 400],
    [`/v1/state/${"a".repeat(257)}`, 400],
    [`/v1/state/${encodeURIComponent("가".repeat(100))}`, 400],
    ["/v1/nothing", 404],
    ["/docs/../../etc/passwd", 404],
    ["/docs/package.json", 404],
  ])("GET %s with %i and a problem", async (path, status) => {
    const answer = await server.get(path);
    expect(answer.status).toBe(status);
    expect(problemSchema.parse(answer.body).status).toBe(status);
  });

  test("a caller that asks too much, by the address that the proxy reports; not the proxy itself", async () => {
    const from = { "x-forwarded-for": "203.0.113.77" };
    const statuses = new Set<number>();
    for (let round = 0; round < 15; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => server.post("/v1/transactions", "{", from)));
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses].sort()).toEqual([400, 429]);
    expect((await server.post("/v1/transactions", "{")).status).toBe(400);
  });

  test("garbage instead of HTTP, and lives on", async () => {
    const { port } = new URL(server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(randomBytes(2_000)));
      socket.on("close", () => resolve());
      socket.on("error", () => resolve());
      socket.resume();
    });
    expect((await server.get("/v1/chain")).status).toBe(200);
  });
});

describe("document", () => {
  test("OpenAPI 3.1 with every route, relative to where it is served", async () => {
    const { body } = await server.get("/openapi.json");
    expect(body.openapi).toBe("3.1.0");
    expect(body.servers).toEqual([{ url: "./" }]);
    const submit = body.paths["/v1/transactions"].post.requestBody.content["application/json"].schema;
    expect(submit).toEqual({ $ref: "#/components/schemas/Transaction" });
    expect(JSON.stringify(body.components.schemas.Message)).toContain("energy/offer");
  });

  test("a page that loads only relative addresses, under a strict policy", async () => {
    const { body, headers } = await server.get("/docs");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    const addresses = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
    expect(addresses.length).toBeGreaterThan(3);
    for (const address of addresses) {
      expect(address).not.toMatch(/^\/|:/);
      expect((await server.get(`/${address}`)).status).toBe(200);
    }
  });
});

describe("all answers", () => {
  test("carry a request id, and reading is open to all origins", async () => {
    const { headers } = await server.get("/v1/chain");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});
