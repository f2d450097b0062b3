// The light client in a worker of its own: WASM core, IndexedDB for what it trusts, the page's origin for its servers.

import { createLightClient, type LightClient } from "../../ledger/light/light-client.ts";
import { decideEd25519With } from "../../ledger/protocol/ed25519.ts";
import { loadEd25519 } from "../../wasm-core/bindings/ed25519-browser.ts";
import { loadLightCore } from "../../wasm-core/bindings/light-browser.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { openLightDatabase } from "./light-database.ts";
import { openNeighbours } from "./light-neighbours.ts";
import { answerCalls } from "./light-port.ts";

decideEd25519With(loadEd25519);
const store = openLightDatabase("glasstown-light");
const neighbours = openNeighbours("glasstown-light");

/** Outlive a core that trapped. */
let listed: Parameters<LightClient["setWitnesses"]> = [[]];
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
    });
    // Nothing is awaited here: questions that come together would make a client each, and the witnesses be set in one that is dropped.
    void client.setWitnesses(...listed);
    made = { core, client };
  }
  return made.client;
}

answerCalls(async (method, given) => {
  const ask = (await client())[method] as (...given: readonly unknown[]) => Promise<unknown>;
  const answer = await ask(...given);
  if (method === "setWitnesses") listed = given as unknown as Parameters<LightClient["setWitnesses"]>;
  return answer;
});
