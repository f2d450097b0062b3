// CometBFT's RPC on a real server: through CosmJS' Comet38Client, by URI, by JSON-RPC, and its errors.

import { Comet38Client, HttpBatchClient } from "@cosmjs/tendermint-rpc";
import { ed25519 } from "@noble/curves/ed25519.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { type Person, person, sha256Hex, until } from "../consensus/test-chain.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import {
  blockJsonSchema,
  commitFromJson,
  fromBase64,
  headerFromJson,
  signedHeaderJsonSchema,
  toBase64,
  validatorJsonSchema,
} from "../protocol/comet.ts";
import { transactionBytes } from "../protocol/transaction.ts";
import { transactionBytesMax } from "../protocol/transaction-limits.ts";
import { GenesisChunks } from "./rpc-genesis.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

let server: TestServer;
let client: Comet38Client;
let alice: Person;
let aliceBytes: Uint8Array;
let aliceHeight: number;

beforeAll(async () => {
  server = await startTestServer();
  client = await Comet38Client.connect(server.url);
  alice = person();
  const message = { type: "accounts/register", by: alice.id, name: "Alice", key: alice.key } as const;
  aliceBytes = transactionBytes(await server.signed(alice, message));
  const answer = await client.broadcastTxCommit({ tx: aliceBytes });
  expect(answer.checkTx.code).toBe(0);
  expect(answer.txResult?.code).toBe(0);
  aliceHeight = answer.height;
  await until(() => server.chain.engine.height > aliceHeight, "the block after the transaction");
});
afterAll(async () => {
  client.disconnect();
  await server.close();
});

const rpc = async (method: string, params?: unknown) =>
  (await server.post("/", { jsonrpc: "2.0", id: 1, method, params })).body;

describe("CosmJS Comet38Client", () => {
  test("status", async () => {
    const status = await client.status();
    expect(status.nodeInfo.network).toBe(server.chain.genesis.chain);
    expect(status.syncInfo).toMatchObject({ catchingUp: false, earliestBlockHeight: 1 });
    expect(status.syncInfo.latestBlockHeight).toBeGreaterThan(aliceHeight);
    expect(hex(status.validatorInfo.address).toUpperCase()).toBe(server.chain.genesis.validator.address);
  });

  test("block, at the first height and with a transaction", async () => {
    const first = await client.block(1);
    expect(first.block.lastCommit).toBeNull();
    const { block, blockId } = await client.block(aliceHeight);
    expect(block.txs.map(hex)).toEqual([hex(aliceBytes)]);
    expect(block.lastCommit?.height).toBe(aliceHeight - 1);
    expect(hex(blockId.hash)).toBe((await server.get(`/v1/blocks/${aliceHeight}`)).body.hash);
    const newest = await client.block();
    expect(newest.block.header.height).toBeGreaterThanOrEqual(aliceHeight);
  });

  test("block results, with events", async () => {
    const { results } = await client.blockResults(aliceHeight);
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ code: 0 });
    expect(results[0]!.events.length).toBeGreaterThan(0);
  });

  test("commit and validators", async () => {
    const { header, commit, canonical } = await client.commit(aliceHeight);
    expect(canonical).toBe(true);
    expect(header.height).toBe(aliceHeight);
    expect(commit.signatures).toHaveLength(1);
    const { validators, total } = await client.validatorsAll(aliceHeight);
    expect(total).toBe(1);
    expect(validators[0]!.votingPower).toBe(10n);
    expect(hex(validators[0]!.address)).toBe(hex(commit.signatures[0]!.validatorAddress!));
  });

  test("tx by its hash", async () => {
    const hash = Buffer.from(sha256Hex(aliceBytes), "hex");
    const found = await client.tx({ hash, prove: true });
    expect(found.height).toBe(aliceHeight);
    expect(hex(found.tx)).toBe(hex(aliceBytes));
    const { block } = await client.block(aliceHeight);
    expect(hex(found.proof!.rootHash)).toBe(hex(block.header.dataHash));
  });

  test("abciQuery: the proof verifies against the next header", async () => {
    const data = utf8(`accounts/account/${alice.id}`);
    const answer = await client.abciQuery({ path: "/state", data, prove: true });
    expect(answer.code).toBe(0);
    expect(JSON.parse(fromUtf8(answer.value))).toMatchObject({ name: "Alice" });
    const [operation] = answer.proof!.ops;
    expect(operation!.type).toBe("ics23:simple");
    const { header } = await client.commit(answer.height! + 1);
    const core = loadCore();
    expect(core.verifyMembership(header.appHash, core.sha256(data), answer.value, operation!.data)).toBe(true);
    expect(core.verifyMembership(header.appHash, core.sha256(data), utf8("{}"), operation!.data)).toBe(false);
  });

  test("abciInfo, genesis, health", async () => {
    expect((await client.abciInfo()).lastBlockHeight).toBeGreaterThanOrEqual(aliceHeight);
    const genesis = await client.genesis();
    expect(genesis.chainId).toBe(server.chain.genesis.chain);
    expect(genesis.validators).toHaveLength(1);
    expect(await client.health()).toBeNull();
  });

  test("broadcastTxSync and Async; a repeated one is refused by code", async () => {
    const bob = person();
    const message = { type: "accounts/register", by: bob.id, name: "Bob", key: bob.key } as const;
    const tx = transactionBytes(await server.signed(bob, message));
    const answer = await client.broadcastTxSync({ tx });
    expect(answer.code).toBe(0);
    expect(hex(answer.hash)).toBe(sha256Hex(tx));
    expect(hex((await client.broadcastTxAsync({ tx })).hash)).toBe(sha256Hex(tx));
    const repeated = await client.broadcastTxSync({ tx: aliceBytes });
    expect(repeated).toMatchObject({ code: 8, codespace: "transaction" });
    expect(JSON.parse(repeated.log!)).toMatchObject({ refusal: "transaction_must_not_be_repeated" });
    const refused = await client.broadcastTxCommit({ tx: utf8("{}") });
    expect(refused.checkTx.code).toBeGreaterThan(0);
    expect(refused.height).toBe(0);
  });
});

describe("CosmJS, searching", () => {
  // Its own decoding checks every member that it reads.
  test("transactions by event, by height, by hash, with proofs, page by page", async () => {
    const byEvent = await client.txSearch({ query: `accounts/registered.account = '${alice.id}'`, prove: true });
    expect(byEvent.totalCount).toBe(1);
    const [found] = byEvent.txs;
    expect(hex(found!.tx)).toBe(hex(aliceBytes));
    const { block } = await client.block(aliceHeight);
    expect(hex(found!.proof!.rootHash)).toBe(hex(block.header.dataHash));
    const byHash = await client.txSearch({ query: `tx.hash='${sha256Hex(aliceBytes)}'` });
    expect(byHash.txs).toEqual([{ ...found, proof: undefined }]);
    for (const name of ["Dora", "Emil", "Finn"]) {
      const who = person();
      const message = { type: "accounts/register", by: who.id, name, key: who.key } as const;
      await client.broadcastTxCommit({ tx: transactionBytes(await server.signed(who, message)) });
    }
    const all = await client.txSearchAll({ query: "tx.height > 0", per_page: 2 });
    const places = all.txs.map(({ height, index }) => [height, index]);
    expect(places.length).toBeGreaterThanOrEqual(4);
    expect(places).toEqual([...places].sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!));
    expect(new Set(all.txs.map(({ hash }) => hex(hash))).size).toBe(places.length);
    const newest = await client.txSearch({ query: "tx.height > 0", per_page: 1, order_by: "desc" });
    expect(newest.totalCount).toBe(places.length);
    expect(hex(newest.txs[0]!.hash)).toBe(hex(all.txs.at(-1)!.hash));
    const none = await client.txSearch({ query: "tx.height = 1 AND accounts/registered EXISTS" });
    expect(none).toEqual({ totalCount: 0, txs: [] });
  });

  test("blocks by height, page by page, newest first unless asked otherwise", async () => {
    const newest = server.chain.engine.height;
    const all = await client.blockSearchAll({ query: `block.height <= ${newest}`, per_page: 2 });
    expect(all.blocks.map(({ block }) => block.header.height)).toEqual(
      Array.from({ length: newest }, (_, at) => at + 1),
    );
    const { body } = await server.get(`/block_search?query="block.height<=${newest}"&per_page=1`);
    expect(body.result.blocks[0].block.header.height).toBe(String(newest));
  });

  test("headers of a range, newest first, at most 20", async () => {
    const { lastHeight, blockMetas } = await client.blockchain(1, aliceHeight);
    expect(lastHeight).toBeGreaterThan(aliceHeight);
    expect(blockMetas.map(({ header }) => header.height)).toEqual(
      Array.from({ length: aliceHeight }, (_, at) => aliceHeight - at),
    );
    expect(blockMetas[0]).toMatchObject({ numTxs: 1 });
    const { block } = await client.block(aliceHeight);
    expect(blockMetas[0]!.header).toEqual(block.header);
  });

  test("the mempool, and a batching client", async () => {
    expect(await client.numUnconfirmedTxs()).toMatchObject({
      total: expect.any(Number),
      totalBytes: expect.any(Number),
    });
    const batching = new HttpBatchClient(server.url, { dispatchInterval: 1 });
    const second = Comet38Client.create(batching);
    const [status, block, found] = await Promise.all([
      second.status(),
      second.block(aliceHeight),
      second.txSearch({ query: `tx.height = ${aliceHeight}` }),
    ]);
    expect(status.nodeInfo.network).toBe(block.block.header.chainId);
    expect(found.totalCount).toBe(1);
    second.disconnect();
  });
});

describe("what CosmJS does not ask", () => {
  test("header and header_by_hash", async () => {
    const { header } = (await rpc("block", { height: "1" })).result.block;
    expect((await rpc("header", { height: "1" })).result).toEqual({ header });
    const { hash } = (await rpc("block", { height: "1" })).result.block_id;
    expect((await rpc("header_by_hash", { hash })).result).toEqual({ header });
    expect((await rpc("header_by_hash", { hash: "00".repeat(32) })).result).toEqual({ header: null });
  });

  test("check_tx tells what would become of a transaction, and takes none", async () => {
    const bob = person();
    const message = { type: "accounts/register", by: bob.id, name: "Unsent", key: bob.key } as const;
    const tx = toBase64(transactionBytes(await server.signed(bob, message)));
    expect((await rpc("check_tx", { tx })).result).toMatchObject({ code: 0, events: [] });
    expect((await rpc("unconfirmed_txs", { limit: "100" })).result.txs).not.toContain(tx);
    const repeated = (await rpc("check_tx", { tx: toBase64(aliceBytes) })).result;
    expect(repeated).toMatchObject({ code: 8, codespace: "transaction" });
    expect(Object.keys(repeated)).toEqual(Object.keys((await rpc("check_tx", { tx })).result));
  });

  test("genesis in one chunk, and no other", async () => {
    const { genesis } = (await rpc("genesis")).result;
    const { chunk, total, data } = (await rpc("genesis_chunked", { chunk: "0" })).result;
    expect([chunk, total]).toEqual(["0", "1"]);
    expect(JSON.parse(Buffer.from(data, "base64").toString())).toEqual(genesis);
    expect((await rpc("genesis_chunked", { chunk: "1" })).error.data).toBe("there are 0 chunks, 1 is invalid");
    expect((await rpc("genesis_chunked", { chunk: "-1" })).error.data).toBe("there are 0 chunks, -1 is invalid");
  });

  test("a genesis larger than a chunk is handed out in chunks only", () => {
    const document = server.chain.genesis.document;
    const chunks = new GenesisChunks(document, 100);
    expect(() => chunks.whole()).toThrow("Internal error");
    const total = Number(chunks.chunk(0).total);
    expect(total).toBeGreaterThan(5);
    const parts = Array.from({ length: total }, (_, at) => Buffer.from(chunks.chunk(at).data, "base64"));
    expect(JSON.parse(Buffer.concat(parts).toString())).toEqual(document);
  });

  test("validators and parameters are known of the next height too", async () => {
    const next = String(server.chain.engine.height + 1);
    expect((await rpc("validators", { height: next })).result).toMatchObject({ block_height: next, count: "1" });
    expect((await rpc("consensus_params", { height: next })).result.block_height).toBe(next);
    expect((await rpc("validators", { page: "2" })).error.data).toBe("page should be within [1, 1] range, given 2");
    expect((await rpc("validators", { per_page: "0" })).result.count).toBe("1");
  });

  test("dump_consensus_state stands before the next height, with the commit of the last", async () => {
    const { round_state, peers } = (await rpc("dump_consensus_state")).result;
    expect(peers).toEqual([]);
    const { signed_header } = (await rpc("commit", { height: String(Number(round_state.height) - 1) })).result;
    const [signature] = signed_header.commit.signatures;
    expect(round_state).toMatchObject({ round: 0, step: 1, start_time: signature.timestamp, locked_round: -1 });
    expect(round_state.last_commit.votes[0]).toContain(`0:${signature.validator_address.slice(0, 12)} `);
  });

  test("evidence is refused with the reason", async () => {
    const { error } = await rpc("broadcast_evidence", { evidence: { type: "tendermint/DuplicateVoteEvidence" } });
    expect(error.data).toContain("this node keeps no evidence");
    expect((await rpc("broadcast_evidence", {})).error.data).toBe("no evidence was provided");
  });

  test("what CometBFT's mempool refuses is an error, not a code", async () => {
    const tx = toBase64(new Uint8Array(transactionBytesMax + 1));
    const words = `Tx too large. Max size is ${transactionBytesMax}, but got ${transactionBytesMax + 1}`;
    for (const method of ["broadcast_tx_sync", "broadcast_tx_async", "check_tx"])
      expect((await rpc(method, { tx })).error).toMatchObject({ code: -32603, data: words });
    expect((await rpc("broadcast_tx_commit", { tx })).error.data).toBe(`error on broadcastTxCommit: ${words}`);
  });
});

describe("on a chain that is kept from block 2 on", () => {
  beforeEach(() => {
    vi.spyOn(server.chain.store, "lowest", "get").mockReturnValue(2);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("status tells the earliest block, and blockchain begins with it", async () => {
    const { syncInfo } = await client.status();
    const { block, blockId } = await client.block(2);
    expect(syncInfo).toMatchObject({ earliestBlockHeight: 2, earliestBlockTime: block.header.time });
    expect(hex(syncInfo.earliestBlockHash!)).toBe(hex(blockId.hash));
    expect((await client.blockchain(1, 3)).blockMetas.map(({ header }) => header.height)).toEqual([3, 2]);
  });

  test("what is older is refused by its height, and not found", async () => {
    for (const method of ["block", "header", "commit", "block_results", "validators", "consensus_params"])
      expect((await rpc(method, { height: "1" })).error).toEqual({
        code: -32603,
        message: "Internal error",
        data: "height 1 is not available, lowest height is 2",
      });
    const { blocks } = await client.blockSearch({ query: "block.height <= 3" });
    expect(blocks.map(({ block }) => block.header.height)).toEqual([2, 3]);
  });
});

describe("by URI", () => {
  test.each([
    ["/block?height=1"],
    ['/block?height="1"'],
    ["/commit?height=1"],
    ["/validators?height=1&per_page=100"],
    ["/block_results?height=1"],
    ["/consensus_params?height=1"],
    ["/abci_info"],
    ["/genesis"],
    ["/status"],
  ])("%s answers what JSON-RPC answers", async (path) => {
    const url = new URL(path, server.url);
    const params = Object.fromEntries([...url.searchParams].map(([name, value]) => [name, value.replaceAll('"', "")]));
    const { status, body } = await server.get(path);
    expect(status).toBe(200);
    const posted = await rpc(url.pathname.slice(1), params);
    if (path !== "/status" && path !== "/abci_info") expect(body.result).toEqual(posted.result);
    expect(Object.keys(body.result)).toEqual(Object.keys(posted.result));
  });

  test("block_by_hash and tx take 0x-hex; in JSON they take base64", async () => {
    const block = await rpc("block", { height: String(aliceHeight) });
    const hash = block.result.block_id.hash;
    const byHash = await server.get(`/block_by_hash?hash=0x${hash}`);
    expect(byHash.body.result).toEqual(block.result);
    expect((await rpc("block_by_hash", { hash: Buffer.from(hash, "hex").toString("base64") })).result).toEqual(
      block.result,
    );
    const unknown = await server.get(`/block_by_hash?hash=0x${"00".repeat(32)}`);
    expect(unknown.body.result.block).toBeNull();
    const tx = await server.get(`/tx?hash=0x${sha256Hex(aliceBytes)}&prove=true`);
    expect(tx.body.result).toMatchObject({ height: String(aliceHeight), index: 0, tx: toBase64(aliceBytes) });
    expect(tx.body.result.proof.proof).toMatchObject({ total: "1", index: "0", aunts: [] });
  });

  test("abci_query with 0x-hex and with a quoted name, at a height and at 0", async () => {
    const name = `accounts/account/${alice.id}`;
    const data = `0x${hex(utf8(name))}`;
    const newest = await server.get(`/abci_query?path="/state"&data=${data}&prove=true`);
    const quoted = await server.get(`/abci_query?path="/state"&data="${name}"&height=0`);
    expect(quoted.body.result.response.value).toBe(newest.body.result.response.value);
    expect(quoted.body.result.response.proofOps).toBeNull();
    const before = await server.get(`/abci_query?path="/state"&data=${data}&height=${aliceHeight - 1}&prove=true`);
    expect(before.body.result.response).toMatchObject({ value: null, height: String(aliceHeight - 1), code: 0 });
    const { header } = (await rpc("commit", { height: String(aliceHeight) })).result.signed_header;
    const { key, data: proof } = before.body.result.response.proofOps.ops[0];
    expect(loadCore().verifyNonMembership(headerFromJson(header).appHash, fromBase64(key), fromBase64(proof))).toBe(
      true,
    );
  });

  test("abci_query takes a byte order mark for part of the name", async () => {
    const marked = utf8(`\ufeffaccounts/account/${alice.id}`);
    const { body } = await server.get(`/abci_query?path="/state"&data=0x${hex(marked)}&prove=true`);
    const { value, height, proofOps } = body.result.response;
    expect(value).toBeNull();
    const { header } = (await rpc("commit", { height: String(Number(height) + 1) })).result.signed_header;
    const proof = fromBase64(proofOps.ops[0].data);
    const { appHash } = headerFromJson(header);
    expect(loadCore().verifyNonMembership(appHash, loadCore().sha256(marked), proof)).toBe(true);
  });

  test("broadcast_tx_sync with quoted text", async () => {
    const carol = person();
    const message = { type: "accounts/register", by: carol.id, name: "Carol", key: carol.key } as const;
    const tx = transactionBytes(await server.signed(carol, message));
    const { body } = await server.get(`/broadcast_tx_sync?tx=0x${hex(tx)}`);
    expect(body.result).toMatchObject({ code: 0, hash: sha256Hex(tx).toUpperCase() });
  });
});

test("from genesis to a block: validator, header, commit and transactions bind each other", async () => {
  const core = loadCore();
  const genesis = (await rpc("genesis")).result.genesis;
  const validator = validatorJsonSchema.parse((await rpc("validators", {})).result.validators[0]);
  expect(validator.pub_key.value).toBe(genesis.validators[0].pub_key.value);
  const signed = signedHeaderJsonSchema.parse(
    (await rpc("commit", { height: String(aliceHeight) })).result.signed_header,
  );
  const header = headerFromJson(signed.header);
  const commit = commitFromJson(signed.commit);
  expect(hex(commit.blockId.hash)).toBe(hex(core.headerHash(header)));
  const publicKey = fromBase64(validator.pub_key.value);
  expect(hex(core.validatorsHash([{ publicKey, power: 10n }]))).toBe(hex(header.validatorsHash));
  const { timestamp, signature } = commit.signatures[0]!;
  const { height, round, blockId } = commit;
  const signBytes = core.voteSignBytes({ chainId: signed.header.chain_id, height, round, blockId, timestamp });
  expect(ed25519.verify(signature, signBytes, publicKey)).toBe(true);
  const { block } = (await rpc("block", { height: String(aliceHeight) })).result;
  const transactions = (blockJsonSchema.parse(block).data.txs ?? []).map(fromBase64);
  expect(hex(core.dataHash(transactions))).toBe(hex(header.dataHash));
});

describe("errors", () => {
  test.each([
    ["/block?height=999999", -32603, /must be less than or equal to the current blockchain height/],
    ["/block?height=0", -32603, /height must be greater than 0/],
    ["/block?height=-5", -32603, /height must be greater than 0/],
    ["/block?height=one", -32602, /height/],
    ["/tx?hash=0x00", -32603, /not found/],
    ["/tx", -32603, /hash is required/],
    ["/block_by_hash?hash=0xzz", -32602, /hash/],
    [`/tx?hash=0x${"00".repeat(16)}`, -32603, /not found/],
    ["/validators?height=999999", -32603, /must be less than or equal to the current blockchain height/],
    ["/blockchain?minHeight=-1", -32603, /heights must be non-negative/],
    ["/blockchain?minHeight=5&maxHeight=4", -32603, /min height 5 can't be greater than max height 4/],
    ["/tx_search", -32603, /offset 0: EOF/],
    ['/tx_search?query="tx.height>0"&page=9', -32603, /page should be within \[1, 1\] range, given 9/],
    ['/tx_search?query="tx.height>0"&order_by="up"', -32603, /either `asc` or `desc` or empty/],
    ['/block_search?query="malformed query"', -32603, /offset 10: got tag, wanted <= operator/],
  ])("GET %s", async (path, code, words) => {
    const { status, body } = await server.get(path);
    expect(status).toBe(500);
    expect(body).toMatchObject({ jsonrpc: "2.0", id: -1, error: { code } });
    expect(body.error.data).toMatch(words);
  });

  test.each([
    ["unknown method", "nothing", undefined, -32601],
    ["a name of the prototype", "constructor", undefined, -32601],
    ["wrong params", "block", { height: {} }, -32602],
    ["too many params", "block", ["1", "2"], -32602],
  ])("JSON-RPC: %s", async (_, method, params, code) => {
    expect((await rpc(method, params)).error.code).toBe(code);
  });

  test.each([
    ["{", -32700],
    ["[]", -32600],
    ["5", -32600],
    ["null", -32600],
    ['{"method":5,"id":1}', -32600],
    [JSON.stringify(Array.from({ length: 21 }, () => ({ id: 1, method: "health" }))), -32600],
  ])("JSON-RPC: %s", async (text, code) => {
    expect((await server.post("/", text)).body.error.code).toBe(code);
  });

  test("a batch is answered in order, its notifications not", async () => {
    const { body } = await server.post("/", [
      { jsonrpc: "2.0", id: "a", method: "health" },
      { jsonrpc: "2.0", method: "health" },
      { jsonrpc: "2.0", id: 2, method: "nothing" },
    ]);
    expect(body).toMatchObject([
      { id: "a", result: {} },
      { id: 2, error: { code: -32601 } },
    ]);
  });

  test("notifications get an empty answer", async () => {
    const one = { jsonrpc: "2.0", method: "health" };
    for (const body of [one, [one, one]]) {
      const { status, body: text } = await server.post("/", body);
      expect([status, text]).toEqual([200, ""]);
    }
  });

  test("a body past the limit", async () => {
    const { status } = await server.post("/", " ".repeat(1_000_001));
    expect(status).toBe(413);
  });

  test.each([
    ['path="/other"&data=0x61', 1],
    ['path="/state"', 1],
    [`path="/state"&data=0x${"61".repeat(257)}`, 1],
    ['path="/state"&data=0xff', 1],
    ['path="/state"&data=0x61&height=999999', 1],
    ['path="/state"&data=0x61&height=-1', 1],
  ])("abci_query %s", async (query, code) => {
    const { body } = await server.get(`/abci_query?${query}`);
    expect(body.result.response).toMatchObject({ code, codespace: "query", value: null });
    expect(body.result.response.log).not.toBe("");
  });
});
