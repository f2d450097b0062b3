// CosmJS, unmodified, against the ledger's own server through the world process's proxy: one origin for everything, as citizens see it.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../ledger/api/test-server.ts";
import { person, sha256Hex, until } from "../../ledger/consensus/test-chain.ts";
import { hex } from "../../ledger/protocol/bytes.ts";
import { transactionBytes } from "../../ledger/protocol/transaction.ts";
import { openWorld, type WorldProcess } from "../../world-server/world-process.ts";
import type { WorldManifest } from "../../worlds/format/world.ts";

const folder = mkdtempSync(join(tmpdir(), "glasstown-comet-"));
let ledger: TestServer;
let world: WorldProcess;

beforeAll(async () => {
  for (const name of ["client", "city"]) mkdirSync(join(folder, name));
  ledger = await startTestServer();
  const manifest = { hash: "00".repeat(32), name: "test", bounds: [-9, -9, 9, 9], spawn: { x: 0, y: 0, heading: 0 } };
  world = await openWorld({
    host: "127.0.0.1",
    port: 0,
    ledger: { name: "ledger", host: "127.0.0.1", port: Number(new URL(ledger.url).port) },
    // Port 1 is nobody's.
    twin: { name: "twin", host: "127.0.0.1", port: 1 },
    crowd: 1,
    client: join(folder, "client"),
    world: { folder: join(folder, "city"), manifest: manifest as unknown as WorldManifest },
    log: pino({ level: "silent" }),
    nowMs: () => Date.now(),
  });
});
afterAll(async () => {
  await world.close();
  await ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const registration = async (name: string): Promise<Uint8Array> => {
  const who = person();
  return transactionBytes(await ledger.signed(who, { type: "accounts/register", by: who.id, name, key: who.key }));
};

test.each(["http", "ws"])("over %s: reads, broadcasts, searches", async (protocol) => {
  const client = await Comet38Client.connect(`${protocol}://127.0.0.1:${world.port}/ledger`);
  expect((await client.status()).nodeInfo.network).toBe(ledger.chain.genesis.chain);
  const tx = await registration(`Citizen by ${protocol}`);
  const { height } = await client.broadcastTxCommit({ tx });
  const { txs } = await client.txSearch({ query: `tx.height = ${height} AND accounts/registered EXISTS` });
  expect(txs.map(({ hash }) => hex(hash))).toEqual([sha256Hex(tx)]);
  expect((await client.validatorsAll(height)).total).toBe(1);
  client.disconnect();
});

test("blocks and transactions are followed", async () => {
  const client = await Comet38Client.connect(`ws://127.0.0.1:${world.port}/ledger`);
  const blocks: number[] = [];
  const transactions: string[] = [];
  const streams = [
    client.subscribeNewBlock().subscribe({ next: ({ header }) => blocks.push(header.height) }),
    client.subscribeTx().subscribe({ next: ({ hash }) => transactions.push(hex(hash)) }),
  ];
  await client.health();
  const tx = await registration("Follower");
  await client.broadcastTxSync({ tx });
  await until(() => transactions.length === 1 && blocks.length >= 1, "the block and its transaction");
  expect(transactions).toEqual([sha256Hex(tx)]);
  for (const stream of streams) stream.unsubscribe();
  client.disconnect();
});
