// Evidence over the API of a solo ledger: taken in once, kept over a restart, counted, listed; anything unproven is refused.

import { randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Forger, type KnownBlock } from "../../tests/conformance/comet-network/forge.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { createLedgerApi } from "../api/app.ts";
import { type LedgerServer, listen } from "../api/server.ts";
import { startTestServer, type TestServer } from "../api/test-server.ts";
import { systemClock } from "../consensus/clock.ts";
import {
  makeTestFolder,
  openTestChain,
  removeTestFolder,
  submitSomeone,
  type TestChain,
  until,
} from "../consensus/test-chain.ts";
import { fromBase64 } from "../protocol/comet.ts";
import { EvidencePool, piecesMax } from "./evidence-pool.ts";

const core = loadCore();
let chain: TestChain;
let server: LedgerServer;
let pool: EvidencePool;
let forger: Forger;
let address: string;
const errors: object[] = [];
const log = {
  error: (fields: object) => errors.push(fields),
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
} as unknown as Logger;
const openPool = () => EvidencePool.open({ ...chain, clock: systemClock, log, folder: join(chain.folder, "evidence") });

beforeAll(async () => {
  chain = await openTestChain({ folder: await makeTestFolder() });
  pool = await openPool();
  server = await listen(createLedgerApi({ ...chain, clock: systemClock, log, evidence: pool }), "127.0.0.1", 0);
  await chain.engine.start();
  for (let height = 1; height < 4; height++) {
    await until(() => chain.engine.height >= height, `block ${height}`);
    await submitSomeone(chain, `Citizen ${height}`);
  }
  await until(() => chain.engine.height >= 4, "block 4");
  const key = JSON.parse(await readFile(join(chain.folder, "validator.json"), "utf8"));
  address = key.address;
  forger = new Forger(core, chain.genesis.chain, [
    { address, seed: fromBase64(key.priv_key.value).subarray(0, 32) },
  ] as never);
});
afterAll(async () => {
  await chain.engine.stop();
  await server.close();
  await chain.close();
  await removeTestFolder(chain.folder);
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
const get = async (path: string): Promise<any> => (await fetch(server.url + path)).json();

async function known(height: number): Promise<KnownBlock> {
  const { validators } = (await get(`/validators?height=${height}`)).result;
  return { ...(await get(`/commit?height=${height}`)).result.signed_header, validators };
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
async function send(evidence: unknown): Promise<any> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "broadcast_evidence", params: { evidence } });
  const headers = { "content-type": "application/json" };
  return (await fetch(server.url, { method: "POST", headers, body })).json();
}

describe("evidence", () => {
  test("of a double vote is kept once, logged as an error, counted, listed and answered whole", async () => {
    const evidence = forger.duplicateVote(await known(2), address, 2, false);
    const { result } = await send(evidence);
    const hash = Buffer.from(result.hash, "base64").toString("hex");
    expect((await send(evidence)).result).toEqual(result);
    const line = { hash, kind: "duplicate_vote", height: 2, validators: [address.toLowerCase()] };
    expect((await get("/v1/evidence")).evidence).toMatchObject([line]);
    expect(await get(`/v1/evidence/${hash}`)).toMatchObject({ ...line, evidence });
    expect(errors).toMatchObject([line]);
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain("\nledger_evidence_pieces 1\n");
    expect((await fetch(`${server.url}/v1/evidence/${"0".repeat(64)}`)).status).toBe(404);
    expect((await openPool()).list()).toEqual(pool.list());
  });

  test("of an attack by the chain's own validator is proven: equivocation, amnesia and lunatic", async () => {
    const at = await known(3);
    const common = await known(2);
    const forged = (round: number, changes: object) => forger.block(at, at.validators, round, changes);
    const other = { data_hash: randomBytes(32).toString("hex").toUpperCase() };
    const cases = [
      forger.attack(at, forged(at.commit.round, other), at.validators),
      forger.attack(at, forged(at.commit.round + 1, { ...other, evidence_hash: other.data_hash }), null),
      forger.attack(common, forged(0, { app_hash: other.data_hash }), at.validators),
    ];
    for (const evidence of cases) expect((await send(evidence)).result?.hash).toMatch(/=$/);
    expect((await get("/v1/evidence")).evidence).toHaveLength(4);
  });

  test("that proves nothing is refused with the reason, in CometBFT's words", async () => {
    const at = await known(2);
    const evidence = forger.duplicateVote(at, address, 1, true);
    const stranger = structuredClone(evidence) as unknown as { value: { vote_a: { signature: string } } };
    stranger.value.vote_a.signature = Buffer.alloc(64).toString("base64");
    const own = forger.attack(at, await known(3), at.validators);
    const cases: [unknown, RegExp][] = [
      [stranger, /^failed to add evidence: the signature of vote A is not valid$/],
      [own, /^failed to add evidence: the conflicting block is the chain's own$/],
      [{ type: "tendermint/Other", value: {} }, /^evidence.ValidateBasic failed: it is neither/],
      [{ ...evidence, value: {} }, /^evidence.ValidateBasic failed: /],
      [null, /./],
      ["x", /^evidence.ValidateBasic failed: it is neither/],
      [{ ...evidence, padding: "x".repeat(300_000) }, /^evidence.ValidateBasic failed: it has more than/],
    ];
    for (const [told, words] of cases) expect((await send(told)).error.data).toMatch(words);
  });

  test("is bounded: the first hundred stay, and what cannot be read is left out and left alone", async () => {
    const at = await known(2);
    const rounds = (round: number) =>
      forger.duplicateVote({ ...at, commit: { ...at.commit, round } }, address, 2, false);
    for (let round = 1; pool.list().length < piecesMax; round++)
      expect(await pool.submit(rounds(round))).toMatchObject({ ok: true });
    expect(await pool.submit(rounds(9_999))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("kept already"),
    });
    const folder = join(chain.folder, "evidence");
    const [first] = await readdir(folder);
    await writeFile(join(folder, first!), "{");
    expect((await openPool()).list()).toHaveLength(piecesMax - 1);
    expect(await readFile(join(folder, first!), "utf8")).toBe("{");
  });
});

describe("a ledger without a pool", () => {
  let plain: TestServer;
  beforeAll(async () => {
    plain = await startTestServer();
  });
  afterAll(() => plain.close());

  test("has none, and takes none", async () => {
    expect((await plain.get("/v1/evidence")).body).toEqual({ evidence: [] });
    expect((await plain.get("/broadcast_evidence?evidence={}")).body.error.data).toBe("this node keeps no evidence");
  });
});
