// One start of a ledger with many entries, in a process of its own: `make <folder> <entries>` writes the chain's folder, `open <folder>`
// opens it as the ledger does and prints { milliseconds, rssBytes, usage }. Used by ledger-state.ts.

import { systemClock } from "../../ledger/consensus/clock.ts";
import { makeGenesis } from "../../ledger/consensus/genesis.ts";
import { type OpenedChain, openChain, restoreApplication } from "../../ledger/consensus/open-chain.ts";
import { createApplication } from "../../ledger/modules/city-application.ts";
import { hex, utf8 } from "../../ledger/protocol/bytes.ts";
import { toBase64 } from "../../ledger/protocol/comet.ts";
import { verifyEd25519Sync } from "../../ledger/protocol/ed25519-node.ts";
import { VersionedState } from "../../ledger/state/versioned-state.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";

const core = loadCore();

function open(folder: string): Promise<OpenedChain> {
  return openChain(folder, core, (signer) =>
    makeGenesis({
      chain: "bench",
      timeMs: systemClock.nowMs(),
      validator: { address: signer.address, publicKeyBase64: toBase64(signer.publicKey) },
      appState: { accounts: [], treasury: "0", welcomeGrant: "0", energy: { slotSeconds: 60 } },
    }),
  );
}

async function make(folder: string, count: number): Promise<void> {
  const entries = Array.from({ length: count }, (_, i) => {
    const account = hex(core.sha256(utf8(`${i}`))).slice(0, 40);
    return [`money/balance/${account}`, utf8(JSON.stringify({ creditsPosted: String(i * 1_000) }))] as const;
  });
  const state = new VersionedState(loadStateTree());
  state.load(entries);
  const root = hex(state.endLoad(0));
  const { store } = await open(folder);
  await store.initialise(
    "bench",
    root,
    entries.map(([name, value]) => ({ name, value })),
  );
  await store.close();
  // Opening moves the write-ahead log into tables, which is how entries lie for most of their life.
  await (await open(folder)).store.close();
}

async function start(folder: string): Promise<void> {
  const started = performance.now();
  const chain = await open(folder);
  const application = createApplication({ hasher: core, newTree: loadStateTree, verify: verifyEd25519Sync });
  await restoreApplication(chain, application);
  const milliseconds = performance.now() - started;
  const rssBytes = process.memoryUsage().rss;
  const listed = application.list("money/balance/", { limit: 10 });
  if (listed.length !== 10) throw new Error("entries are missing");
  await chain.store.close();
  console.log(JSON.stringify({ milliseconds, rssBytes, usage: application.usage() }));
}

const [command, folder, count] = process.argv.slice(2);
if (command === "make") await make(folder!, Number(count));
else await start(folder!);
