// What tools of CometBFT's world rely on beside single answers: CosmJS over both transports, ids, batches, GET's forms of parameters,
// orders and pages of searches, and the codes of errors.

import { Comet38Client, HttpClient, WebsocketClient } from "@cosmjs/tendermint-rpc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { person, sha256Hex, until } from "../consensus/test-chain.ts";
import { hex } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import { eventsRoot } from "../protocol/event-root.ts";
import { transactionBytes } from "../protocol/transaction.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
/** In the order of their blocks. */
const transactions: { readonly bytes: Uint8Array; readonly height: number; readonly account: string }[] = [];

beforeAll(async () => {
  server = await startTestServer();
  for (const name of ["Anna", "Ben", "Cleo"]) {
    const { bytes, account } = await registration(name);
    const { result } = (await post("broadcast_tx_commit", { tx: toBase64(bytes) })).body;
    expect(result.tx_result.code).toBe(0);
    transactions.push({ bytes, height: Number(result.height), account });
  }
  const last = transactions.at(-1)!.height;
  await until(() => server.chain.engine.height > last + 1, "blocks after the transactions");
});
afterAll(() => server.close());

const registration = async (name: string) => {
  const who = person();
  const message = { type: "accounts/register", by: who.id, name, key: who.key } as const;
  return { bytes: transactionBytes(await server.signed(who, message)), account: who.id };
};
const post = (method: string, params?: unknown, id: unknown = 1) =>
  server.post("/", { jsonrpc: "2.0", id, method, params });
const get = async (path: string) => (await server.get(path)).body;

describe.each(["HTTP", "WebSocket"])("CosmJS over %s", (transport) => {
  let client: Comet38Client;
  beforeAll(() => {
    const { url } = server;
    client = Comet38Client.create(
      transport === "HTTP" ? new HttpClient(url) : new WebsocketClient(url.replace("http", "ws")),
    );
  });
  afterAll(() => client.disconnect());

  test("every method that it has", async () => {
    const { bytes, height } = transactions[0]!;
    const hash = Buffer.from(sha256Hex(bytes), "hex");
    expect((await client.status()).syncInfo.catchingUp).toBe(false);
    expect((await client.abciInfo()).lastBlockHeight).toBeGreaterThan(height);
    expect((await client.block(height)).block.txs.map(hex)).toEqual([hex(bytes)]);
    const { results } = await client.blockResults(height);
    expect(results).toHaveLength(1);
    // What CosmJS reads of the events gives the data that it reads, which the results hash commits to.
    const told = results[0]!.events.map(({ type, attributes }) => ({
      type,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [String(key), String(value)])),
    }));
    expect(told.length).toBeGreaterThan(0);
    expect(hex(results[0]!.data!)).toBe(hex(eventsRoot(server.chain.builder.core, told)));
    expect(hex((await client.tx({ hash })).result.data!)).toBe(hex(results[0]!.data!));
    expect((await client.blockSearch({ query: `block.height = ${height}` })).totalCount).toBe(1);
    expect((await client.blockchain(height, height)).blockMetas).toHaveLength(1);
    expect((await client.commit(height)).header.height).toBe(height);
    expect((await client.genesis()).chainId).toBe(server.chain.genesis.chain);
    expect(await client.health()).toBeNull();
    expect((await client.numUnconfirmedTxs()).total).toBeGreaterThanOrEqual(0);
    expect((await client.tx({ hash })).height).toBe(height);
    expect((await client.txSearch({ query: `tx.hash = '${hex(hash)}'`, prove: true })).txs[0]!.proof).toBeDefined();
    expect((await client.validators({ height })).validators).toHaveLength(1);
    const { bytes: next } = await registration(`By ${transport}`);
    expect((await client.broadcastTxSync({ tx: next })).code).toBe(0);
    await expect(client.block(999_999)).rejects.toThrow("must be less than or equal to the current blockchain height");
  });
});

test("CosmJS ends a stream by unsubscribing: the same query can be followed again on the same connection", async () => {
  const client = Comet38Client.create(new WebsocketClient(server.url.replace("http", "ws")));
  for (let round = 0; round < 3; round++) {
    const heights: number[] = [];
    const stream = client.subscribeNewBlockHeader().subscribe({ next: ({ height }) => heights.push(height) });
    // Its answer comes after that to the subscription.
    await client.health();
    const { bytes } = await registration(`Round ${round}`);
    await client.broadcastTxSync({ tx: bytes });
    await until(() => heights.length > 0, "a header");
    stream.unsubscribe();
    await client.health();
  }
  client.disconnect();
});

describe("ids", () => {
  test.each([0, -1, 7, 2 ** 53 - 1, "", "7", "a b", 'ü\u0000"', "2f1e7b1c-95a5-4d0c-8d5e-0a3c2f7a0b11"])(
    "%j comes back as it was",
    async (id) => {
      expect((await post("health", {}, id)).body).toEqual({ jsonrpc: "2.0", id, result: {} });
      expect((await post("nothing", {}, id)).body).toMatchObject({ id, error: { code: -32601 } });
      expect((await post("block", { height: "x" }, id)).body).toMatchObject({ id, error: { code: -32602 } });
      expect((await post("block", { height: "0" }, id)).body).toMatchObject({ id, error: { code: -32603 } });
    },
  );

  test.each([1.5, 2 ** 53, 1e300, true, {}, [], [1]])("%j is none: -32600, with the id null", async (id) => {
    expect((await post("health", {}, id)).body).toMatchObject({ id: null, error: { code: -32600 } });
  });

  test("null is a notification's: nothing is answered and nothing done", async () => {
    const { bytes } = await registration("Unheard");
    const { status, body } = await post("broadcast_tx_sync", { tx: toBase64(bytes) }, null);
    expect([status, body]).toEqual([200, ""]);
    expect((await post("check_tx", { tx: toBase64(bytes) })).body.result.code).toBe(0);
    expect((await post("unconfirmed_txs")).body.result.txs).not.toContain(toBase64(bytes));
  });

  test("a batch keeps them apart, wrong ones among right ones", async () => {
    const { body } = await server.post("/", [
      { jsonrpc: "2.0", id: "a", method: "health" },
      5,
      { jsonrpc: "2.0", id: 1.5, method: "health" },
      { jsonrpc: "2.0", id: "a", method: "block", params: { height: "0" } },
      { jsonrpc: "2.0", id: 3, method: "subscribe", params: { query: "tm.event='Tx'" } },
    ]);
    expect(body.map((one: { id: unknown; error?: { code: number } }) => [one.id, one.error?.code ?? 0])).toEqual([
      ["a", 0],
      [null, -32600],
      [null, -32600],
      ["a", -32603],
      [3, -32601],
    ]);
  });

  test("20 requests are a batch, 21 are too many", async () => {
    const batch = (count: number) =>
      Array.from({ length: count }, (_, id) => ({ jsonrpc: "2.0", id, method: "health" }));
    expect((await server.post("/", batch(20))).body).toHaveLength(20);
    expect((await server.post("/", batch(21))).body).toMatchObject({ id: null, error: { code: -32600 } });
  });
});

describe("by GET", () => {
  test.each(["subscribe?query=\"tm.event='Tx'\"", "unsubscribe", "unsubscribe_all"])(
    "%s is known, and not found without a WebSocket",
    async (path) => {
      const { status, body } = await server.get(`/${path}`);
      expect(status).toBe(404);
      expect(body).toMatchObject({ jsonrpc: "2.0", id: -1, error: { code: -32601, message: "Method not found" } });
    },
  );

  test("a method that nobody knows is not found", async () => {
    expect((await server.get("/nothing")).status).toBe(404);
  });

  test("hashes in hex of either case after 0x or 0X; not in base64, not bare", async () => {
    const { result } = await get("/block?height=1");
    const { hash } = result.block_id;
    for (const form of [`0x${hash}`, `0X${hash.toLowerCase()}`]) {
      expect((await get(`/header_by_hash?hash=${form}`)).result.header).toEqual(result.block.header);
      expect((await get(`/block_by_hash?hash=${form}`)).result).toEqual(result);
    }
    for (const form of [hash, encodeURIComponent(Buffer.from(hash, "hex").toString("base64"))])
      expect((await get(`/header_by_hash?hash=${form}`)).error.code).toBe(-32602);
    expect((await get("/header_by_hash")).error.code).toBe(-32603);
  });

  test("transactions in hex or as a quoted text; check_tx among them", async () => {
    const { bytes } = await registration("Dina");
    const quoted = encodeURIComponent(JSON.stringify(Buffer.from(bytes).toString()));
    expect((await get(`/check_tx?tx=0x${hex(bytes)}`)).result.code).toBe(0);
    expect((await get(`/check_tx?tx=${quoted}`)).result.code).toBe(0);
    expect((await get("/check_tx")).error.data).toBe("tx is required");
    expect((await get(`/broadcast_tx_commit?tx=${quoted}`)).result.tx_result.code).toBe(0);
  });

  test("numbers bare or quoted, booleans bare; what is empty was not given", async () => {
    const query = encodeURIComponent('"tx.height > 0"');
    const plain = (await get(`/tx_search?query=${query}&prove=true&page=1&per_page=2&order_by="asc"`)).result;
    expect((await get(`/tx_search?query=${query}&prove=true&page="1"&per_page="2"&order_by=`)).result).toEqual(plain);
    expect(plain.txs).toHaveLength(2);
    expect(plain.txs[0].proof.root_hash).toMatch(/^[0-9A-F]{64}$/);
    expect((await get(`/tx_search?query=${query}&prove="true"`)).error.code).toBe(-32602);
    expect((await get("/genesis_chunked?chunk=0")).result.total).toBe("1");
    expect((await get("/genesis_chunked")).result.chunk).toBe("0");
  });

  test("every method of the list is there, whatever it is given", async () => {
    for (const method of Object.keys(rpcMethods)) expect((await server.get(`/${method}`)).body.id, method).toBe(-1);
  });
});

describe("searches", () => {
  const found = async (query: string, more: Record<string, unknown> = {}) => {
    const { body } = await post("tx_search", { query, ...more });
    if (body.error !== undefined) return body.error.data;
    return body.result.txs.map(({ height }: { height: string }) => Number(height));
  };
  const heightsOf = () => transactions.map(({ height }) => height);

  test("transactions come ascending unless asked otherwise, blocks descending", async () => {
    const [first, , last] = heightsOf();
    const within = `tx.height >= ${first} AND tx.height <= ${last}`;
    expect(await found(within)).toEqual(heightsOf());
    expect(await found(within, { order_by: "asc" })).toEqual(heightsOf());
    expect(await found(within, { order_by: "desc" })).toEqual(heightsOf().reverse());
    expect(await found(within, { order_by: "DESC" })).toBe("expected order_by to be either `asc` or `desc` or empty");
    const { body } = await post("block_search", { query: within.replaceAll("tx.", "block.") });
    const blocks: number[] = body.result.blocks.map(({ block }: { block: { header: { height: string } } }) =>
      Number(block.header.height),
    );
    expect(blocks).toEqual([...blocks].sort((a, b) => b - a));
    expect(blocks).toHaveLength(last! - first! + 1);
  });

  test("pages: from 1 on, of at most 100; what is beyond is refused in CometBFT's words", async () => {
    const [first, , last] = heightsOf();
    const within = `tx.height >= ${first} AND tx.height <= ${last}`;
    expect(await found(within, { page: "2", per_page: "2" })).toEqual([last]);
    expect(await found(within, { page: "1", per_page: "1000" })).toEqual(heightsOf());
    expect(await found(within, { page: "3", per_page: "2" })).toBe("page should be within [1, 2] range, given 3");
    expect(await found(within, { page: "0" })).toBe("page should be within [1, 1] range, given 0");
    const { body } = await post("block_search", { query: "block.height > 0", per_page: "101" });
    expect(body.result.blocks.length).toBeLessThanOrEqual(100);
  });

  test("each operator, alone and joined", async () => {
    const [{ account, height }] = transactions as [(typeof transactions)[0]];
    const key = "accounts/registered.account";
    for (const query of [
      `${key} = '${account}'`,
      `${key} CONTAINS '${account.slice(3, 30)}'`,
      `${key} EXISTS AND tx.height = ${height}`,
      `tx.height < ${height + 1} AND tx.height > ${height - 1}`,
      `tx.height <= ${height} AND tx.height >= ${height} AND ${key} CONTAINS '${account}'`,
      `tx.hash = '${sha256Hex(transactions[0]!.bytes).toUpperCase()}'`,
    ])
      expect(await found(query), query).toEqual([height]);
    for (const query of [
      `${key} = '${account}' AND tx.height > ${height}`,
      `${key} CONTAINS 'none'`,
      "nothing.here EXISTS",
      `${key} > TIME 2020-01-01T00:00:00Z`,
      `${key} >= DATE 2020-01-01`,
    ])
      expect(await found(query), query).toEqual([]);
    for (const query of ["tx.height = 1 OR tx.height = 2", `${key} = "double"`, `${key} LIKE 'x'`, "AND", `${key} =`])
      expect(await found(query), query).toMatch(/^offset [0-9]+: /);
  });
});
