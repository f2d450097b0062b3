// Guardians as the ledger tells them: the own account's, and the accounts that this citizen guards. Read again when a block names one
// of them and every 20 seconds. At most 50 guarded accounts, the newest of them: anybody may name anybody a guardian.

import { signal } from "@preact/signals";
import { z } from "zod";
import { accountIdSchema, accountsState } from "../../ledger/protocol/accounts.ts";
import {
  type GuardianSet,
  type GuardiansRecord,
  guardiansRecordSchema,
  type RecoveryProposal,
} from "../../ledger/protocol/guardians.ts";
import { onBlock } from "./blocks.ts";
import { self } from "./citizen.ts";
import { explain, request } from "./http.ts";
import { type BlockSummary, ledgerApi, ledgerUrl } from "./ledger-api.ts";

export const guardedMax = 50;
/** Pages of a hundred events that are read to find whom one guards. */
const pagesMax = 3;
const pauseMs = 20_000;

export interface Guarded {
  readonly account: string;
  readonly record: GuardiansRecord | null;
}

export const ownGuardians = signal<Guarded | null>(null);
/** Accounts that have named this citizen, in force or waiting; null until they have been read. */
export const guarded = signal<readonly Guarded[] | null>(null);
export const guardiansProblem = signal<string | null>(null);

const guardiansSchema = z.object({ account: accountIdSchema, guardians: guardiansRecordSchema.nullable() });
const historySchema = z.object({
  events: z.array(z.object({ time: z.string().max(40), attributes: z.record(z.string(), z.string()) })).max(1000),
  next: z.string().max(600).nullable(),
});

const history = (query: string): Promise<z.infer<typeof historySchema>> =>
  request(`${ledgerUrl}/v1/events/history?${query}`, historySchema);

/** The guardians of an account, as the server tells them. @throws {RequestError} */
export async function guardiansOf(account: string): Promise<Guarded> {
  const answer = await request(`${ledgerUrl}/v1/accounts/${encodeURIComponent(account)}/guardians`, guardiansSchema);
  return { account, record: answer.guardians };
}

/** When an owner last vetoed, UNIX ms; null when never. @throws {RequestError} */
export async function lastVeto(account: string): Promise<number | null> {
  const { events } = await history(`limit=1&event=accounts/recovery-vetoed.account=${account}`);
  const time = events[0] === undefined ? Number.NaN : Date.parse(events[0].time);
  return Number.isFinite(time) ? time : null;
}

/** The shortest delay that this city allows, ms. @throws {RequestError} */
export async function shortestDelay(): Promise<number> {
  const params = z.object({ guardianDelayMsMin: z.number().int().min(0) });
  return params.parse(await ledgerApi.entry("accounts/params")).guardianDelayMsMin;
}

/** Accounts that have ever named this one, the newest first. */
async function namedBy(guardian: string): Promise<readonly string[]> {
  const found = new Set<string>();
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax && found.size < guardedMax; page++) {
    const from: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await history(`limit=100&event=accounts/guardian-named.guardian=${guardian}${from}`);
    for (const { attributes } of answer.events)
      if (attributes["account"] !== undefined) found.add(attributes["account"]);
    cursor = answer.next;
    if (cursor === null) break;
  }
  return [...found].slice(0, guardedMax);
}

const names = (set: GuardianSet | undefined, account: string): boolean => set?.members.includes(account) === true;

let asked = 0;
let applied = 0;

/** Reads both sides now. Failures are kept for the panel; an answer that a later one has overtaken is dropped. */
export async function refreshGuardians(): Promise<void> {
  const own = self()?.account;
  if (own === undefined) return;
  asked += 1;
  const turn = asked;
  try {
    const [mine, accounts] = await Promise.all([guardiansOf(own), namedBy(own)]);
    const all = await Promise.all(accounts.map(guardiansOf));
    if (turn < applied || self()?.account !== own) return;
    applied = turn;
    ownGuardians.value = mine;
    guarded.value = all.filter(({ record }) => names(record?.set, own) || names(record?.change?.set, own));
    guardiansProblem.value = null;
  } catch (error) {
    // What failed says nothing once a later question has been answered.
    if (turn >= applied) guardiansProblem.value = explain(error);
  }
}

/** Whether a block may have changed what is known of these accounts, or have named this citizen a guardian. */
export function touchesGuardians(block: Pick<BlockSummary, "transactions">, accounts: ReadonlySet<string>): boolean {
  return block.transactions.some(({ code, messages }) => {
    if (code !== 0) return false;
    return messages.some((message) => {
      if (typeof message !== "object" || message === null) return false;
      const { type, by, account, members } = message as Readonly<Record<string, unknown>>;
      if (typeof type !== "string" || !/^accounts\/(?:set-guardians|[a-z]+-recovery)$/.test(type)) return false;
      const named = [by, account, ...(Array.isArray(members) ? members : [])];
      return named.some((one) => typeof one === "string" && accounts.has(one));
    });
  });
}

/** Follows both sides until the returned function is called. */
export function followGuardians(): () => void {
  ownGuardians.value = null;
  guarded.value = null;
  void refreshGuardians();
  const timer = setInterval(() => void refreshGuardians(), pauseMs);
  const stop = onBlock((block) => {
    const own = self()?.account;
    if (own === undefined) return;
    const accounts = new Set([own, ...(guarded.peek() ?? []).map(({ account }) => account)]);
    if (touchesGuardians(block, accounts)) void refreshGuardians();
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}

/** What time alone has changed since a record was written, as the ledger will write it (AC-17, AC-22). */
export function standingAt(record: GuardiansRecord | null, timeMs: number): GuardiansRecord {
  const { set, change, proposals = [] } = record ?? {};
  const open = proposals.filter(({ expiresMs }) => timeMs < expiresMs);
  const due =
    change !== undefined &&
    change.effectiveMs <= timeMs &&
    open.every(({ completableMs }) => completableMs === undefined);
  const inForce = due ? change.set : set;
  return {
    ...(inForce === undefined || inForce.members.length === 0 ? {} : { set: inForce }),
    ...(change === undefined || due ? {} : { change }),
    ...(open.length === 0 || due ? {} : { proposals: open }),
  };
}

/**
 * How far a recovery has come: it gathers approvals, leaves the owner time to object, or can be completed. The time is the ledger's,
 * which lies behind the clock: by the clock it would be called due while the next block still refuses it.
 */
export function stageOf({ completableMs }: RecoveryProposal, timeMs: number): "gathering" | "waiting" | "due" {
  if (completableMs === undefined) return "gathering";
  return timeMs < completableMs ? "waiting" : "due";
}

export const guardiansEntry = accountsState.guardians;
