// The light client in its worker, opened once. If the worker cannot start, every verdict is "unverified": never green by default.

import { effect } from "@preact/signals";
import type { LightClient } from "../../ledger/light/light-client.ts";
import type { BundleQuestion, LightClientPort, MadeBundle, Verdict } from "../../ledger/light/verdict.ts";
import type { ShownAttack } from "../../ledger/light/witnesses/attack.ts";
import type { ShownWitness } from "../../ledger/light/witnesses/witness.ts";
import { witnessChoice } from "./witnesses.ts";

let opening: Promise<LightClient> | null = null;

/** The light client; started at the first call. */
function lightClient(): Promise<LightClient> {
  // Loaded after the first paint, like the scene: it brings WASM with it.
  opening ??= import("../workers/light.ts").then((worker) => {
    const light = worker.openLightClient();
    // Sent before any question, and again when the citizen changes the list or the city's suggestions come.
    effect(() => {
      const { asked } = witnessChoice.value;
      const fromCity = asked.filter(({ from }) => from === "city");
      const urls = (list: typeof asked): readonly string[] => list.map(({ url }) => url);
      void light.setWitnesses(urls(asked), urls(fromCity)).catch(() => undefined);
    });
    return light;
  });
  return opening;
}

/** What the other servers say; empty when the light client cannot run. */
export async function lightWitnesses(): Promise<readonly ShownWitness[]> {
  return (await lightClient().catch(() => null))?.witnesses().catch(() => []) ?? [];
}

/** The attack that the light client has proven, if any. */
export async function lightAttack(): Promise<ShownAttack | null> {
  return (await lightClient().catch(() => null))?.attack().catch(() => null) ?? null;
}

const patienceMs = 30_000;
type Nothing = Extract<Verdict, { state: "unverified" }>;

/** A worker that does not answer in time, or cannot run, has proven nothing, and we say so. */
async function answerOf<Answer>(question: (light: LightClientPort) => Promise<Answer>): Promise<Answer | Nothing> {
  const nothing = (detail: string): Nothing => ({
    state: "unverified",
    reason: "server_must_answer",
    detail,
    steps: [],
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<Nothing>((resolve) => {
    timer = setTimeout(() => resolve(nothing(`no answer within ${patienceMs / 1000} s`)), patienceMs);
  });
  try {
    return await Promise.race([lightClient().then(question), timeout]);
  } catch (error) {
    return nothing(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** Asks the light client. A worker that does not answer within 30 s has proven nothing, and we say so. */
export function ask(question: (light: LightClientPort) => Promise<Verdict>): Promise<Verdict> {
  return answerOf(question);
}

/** A proof for others; within 30 s, as a verdict. */
export function makeProof(question: BundleQuestion): Promise<MadeBundle> {
  return answerOf((light) => light.bundle(question));
}

/** The chain and the newest header that the light client remembers; null before the first contact, or when it cannot run. */
export async function lightHead(): Promise<{ chain: string; height: number; time: string } | null> {
  try {
    return await (await lightClient()).head();
  } catch {
    return null;
  }
}

/** Drops all trust, so that the next question is a first contact. */
export async function forgetLight(): Promise<void> {
  await (await lightClient()).forget();
}
