// Executes messages against an overlay: all of a transaction's messages apply, or none (TX-15, TX-16).

import { type Refusal, refuse } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import { Overlay, type StateWriter } from "../state/overlay.ts";
import { accountOf } from "./accounts/interface.ts";
import type { Execution, MessageBinding, Module } from "./module.ts";
import type { Decoded } from "./transactions/decode.ts";

/** Where a block stands in time. */
export interface Moment {
  readonly height: number;
  readonly timeMs: number;
  readonly timeMsLatest: number;
}

/** An execution that collects its events. */
export function executionOn(state: StateWriter, moment: Moment): Execution & { readonly events: LedgerEvent[] } {
  const events: LedgerEvent[] = [];
  return { ...moment, state, events, emit: (type, attributes) => events.push({ type, attributes }) };
}

/** Handlers by message type. @throws {Error} when two modules claim one type. */
export function bindingsOf(modules: readonly Module[]): ReadonlyMap<string, MessageBinding> {
  const bindings = new Map<string, MessageBinding>();
  for (const binding of modules.flatMap(({ messages }) => messages)) {
    if (bindings.has(binding.type)) throw new Error(`two modules claim ${binding.type}`);
    bindings.set(binding.type, binding);
  }
  return bindings;
}

/** Runs a transaction's messages; writes to `state` only when all apply. */
export function applyMessages(
  bindings: ReadonlyMap<string, MessageBinding>,
  state: StateWriter,
  moment: Moment,
  decoded: Decoded,
): { readonly refusal: Refusal | null; readonly events: readonly LedgerEvent[] } {
  const overlay = new Overlay(state);
  const execution = executionOn(overlay, moment);
  for (const [messageIndex, message] of decoded.transaction.body.messages.entries()) {
    const binding = bindings.get(message.type);
    if (binding === undefined) throw new Error(`no module handles ${message.type}`);
    const refusal =
      message.type !== "accounts/register" && accountOf(overlay, message.by) === null
        ? refuse("accounts_account_must_exist", { account: message.by })
        : binding.apply({ ...execution, transactionId: decoded.id, messageIndex }, message);
    if (refusal !== null) {
      const several = decoded.transaction.body.messages.length > 1;
      return {
        refusal: several ? { ...refusal, params: { ...refusal.params, message: messageIndex } } : refusal,
        events: [],
      };
    }
  }
  overlay.mergeInto(state);
  return { refusal: null, events: execution.events };
}
