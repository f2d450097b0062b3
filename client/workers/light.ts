// Opens the light client's worker for the page.

import { type Remote, wrap } from "comlink";
import type { LightClient } from "../../ledger/light/light-client.ts";

/** The light client as the page sees it. Starts a worker: call once a page. */
export function openLightClient(): LightClient {
  const worker = new Worker(new URL("./light.worker.ts", import.meta.url), { type: "module", name: "light" });
  const remote: Remote<LightClient> = wrap<LightClient>(worker);
  // A plain object: Comlink's proxy answers to every name, `then` too, and would be awaited as a promise.
  return {
    verifyReading: (reading) => remote.verifyReading(reading),
    verifyState: (name, expected, height) => remote.verifyState(name, expected, height),
    verifyTransaction: (id, height, shown) => remote.verifyTransaction(id, height, shown),
    verifyHeader: (height) => remote.verifyHeader(height),
    verifyBlock: (height, shown) => remote.verifyBlock(height, shown),
    verifyEvents: (id, height, shown) => remote.verifyEvents(id, height, shown),
    verifyLog: (first, second) => remote.verifyLog(first, second),
    bundle: (question) => remote.bundle(question),
    checkpoint: (height) => remote.checkpoint(height),
    compare: (text) => remote.compare(text),
    begin: (text) => remote.begin(text),
    setWitnesses: (urls) => remote.setWitnesses(urls),
    witnesses: () => remote.witnesses(),
    attack: () => remote.attack(),
    head: () => remote.head(),
    forget: () => remote.forget(),
  };
}
