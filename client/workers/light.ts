// Opens the light client's worker for the page.

import type { LightClient } from "../../ledger/light/light-client.ts";
import { callsTo } from "./light-port.ts";

/** The light client as the page sees it. Starts a worker: call once a page. */
export function openLightClient(): LightClient {
  const worker = new Worker(new URL("./light.worker.ts", import.meta.url), { type: "module", name: "light" });
  const call = callsTo(worker);
  const asking = <Method extends keyof LightClient>(method: Method): LightClient[Method] =>
    ((...given: readonly unknown[]) => call(method, given)) as LightClient[Method];
  return {
    verifyReading: asking("verifyReading"),
    verifyState: asking("verifyState"),
    verifyTransaction: asking("verifyTransaction"),
    verifyHeader: asking("verifyHeader"),
    verifyBlock: asking("verifyBlock"),
    verifyEvents: asking("verifyEvents"),
    verifyLog: asking("verifyLog"),
    bundle: asking("bundle"),
    checkpoint: asking("checkpoint"),
    compare: asking("compare"),
    begin: asking("begin"),
    setWitnesses: asking("setWitnesses"),
    witnesses: asking("witnesses"),
    attack: asking("attack"),
    head: asking("head"),
    forget: asking("forget"),
  };
}
