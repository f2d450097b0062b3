// The light client in its worker, opened once. If the worker cannot start, every verdict is "unverified": never green by default.

import { signal } from "@preact/signals";
import type { LightClient } from "../../ledger/light/light-client.ts";
import type { LightClientPort, Verdict } from "../../ledger/light/verdict.ts";

let opening: Promise<LightClient> | null = null;

/** The newest block that the light client has judged, and the last verdict about one. */
export const trustedHead = signal<{ readonly height: number; readonly verdict: Verdict } | null>(null);

/** The light client; started at the first call. */
function lightClient(): Promise<LightClient> {
  // Loaded after the first paint, like the scene: it brings WASM with it.
  opening ??= import("../workers/light.ts").then((worker) => worker.openLightClient());
  return opening;
}

/** Asks the light client. A worker that does not answer within 30 s has proven nothing, and we say so. */
export async function ask(question: (light: LightClientPort) => Promise<Verdict>): Promise<Verdict> {
  const nothing = (detail: string): Verdict => ({
    state: "unverified",
    reason: "server_must_answer",
    detail,
    steps: [],
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<Verdict>((resolve) => {
    timer = setTimeout(() => resolve(nothing("no verdict within 30 s")), 30_000);
  });
  try {
    return await Promise.race([lightClient().then(question), timeout]);
  } catch (error) {
    return nothing(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}

let judging = false;

/** Judges the block that the ledger announces as its newest. Does nothing while the last question is open. */
export async function judgeHead(announced: number): Promise<void> {
  if (judging || announced < 1) return;
  judging = true;
  try {
    const verdict = await ask((light) => light.verifyBlock(announced));
    const before = trustedHead.peek()?.height ?? 0;
    trustedHead.value = { height: verdict.state === "verified" ? verdict.height : before, verdict };
  } finally {
    judging = false;
  }
}

/** Drops all trust, so that the next question is a first contact: only for a person who knows why the chain is another. */
export async function trustAnew(): Promise<void> {
  await (await lightClient()).forget();
  trustedHead.value = null;
}
