// The ledger's engine alone: signed transfers through admission, mempool, block and store in one process, without HTTP, over
// states of 10^4, 10^5 and 10^6 accounts.

import { systemClock } from "../../ledger/consensus/clock.ts";
import { openChain, restoreApplication } from "../../ledger/consensus/open-chain.ts";
import { SoloEngine } from "../../ledger/consensus/solo.ts";
import { createApplication } from "../../ledger/modules/city-application.ts";
import { accountsState } from "../../ledger/protocol/accounts.ts";
import { hex, utf8 } from "../../ledger/protocol/bytes.ts";
import { verifyEd25519Batch, verifyEd25519Sync } from "../../ledger/protocol/ed25519-node.ts";
import { moneyState } from "../../ledger/protocol/money.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { print, quick } from "./command-line.ts";
import { withFolder } from "./folders.ts";
import { benchGenesis, transfers } from "./ledger-city.ts";
import { compareRounds } from "./measure.ts";

const core = loadCore();
const perRound = quick ? 500 : 6_000;
const submittedAtOnce = 64;
const newApplication = () =>
  createApplication({
    hasher: core,
    newTree: loadStateTree,
    verify: verifyEd25519Sync,
    verifyAll: verifyEd25519Batch,
  });

async function openEngine(
  folder: string,
  accounts: number,
): Promise<{ engine: SoloEngine; close: () => Promise<void> }> {
  const chain = await openChain(folder, core, benchGenesis);
  const application = newApplication();
  // More accounts than genesis may name are written as if an earlier block had left them.
  const entries = application.initialise(chain.genesis.chain, chain.genesis.appState);
  const record = (prefix: string): Uint8Array => entries.find(({ name }) => name.startsWith(prefix))!.value!;
  const [account, balance] = [record(accountsState.account("")), record(moneyState.balance(""))];
  const more = Array.from({ length: accounts }, (_, i) => hex(core.sha256(utf8(`account ${i}`))).slice(0, 40)).flatMap(
    (id) => [
      { name: accountsState.account(id), value: account },
      { name: moneyState.balance(id), value: balance },
    ],
  );
  const all = [...entries, ...more].sort((a, b) => (a.name < b.name ? -1 : 1));
  const filled = newApplication();
  const root = await filled.restore(chain.genesis.chain, 0, [all.map(({ name, value }) => [name, value!] as const)]);
  await chain.store.initialise(chain.genesis.chain, hex(root), all);
  const position = await restoreApplication(chain, filled);
  const onFatal = (error: unknown): never => {
    throw error;
  };
  const engine = new SoloEngine(
    { ...chain, application: filled, clock: systemClock, heartbeatMs: 10_000, onFatal },
    position,
  );
  await engine.start();
  return {
    engine,
    close: async () => {
      await engine.stop();
      await chain.store.close();
    },
  };
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
    for (let left = transactions.slice(at, at + submittedAtOnce); left.length > 0; ) {
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

/** Prints a line for each size. */
export async function benchInProcess(): Promise<void> {
  for (const exponent of quick ? [4] : [4, 5, 6])
    await withFolder(async (folder) => {
      const { engine, close } = await openEngine(folder, 10 ** exponent);
      const round = (): Promise<number> => submitAll(engine, transfers(perRound, engine.height));
      await round();
      print(
        await compareRounds({
          bench: `ledger/in-process-tx-per-s@10^${exponent}`,
          unit: "signed transfers in a synced block/s, without HTTP",
          goal: null,
          higherIsBetter: true,
          rounds: quick ? 1 : 3,
          ours: round,
        }),
      );
      await close();
    });
}
