// Whether this browser's light client stands behind what the server shows: the newest block it has judged, and what to say when the
// server shows another chain than the one trusted so far. Nothing is signed while trust is broken; only a person may begin anew.

import { computed, signal } from "@preact/signals";
import type { FailureReason, Verdict } from "../../ledger/light/verdict.ts";
import { blocks, chain, headHeight, onBlock } from "./blocks.ts";
import { ledgerApi } from "./ledger-api.ts";
import { ask, forgetLight, lightHead } from "./light.ts";

/** The newest block that the light client has judged, and the last verdict about one. */
export const trustedHead = signal<{ readonly height: number; readonly verdict: Verdict } | null>(null);

/** What the light client remembers of the chain that it trusts. */
interface Remembered {
  readonly chain: string;
  readonly height: number;
  readonly time: string;
}
const remembered = signal<Remembered | null>(null);

/** Failures that a chain started anew would also cause. */
const aboutTrust: ReadonlySet<FailureReason> = new Set<FailureReason>([
  "header_chain_must_match",
  "validators_must_be_trusted",
  "trust_must_not_be_expired",
  "sources_must_agree",
]);

export const isAboutTrust = (reason: string): boolean => aboutTrust.has(reason as FailureReason);

export interface BrokenTrust {
  readonly reason: FailureReason;
  /** The chain may have been started anew: a person who knows may begin trust again. */
  readonly renewable: boolean;
  readonly remembered: Remembered | null;
  readonly shown: string | null;
}

/** Why the head cannot be trusted; null while nothing speaks against it. */
export function brokenTrust(
  known: Remembered | null,
  shown: string | null,
  verdict: Verdict | null,
): BrokenTrust | null {
  // A chain of another name is another chain, whatever single blocks say: blocks of the old one may still lie in memory here.
  if (known !== null && shown !== null && known.chain !== shown)
    return { reason: "header_chain_must_match", renewable: true, remembered: known, shown };
  if (verdict?.state !== "failed") return null;
  return { reason: verdict.reason, renewable: isAboutTrust(verdict.reason), remembered: known, shown };
}

export const broken = computed(() =>
  brokenTrust(remembered.value, chain.value?.chain ?? null, trustedHead.value?.verdict ?? null),
);

const judgePauseMs = 4000;
let judging: Promise<void> | null = null;
let judgedAt = 0;

async function judge(announced: number): Promise<void> {
  remembered.value = await lightHead();
  if (remembered.value !== null && chain.peek() !== null && remembered.value.chain !== chain.peek()?.chain) return;
  const verdict = await ask((light) => light.verifyHeader(announced));
  const before = trustedHead.peek()?.height ?? 0;
  trustedHead.value = { height: verdict.state === "verified" ? verdict.height : before, verdict };
  remembered.value = await lightHead();
}

/** Judges the block that the ledger announces as its newest; joins the question that is open already. */
export async function judgeHead(): Promise<void> {
  const announced = headHeight.peek();
  if (announced < 1) return;
  judgedAt = Date.now();
  judging ??= judge(announced).finally(() => {
    judging = null;
  });
  await judging;
}

/** Follows the blocks, at most every four seconds: checking headers is work. */
export function followHead(): void {
  const step = (): void => {
    if (Date.now() - judgedAt >= judgePauseMs) void judgeHead();
  };
  onBlock(step);
  setInterval(step, judgePauseMs + 1000);
}

/** Looks at the chain that is shown as if for the first time. */
async function meetAnew(): Promise<void> {
  remembered.value = null;
  trustedHead.value = null;
  const shown = await ledgerApi.chain();
  if (shown.chain !== chain.peek()?.chain) blocks.value = [];
  chain.value = shown;
  await judgeHead();
}

/** Drops all trust and meets the chain that is shown now for the first time: only for a person who knows why it is another. */
export async function trustAnew(): Promise<void> {
  await judging;
  await forgetLight();
  await meetAnew();
}

/** Drops all trust and begins from a checkpoint that a person vouches for; where that cannot be, trust stays as it was. */
export async function beginTrust(checkpoint: string): Promise<Verdict> {
  await judging;
  const verdict = await ask((light) => light.begin(checkpoint));
  if (verdict.state === "verified") await meetAnew();
  return verdict;
}
