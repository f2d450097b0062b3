// Our answers beside real ones of CometBFT v0.38 (recorded by tendermint-rs): the same requests, member by member the same types.

import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { describeVectors, readVector } from "../../tests/conformance/vectors.ts";
import { person, sha256Hex, until } from "../consensus/test-chain.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { fromBase64, toBase64 } from "../protocol/comet.ts";
import { transactionBytes } from "../protocol/transaction.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

const folder = ["tendermint-rs-rpc-fixtures", "rpc", "tests", "kvstore_fixtures", "v0_38"] as const;
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
type Json = any;
const recorded = (side: "incoming" | "outgoing", name: string): Json => readVector(...folder, side, `${name}.json`);

/** Members whose names are data. */
const maps = new Set(["answer.result.events"]);
/** Ours has them and a key-value application has not. */
const ours = new Set(["answer.result.genesis.app_state", "answer.result.data.value.TxResult.result.data"]);
/** A key-value application's results have no data; ours have the root over their events. */
const dataHere = new Set(["answer.result.tx_result.data", "answer.result.txs[].tx_result.data"]);
/** What v0.38.0-alpha.1 left null and releases fill. */
const nullBefore = new Set(["answer.result.app_hash"]);

const forms: readonly (readonly [string, RegExp])[] = [
  ["a whole number", /^(0|-?[1-9][0-9]*)$/],
  ["a time", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/],
  ["upper-case hex", /^(?=.*[A-F])([0-9A-F]{2}){20,}$/],
];

/** How two answers differ in members, types and forms of text. */
function differences(theirs: Json, mine: Json, path: string): string[] {
  const kind = (value: Json): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);
  if (kind(theirs) !== kind(mine)) {
    if (theirs === null && nullBefore.has(path)) return [];
    if (theirs === null && dataHere.has(path)) return fromBase64(mine).length === 32 ? [] : [`${path}: no root`];
    return [`${path}: ${kind(theirs)} there, ${kind(mine)} here`];
  }
  switch (kind(theirs)) {
    case "string": {
      const wrong = forms.find(([, form]) => form.test(theirs) && mine !== "" && !form.test(mine));
      return wrong === undefined ? [] : [`${path}: ${wrong[0]} there, ${mine} here`];
    }
    case "array":
      return theirs.length === 0 || mine.length === 0 ? [] : differences(theirs[0], mine[0], `${path}[]`);
    case "object": {
      if (maps.has(path)) {
        const [value] = Object.values(theirs);
        return Object.entries(mine).flatMap(([key, each]) => differences(value, each, `${path}.${key}`));
      }
      return [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].flatMap((key) => {
        const at = `${path}.${key}`;
        if (!Object.hasOwn(mine, key)) return [`${at}: missing here`];
        if (!Object.hasOwn(theirs, key)) return ours.has(at) ? [] : [`${at}: not there`];
        return differences(theirs[key], mine[key], at);
      });
    }
    default:
      return [];
  }
}

test("differences are seen", () => {
  expect(differences({ a: { b: "1" } }, { a: { b: 1 } }, "result")).toEqual(["result.a.b: string there, number here"]);
  expect(differences({ a: ["1"] }, { a: ["x"] }, "r")).toEqual(["r.a[]: a whole number there, x here"]);
  expect(differences({ a: 1 }, { b: 1 }, "r")).toEqual(["r.a: missing here", "r.b: not there"]);
  expect(differences({ a: null }, { a: [] }, "r")).toEqual(["r.a: null there, array here"]);
});

describeVectors(folder[0], "answers of CometBFT v0.38", () => {
  let server: TestServer;
  let bytes: Uint8Array;
  let account: string;
  let height: number;
  let blockHash: string;

  const registration = async (name: string) => {
    const who = person();
    const message = { type: "accounts/register", by: who.id, name, key: who.key } as const;
    return { id: who.id, bytes: transactionBytes(await server.signed(who, message)) };
  };
  beforeAll(async () => {
    server = await startTestServer();
    const alice = await registration("Alice");
    account = alice.id;
    bytes = alice.bytes;
    const { result } = await ask("broadcast_tx_commit", { tx: toBase64(bytes) });
    height = Number(result.height);
    await until(() => server.chain.engine.height > height, "a block after the transaction");
    blockHash = (await ask("block", { height: String(height) })).result.block_id.hash;
  });
  afterAll(() => server.close());

  const ask = async (method: string, params: unknown) =>
    (await server.post("/", { jsonrpc: "2.0", id: "an id", method, params })).body;

  const cases: readonly (readonly [string, () => Record<string, unknown> | Promise<Record<string, unknown>>])[] = [
    ["abci_info", () => ({})],
    ["abci_query_with_existing_key", () => ({ path: "/state", data: hex(utf8(`accounts/account/${account}`)) })],
    ["abci_query_with_non_existent_key", () => ({ path: "/state", data: hex(utf8("accounts/account/none")) })],
    ["block_at_height_0", () => ({})],
    ["block_at_height_1", () => ({})],
    ["block_at_height_10", () => ({ height: String(height) })],
    ["block_by_hash", () => ({ hash: Buffer.from(blockHash, "hex").toString("base64") })],
    ["block_results_at_height_10", () => ({ height: "1" })],
    ["block_search", () => ({})],
    ["blockchain_from_1_to_10", () => ({})],
    ["broadcast_tx_async", async () => ({ tx: toBase64((await registration("Bob")).bytes) })],
    ["broadcast_tx_sync", async () => ({ tx: toBase64((await registration("Carol")).bytes) })],
    ["broadcast_tx_commit", async () => ({ tx: toBase64((await registration("Dora")).bytes) })],
    ["commit_at_height_10", () => ({ height: String(height) })],
    ["consensus_params", () => ({ height: String(height) })],
    ["consensus_state", () => ({})],
    ["genesis", () => ({})],
    ["net_info", () => ({})],
    ["status", () => ({})],
    ["tx_search_no_prove", () => ({})],
    ["tx_search_with_prove", () => ({})],
  ];
  test.each(cases)("%s", async (name, change) => {
    const { method, params } = recorded("outgoing", name);
    const answer = await ask(method, { ...params, ...(await change()) });
    expect(differences(recorded("incoming", name), answer, "answer")).toEqual([]);
  });

  test("a height of 0 is refused in the same words", async () => {
    expect((await ask("block", { height: "0" })).error).toEqual(recorded("incoming", "block_at_height_0").error);
  });

  test("over WebSocket: subscribing, events, and a query that does not parse", async () => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/websocket`);
    const received: Json[] = [];
    socket.on("message", (data) => received.push(JSON.parse(String(data))));
    await once(socket, "open");
    for (const name of ["subscribe_newblock", "subscribe_txs", "subscribe_malformed"])
      socket.send(JSON.stringify({ ...recorded("outgoing", name), id: name }));
    const answers = (name: string) => received.filter(({ id }) => id === name);
    await until(() => received.length === 3, "three answers");
    expect(answers("subscribe_newblock")[0].result).toEqual({});
    expect(answers("subscribe_txs")[0].result).toEqual(recorded("incoming", "subscribe_txs").result);
    expect(answers("subscribe_malformed")[0].error).toEqual(recorded("incoming", "subscribe_malformed").error);
    const before = server.chain.engine.height;
    await server.chain.engine.submit((await registration("Emil")).bytes);
    await until(() => server.chain.engine.height >= before + 2 && answers("subscribe_newblock").length > 2, "blocks");
    const theirTx = recorded("incoming", "subscribe_txs_0");
    expect(differences(theirTx, answers("subscribe_txs")[1], "answer")).toEqual([]);
    // The recorded block is an empty one.
    const empty = answers("subscribe_newblock").find(({ result }) => result.data?.value.block.data.txs.length === 0);
    const theirBlock = recorded("incoming", "subscribe_newblock_0");
    expect(differences(theirBlock, empty, "answer")).toEqual([]);
    socket.terminate();
  });

  test("the transaction's hash is the one that they would give it", async () => {
    const { result } = await ask("tx_search", { query: `tx.hash = '${sha256Hex(bytes)}'` });
    expect(result.txs[0].hash).toBe(sha256Hex(bytes).toUpperCase());
  });
});
