// Proof of one thing on the screen: asks the light client, keeps the latest answer, asks again while it is only "signed".
// What is shown and its verdict change together, so that no value ever stands beside the verdict of another.

import { type ReadonlySignal, signal } from "@preact/signals";
import { custodySteps, type LightClientPort, type ShownReading, type Verdict } from "../../ledger/light/verdict.ts";
import { ask } from "./light.ts";

export type ProofView = { readonly state: "checking" } | { readonly state: "unchecked" } | Verdict;

/** Pause between two questions about the same reading while it waits for its anchor. */
const signedPauseMs = 2000;
/** Newer readings are checked at most this often. */
const newerPauseMs = 2500;
/** A newer reading whose verdict takes longer than this is shown unproven meanwhile. */
const patienceMs = 3000;
/**
 * A state entry may change between reading and proving it, and a fresh one is provable only when the next block carries its
 * root: a mismatch is asked about again this often, a second apart, before it counts as a lie.
 */
const staleRetries = 14;
const stalePauseMs = 1000;

export interface Proof {
  readonly view: ReadonlySignal<ProofView>;
  check(): Promise<Verdict>;
}

/** A proof made on request, such as of a block. */
export function proofOnDemand(question: (light: LightClientPort) => Promise<Verdict>): Proof {
  const view = signal<ProofView>({ state: "unchecked" });
  return {
    view,
    async check() {
      view.value = { state: "checking" };
      const verdict = await ask(question);
      view.value = verdict;
      return verdict;
    },
  };
}

/** Proves a state entry against what the page shows; `reread` fetches what the page should show when it may be stale. */
export async function proveEntry(
  name: string,
  shown: unknown,
  reread: () => Promise<unknown>,
): Promise<{ readonly verdict: Verdict; readonly shown: unknown }> {
  let expected = shown;
  for (let attempt = 0; ; attempt++) {
    const current = expected;
    const verdict = await ask((light) => light.verifyState(name, current));
    const stale = verdict.state === "failed" && verdict.reason === "value_must_match_entry";
    if (!stale || attempt >= staleRetries) return { verdict, shown: expected };
    try {
      expected = await reread();
    } catch {
      return { verdict, shown: expected };
    }
    await new Promise((resolve) => setTimeout(resolve, stalePauseMs));
  }
}

/** The verdict on a reading that is of something else than what is shown. */
function strange(evidence: ShownReading, what: string): Verdict {
  const steps = custodySteps.map((step) => ({
    step,
    state: step === "device" ? ("failed" as const) : ("pending" as const),
  }));
  return { state: "failed", reason: "value_must_match_entry", detail: `the twin gave ${what}`, steps, evidence };
}

interface ProvenReading {
  readonly reading: ShownReading;
  readonly view: ProofView;
}

export interface ReadingProof {
  /** The reading on the screen with its own verdict. */
  readonly shown: ReadonlySignal<ProvenReading | null>;
  /** The newest reading that is proven down to a block, when it is older than the one shown. */
  readonly anchored: ReadonlySignal<ProvenReading | null>;
  offer(reading: ShownReading): void;
  /** Checks what is shown again, now. */
  recheck(): void;
  stop(): void;
}

/**
 * Follows a stream of readings, proving the newest, and one waiting reading until it is anchored. A true reading of another device,
 * or of another stream than the first one's, is no answer to what is asked here and counts as failed.
 */
export function followReadings(device: string | null = null, asker: typeof ask = ask): ReadingProof {
  const shown = signal<ProvenReading | null>(null);
  const anchored = signal<ProvenReading | null>(null);
  let waiting: ShownReading | null = null;
  let newest: ShownReading | null = null;
  let busy = false;
  let lastNewer = 0;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const same = (a: ShownReading | null, b: ShownReading | null): boolean =>
    a !== null &&
    b !== null &&
    a.device === b.device &&
    a.stream === b.stream &&
    a.logIndex === b.logIndex &&
    a.time === b.time &&
    a.result === b.result;

  let stream: string | null = null;
  const judge = (reading: ShownReading): Promise<Verdict> => {
    stream ??= reading.stream;
    const of = `${device ?? reading.device} ${stream}`;
    const is = `${reading.device} ${reading.stream}`;
    return is === of
      ? asker((light) => light.verifyReading(reading))
      : Promise.resolve(strange(reading, `${is} for ${of}`));
  };

  const settle = (reading: ShownReading, verdict: Verdict): void => {
    const current = shown.peek();
    if (same(current?.reading ?? null, reading)) shown.value = { reading, view: verdict };
    if (verdict.state === "verified") {
      const before = anchored.peek();
      if (before === null || before.reading.time <= reading.time) anchored.value = { reading, view: verdict };
      if (waiting !== null && waiting.time <= reading.time) waiting = null;
    } else if (verdict.state === "signed") {
      waiting ??= reading;
    } else if (same(waiting, reading)) {
      waiting = null;
    }
  };

  const showNewest = async (reading: ShownReading): Promise<void> => {
    const first = shown.peek() === null;
    if (first) shown.value = { reading, view: { state: "checking" } };
    const impatience = setTimeout(() => {
      shown.value = { reading, view: { state: "checking" } };
    }, patienceMs);
    const verdict = await judge(reading);
    clearTimeout(impatience);
    if (stopped) return;
    shown.value = { reading, view: verdict };
    settle(reading, verdict);
  };

  const step = async (): Promise<void> => {
    if (busy || stopped) return;
    busy = true;
    clearTimeout(timer);
    try {
      const current = shown.peek();
      if (newest !== null && !same(newest, current?.reading ?? null)) {
        const since = Date.now() - lastNewer;
        if (current === null || since >= newerPauseMs) {
          lastNewer = Date.now();
          await showNewest(newest);
        }
      } else if (current !== null && (current.view.state === "signed" || current.view.state === "unverified")) {
        const { reading } = current;
        settle(reading, await judge(reading));
      }
      const held = waiting;
      if (held !== null && !same(held, shown.peek()?.reading ?? null) && !stopped) settle(held, await judge(held));
    } finally {
      busy = false;
      if (!stopped) timer = setTimeout(() => void step(), signedPauseMs);
    }
  };

  return {
    shown,
    anchored,
    offer(reading) {
      if (newest !== null && newest.time > reading.time) return;
      const first = newest === null;
      newest = reading;
      if (first) void step();
    },
    recheck() {
      const current = shown.peek();
      if (current === null || busy) return;
      shown.value = { reading: current.reading, view: { state: "checking" } };
      const { reading } = current;
      void judge(reading).then((verdict) => {
        if (!stopped) settle(reading, verdict);
      });
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
