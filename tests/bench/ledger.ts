// Bench of the ledger: signed transfers through the solo engine and its store, re-rooting, proofs, disk.
// In one process, without HTTP; every transfer is checked, in a signed block, indexed and synced.

import { join } from "node:path";
import { systemClock } from "../../ledger/consensus/clock.ts";
import { makeGenesis } from "../../ledger/consensus/genesis.ts";
import { openChain, restoreApplication } from "../../ledger/consensus/open-chain.ts";
import { SoloEngine } from "../../ledger/consensus/solo.ts";
import { createApplication } from "../../ledger/modules/city-application.ts";
import { chain as chainName, person, signed } from "../../ledger/modules/test-city.ts";
import { hex, utf8 } from "../../ledger/protocol/bytes.ts";
import { toBase64 } from "../../ledger/protocol/comet.ts";
import { verifyEd25519Sync } from "../../ledger/protocol/ed25519-node.ts";
import { type EntryChange, VersionedState } from "../../ledger/state/versioned-state.ts";
import { LedgerStore } from "../../ledger/storage/ledger-store.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { seededNumbers } from "../seeded-numbers.ts";
import { print, quick } from "./command-line.ts";
import { bytesOfFolder, withFolder } from "./folders.ts";
import { compareRates, compareRounds, line, millisecondsOf } from "./measure.ts";

const core = loadCore();

// Transfers

const citizens = Array.from({ length: quick ? 200 : 1000 }, (_, i) => person(`citizen ${i}`));
/** Six a citizen and round at most: the quota is sixty in a minute. */
const transfersPerRound = quick ? 500 : 6000;
const submittedAtOnce = 50;

async function openEngine(folder: string): Promise<{ engine: SoloEngine; close: () => Promise<void> }> {
  const chain = await openChain(folder, core, (signer) =>
    makeGenesis({
      chain: chainName,
      timeMs: systemClock.nowMs(),
      validator: { address: signer.address, publicKeyBase64: toBase64(signer.publicKey) },
      appState: {
        accounts: citizens.map(({ key }, i) => ({ key, name: `Citizen ${i}`, roles: [] })),
        treasury: "1000000000000000",
        welcomeGrant: "20000000",
        energy: { slotSeconds: 60 },
      },
    }),
  );
  const application = createApplication({ hasher: core, newTree: loadStateTree, verify: verifyEd25519Sync });
  const position = await restoreApplication(chain, application);
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const options = { ...chain, application, clock: systemClock, heartbeatMs: 10_000, onFatal };
  const engine = new SoloEngine(options, position);
  await engine.start();
  return {
    engine,
    close: async () => {
      await engine.stop();
      await chain.store.close();
    },
  };
}

function transfers(engine: SoloEngine, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const from = citizens[i % citizens.length]!;
    const to = citizens[(i + 1) % citizens.length]!;
    const message = { type: "money/transfer", by: from.account, to: to.account, amount: String(1 + i) } as const;
    return signed([message], [from], engine.height + 100);
  });
}

/** Submits all as fast as the engine takes them; over when the last is on disk. Answers transactions per second. */
async function submitAll(engine: SoloEngine, transactions: readonly Uint8Array[]): Promise<number> {
  let committed = 0;
  let refused = 0;
  let seen = (): void => undefined;
  const end = engine.onBlock(({ results }) => {
    committed += results.ids.length;
    refused += results.transactions.filter(({ code }) => code !== 0).length;
    seen();
  });
  const block = (): Promise<void> =>
    new Promise((resolve) => {
      seen = resolve;
    });
  const started = performance.now();
  for (const [i, transaction] of transactions.entries()) {
    let submission = engine.submit(transaction);
    while (!submission.ok) {
      if (submission.name !== "transaction_mempool_must_have_room") throw new Error(submission.name);
      await block();
      submission = engine.submit(transaction);
    }
    if (i % submittedAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  while (committed < transactions.length) await block();
  const elapsed = performance.now() - started;
  end();
  if (refused > 0) throw new Error(`${refused} transfers were refused`);
  return (transactions.length * 1000) / elapsed;
}

await withFolder(async (folder) => {
  const { engine, close } = await openEngine(folder);
  let made = 0;
  const round = (): Promise<number> => {
    made += transfersPerRound;
    return submitAll(engine, transfers(engine, transfersPerRound));
  };
  const empty = bytesOfFolder(folder);
  await round();
  print(
    await compareRounds({
      bench: "ledger/tx-per-s",
      unit: "signed transfers in a synced block/s",
      goal: 3000,
      higherIsBetter: true,
      rounds: quick ? 1 : 5,
      ours: round,
    }),
  );
  await close();
  // Opening moves the write-ahead log into tables, which is how blocks lie for most of their life.
  await (await LedgerStore.open(join(folder, "store"))).close();
  print(
    line({
      bench: "ledger/disk-bytes-per-tx",
      ours: (bytesOfFolder(folder) - empty) / made,
      peer: null,
      peerName: null,
      unit: "bytes",
      goal: 1200,
      higherIsBetter: false,
    }),
  );
});

// State

const random = seededNumbers(1);

function balances(accounts: readonly string[], money: () => number): EntryChange[] {
  return accounts.map((account) => ({
    name: `money/balance/${account}`,
    value: utf8(JSON.stringify({ creditsPosted: String(money()) })),
  }));
}

for (const exponent of quick ? [4] : [4, 5, 6]) {
  const accounts = Array.from({ length: 10 ** exponent }, (_, i) => hex(core.sha256(utf8(`${i}`))).slice(0, 40));
  const state = new VersionedState(loadStateTree());
  let height = 0;
  const advance = (changes: readonly EntryChange[]): void => state.advance(++height, state.prepare(changes));
  advance(balances(accounts, () => 0));
  const changed = (): EntryChange[] => {
    const first = random(accounts.length - 1000);
    return balances(accounts.slice(first, first + 1000), () => random(1_000_000));
  };
  for (let i = 0; i < 3; i++) advance(changed());
  print(
    await compareRounds({
      bench: `ledger/reroot-1000-of-10^${exponent}-ms`,
      unit: "ms",
      goal: 8,
      higherIsBetter: false,
      rounds: quick ? 5 : 51,
      ours: () => {
        const changes = changed();
        return millisecondsOf(() => advance(changes));
      },
    }),
  );
  const asked = Array.from({ length: 200 }, () => `money/balance/${accounts[random(accounts.length)]}`);
  print(
    compareRates(
      {
        bench: exponent === 5 ? "ledger/proofs-per-s" : `ledger/proofs-per-s@10^${exponent}`,
        unit: "state proofs/s",
        units: asked.length,
        goal: 50_000,
        ours: () => {
          for (const name of asked) if (state.read(name, height, true).proof === null) throw new Error("no proof");
        },
      },
      quick,
    ),
  );
}
