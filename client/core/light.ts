// The light client in its worker, opened once. If the worker cannot start, every verdict is "unverified": never green by default.

import { signal } from "@preact/signals";
import type { LightClientPort, Verdict } from "../../ledger/light/verdict.ts";

let opening: Promise<LightClientPort> | null = null;

/** The trusted head as the worker last told it. */
export const trustedHead = signal<{
  readonly chain: string;
  readonly height: number;
  readonly time: string;
} | null>(null);

/** The light client; started at the first call. */
export function lightClient(): Promise<LightClientPort> {
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

export async function refreshHead(): Promise<void> {
  trustedHead.value = await (await lightClient()).head();
}
