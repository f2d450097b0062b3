// Executes messages against an overlay: all of a transaction's messages apply, or none (TX-15, TX-16).

import { type Refusal, refuse } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import type { Message } from "../protocol/transaction.ts";
import { Overlay, type StateReader, type StateWriter } from "../state/overlay.ts";
import { accountOf } from "./accounts/interface.ts";
import type { EventType } from "./event.ts";
import type { Execution, MessageBinding, Module } from "./module.ts";
import type { Decoded } from "./transactions/decode.ts";
import { type Session, SessionMeter } from "./transactions/sessions.ts";

/** Where a block stands in time. */
export interface Moment {
  readonly height: number;
  readonly timeMs: number;
  readonly timeMsLatest: number;
}

/** What the modules declare, by type. */
export interface Declared {
  readonly bindings: ReadonlyMap<string, MessageBinding>;
  readonly events: ReadonlyMap<string, EventType>;
}

/** @throws {Error} when two modules claim one type, or a module a type that is not named after it. */
export function declaredBy(modules: readonly Module[]): Declared {
  return { bindings: byType(modules, ({ messages }) => messages), events: byType(modules, ({ events }) => events) };
}

function byType<T extends { readonly type: string }>(
  modules: readonly Module[],
  declared: (module: Module) => readonly T[],
): ReadonlyMap<string, T> {
  const all = new Map<string, T>();
  for (const module of modules) {
    for (const one of declared(module)) {
      if (all.has(one.type)) throw new Error(`two modules claim ${one.type}`);
      if (!one.type.startsWith(`${module.name}/`)) throw new Error(`${one.type} is not the ${module.name} module's`);
      all.set(one.type, one);
    }
  }
  return all;
}

/** An execution that collects its events. One that is not declared, or not in the form declared, is a bug and throws. */
export function executionOn(
  declared: Declared,
  state: StateWriter,
  moment: Moment,
): Execution & { readonly events: LedgerEvent[] } {
  const events: LedgerEvent[] = [];
  const emit: Execution["emit"] = (type, attributes) => {
    const parsed = declared.events.get(type)?.attributes.safeParse(attributes);
    if (parsed === undefined) throw new Error(`no module declares the event ${type}`);
    if (!parsed.success) throw new Error(`the event ${type} is not in its form: ${parsed.error.message}`);
    events.push({ type, attributes });
  };
  return { ...moment, state, events, emit };
}

/**
 * Whether the account is there and its key still is: messages before may have taken it away. Else whoever holds a lost key could
 * enter another one behind the recovery that was to end it.
 */
function refuseActor(state: StateReader, { type, by }: Message, key: string | undefined): Refusal | null {
  if (type === "accounts/register") return null;
  const account = accountOf(state, by);
  if (account === null) return refuse("accounts_account_must_exist", { account: by });
  if (account.keys.some((known) => known.key === key)) return null;
  return refuse("transaction_key_must_belong_to_account", { account: by });
}

/** Runs a transaction's messages; writes to `state` only when all apply, and session keys may move what they moved. */
export function applyMessages(
  declared: Declared,
  state: StateWriter,
  moment: Moment,
  decoded: Decoded,
  sessions: readonly Session[],
): { readonly refusal: Refusal | null; readonly events: readonly LedgerEvent[] } {
  const overlay = new Overlay(state);
  const execution = executionOn(declared, overlay, moment);
  const meter = new SessionMeter(state, sessions);
  const keys = new Map(decoded.transaction.auth.map(({ by, key }) => [by, key]));
  for (const [messageIndex, message] of decoded.transaction.body.messages.entries()) {
    const binding = declared.bindings.get(message.type);
    if (binding === undefined) throw new Error(`no module handles ${message.type}`);
    const refusal =
      refuseActor(overlay, message, keys.get(message.by)) ??
      binding.apply({ ...execution, transactionId: decoded.id, messageIndex }, message);
    if (refusal !== null) {
      const several = decoded.transaction.body.messages.length > 1;
      return {
        refusal: several ? { ...refusal, params: { ...refusal.params, message: messageIndex } } : refusal,
        events: [],
      };
    }
    meter.note(overlay, message.by);
  }
  const beyond = meter.charge(overlay);
  if (beyond !== null) return { refusal: beyond, events: [] };
  overlay.mergeInto(state);
  return { refusal: null, events: execution.events };
}
