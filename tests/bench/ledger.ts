// Bench of the ledger: signed transfers through the solo engine and its store, disk; the state's part is ledger-state.ts.
// In one process, without HTTP; every transfer is checked, in a signed block, indexed and synced.

import { join } from "node:path";
import { systemClock } from "../../ledger/consensus/clock.ts";
import { makeGenesis } from "../../ledger/consensus/genesis.ts";
import { openChain, restoreApplication } from "../../ledger/consensus/open-chain.ts";
import { SoloEngine } from "../../ledger/consensus/solo.ts";
import { createApplication } from "../../ledger/modules/city-application.ts";
import { chain as chainName, person, signed } from "../../ledger/modules/test-city.ts";
import { toBase64 } from "../../ledger/protocol/comet.ts";
import { verifyEd25519Sync } from "../../ledger/protocol/ed25519-node.ts";
import { LedgerStore } from "../../ledger/storage/ledger-store.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { print, quick } from "./command-line.ts";
import { bytesOfFolder, withFolder } from "./folders.ts";
import { benchState } from "./ledger-state.ts";
import { compareRounds, line } from "./measure.ts";

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
  for (let at = 0; at < transactions.length; at += submittedAtOnce) {
    const some = transactions.slice(at, at + submittedAtOnce);
    for (let left = some; left.length > 0; ) {
      const submissions = await Promise.all(left.map((transaction) => engine.submit(transaction)));
      const wrong = submissions.find((each) => !each.ok && each.name !== "transaction_mempool_must_have_room");
      if (wrong !== undefined) throw new Error(JSON.stringify(wrong));
      left = left.filter((_, i) => !submissions[i]!.ok);
      if (left.length > 0) await block();
    }
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

await benchState();
