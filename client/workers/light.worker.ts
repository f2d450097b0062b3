// The light client in a worker of its own: WASM core, IndexedDB for what it trusts, the page's origin for its servers.

import { expose } from "comlink";
import { createLightClient, type LightClient } from "../../ledger/light/light-client.ts";
import { decideEd25519With } from "../../ledger/protocol/ed25519.ts";
import { loadEd25519 } from "../../wasm-core/bindings/ed25519-browser.ts";
import { loadLightCore } from "../../wasm-core/bindings/light-browser.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { openLightDatabase } from "./light-database.ts";
import { openNeighbours } from "./light-neighbours.ts";

decideEd25519With(loadEd25519);
const store = openLightDatabase("glasstown-light");
const neighbours = openNeighbours("glasstown-light");

/** Outlive a core that trapped. */
let witnesses: Parameters<LightClient["setWitnesses"]>[0] = [];
let made: { readonly core: LightCore; readonly client: LightClient } | null = null;

/** The client of the core; a load that failed is tried again at the next question, and a core that trapped is replaced. */
async function client(): Promise<LightClient> {
  const core = await loadLightCore();
  if (made?.core !== core) {
    const client = createLightClient({
      core,
      fetch: (url, init) => fetch(url, { ...init, cache: "no-store", credentials: "omit" }),
      now: () => Date.now(),
      store,
      neighbours,
      ledgerUrl: "/ledger",
      logUrl: "/log",
      witnesses,
    });
    made = { core, client };
  }
  return made.client;
}

const port: LightClient = {
  verifyReading: async (reading) => (await client()).verifyReading(reading),
  verifyState: async (name, expected, height) => (await client()).verifyState(name, expected, height),
  verifyTransaction: async (id, height, shown) => (await client()).verifyTransaction(id, height, shown),
  verifyHeader: async (height) => (await client()).verifyHeader(height),
  verifyBlock: async (height, shown) => (await client()).verifyBlock(height, shown),
  verifyEvents: async (id, height, shown) => (await client()).verifyEvents(id, height, shown),
  verifyLog: async (first, second) => (await client()).verifyLog(first, second),
  bundle: async (question) => (await client()).bundle(question),
  checkpoint: async (height) => (await client()).checkpoint(height),
  compare: async (text) => (await client()).compare(text),
  begin: async (text) => (await client()).begin(text),
  setWitnesses: async (urls) => {
    await (await client()).setWitnesses(urls);
    witnesses = urls;
  },
  witnesses: async () => (await client()).witnesses(),
  attack: async () => (await client()).attack(),
  head: async () => (await client()).head(),
  forget: async () => (await client()).forget(),
};

expose(port);
