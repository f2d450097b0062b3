// Transactions in words that a citizen can read. One sentence a message; what is not understood says so and can be seen raw.

import "./validator-words.ts";
import { messageSchema } from "../../ledger/protocol/transaction.ts";
import type { Change } from "../../ledger/protocol/validators.ts";
import { nameOf } from "./directory.ts";
import { clockTime, count, dateTime, energy, money, price } from "./format.ts";
import { t, words } from "./language.ts";

/** A slot as its start, in local time. */
export function slotLabel(slot: number, slotSeconds: number): string {
  return clockTime(slot * slotSeconds * 1000, slotSeconds < 60);
}

export interface WordContext {
  readonly slotSeconds: number;
  /** A device's name for people. */
  readonly deviceName: (device: string) => string;
  /** The anchor before, to say how many readings came; null when unknown. */
  readonly previousSize?: number | null;
}

/** One message as a sentence. */
export function messageWords(value: unknown, context: WordContext): string {
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) return t("message.unknown");
  const message = parsed.data;
  const by = nameOf(message.by);
  switch (message.type) {
    case "accounts/register":
      return t("message.register", { name: message.name });
    case "accounts/add-key":
      return t(message.scope === undefined ? "message.add-key" : "message.add-session-key", { by });
    case "accounts/remove-key":
      return t("message.remove-key", { by });
    case "accounts/replace-key":
      return t("message.replace-key", { by });
    case "accounts/grant-role":
    case "accounts/revoke-role": {
      const words = { by, account: nameOf(message.account), role: roleWords(message.role, message.scope) };
      if (message.type === "accounts/revoke-role") return t("message.revoke-role", words);
      return message.untilMs === undefined
        ? t("message.grant-role", words)
        : t("message.grant-role-until", { ...words, until: dateTime(message.untilMs) });
    }
    case "accounts/set-guardians":
      return message.members.length === 0
        ? t("message.no-guardians", { by })
        : t("message.set-guardians", {
            by,
            guardians: message.members.map((member) => nameOf(member)).join(", "),
            threshold: count(message.threshold),
          });
    case "accounts/propose-recovery":
    case "accounts/approve-recovery":
    case "accounts/complete-recovery":
      return t(recoveryWords[message.type], { by, account: nameOf(message.account) });
    case "accounts/veto-recovery":
      return t("message.veto-recovery", { by });
    case "money/transfer":
      return t("message.transfer", { by, to: nameOf(message.to), amount: money(message.amount) });
    case "money/reserve":
      return t("message.reserve", { by, to: nameOf(message.to), amount: money(message.amount) });
    case "money/post-reserved":
      return message.amount === undefined
        ? t("message.post-reserved", { by })
        : t("message.post-reserved-part", { by, amount: money(message.amount) });
    case "money/void-reserved":
      return t("message.void-reserved", { by });
    case "money/set-limits":
      return t("message.set-limits", { by });
    case "money/cancel-raise":
      return t("message.cancel-raise", { by });
    case "energy/link-meter":
      return t("message.link-meter", { by, meter: context.deviceName(message.meter) });
    case "energy/unlink-meter":
      return t("message.unlink-meter", { by, meter: context.deviceName(message.meter) });
    case "energy/offer":
    case "energy/bid":
      return t(message.type === "energy/offer" ? "message.offer" : "message.bid", {
        by,
        energy: energy(message.energyWh),
        price: price(message.price),
        slot: slotLabel(message.slot, context.slotSeconds),
      });
    case "energy/cancel-order":
      return t("message.cancel-order", { by, slot: slotLabel(message.slot, context.slotSeconds) });
    case "telemetry/register-device":
      return t("message.register-device", {
        device: context.deviceName(message.device),
        kind: words(`kind.${message.kind}`) ?? message.kind,
      });
    case "telemetry/anchor-log":
      return t("message.anchor-log", { size: count(message.size) });
    case "validators/propose":
      return changeWords(by, message.change);
    case "validators/vote":
      return t(message.yes ? "message.vote-yes" : "message.vote-no", { by, proposal: message.proposal });
    case "validators/rotate-key":
      return t("message.rotate-validator-key", { by, key: message.key });
    case "validators/leave":
      return t("message.leave-validators", { by });
  }
}

/** What a validator proposes, whole: who votes for it must see what it is. */
function changeWords(by: string, change: Change): string {
  switch (change.kind) {
    case "add": {
      const { name, key, account } = change;
      return t("message.propose-add", { by, name, key, account: nameOf(account), power: count(change.power) });
    }
    case "remove":
      return t("message.propose-remove", { by, address: change.address });
    case "weigh":
    case "release":
      return t(change.kind === "weigh" ? "message.propose-weigh" : "message.propose-release", {
        by,
        address: change.address,
        power: count(change.power),
      });
    case "upgrade":
      return t("message.propose-upgrade", { by, height: count(change.height), version: count(change.version) });
  }
}

const recoveryWords = {
  "accounts/propose-recovery": "message.propose-recovery",
  "accounts/approve-recovery": "message.approve-recovery",
  "accounts/complete-recovery": "message.complete-recovery",
} as const;

/** A role for people, with the part of the city that it is for. */
export function roleWords(role: string, scope: string | undefined): string {
  const name = words(`role.${role}`) ?? role;
  return scope === undefined ? name : `${name} (${scope})`;
}

interface LedgerEvent {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** An event as a sentence, or null for those that only repeat what a transaction says. */
export function eventWords({ type, attributes }: LedgerEvent, context: WordContext): string | null {
  if (type === "energy/trade") {
    const { seller, buyer, energyWh, price: perKwh } = attributes;
    if (seller === undefined || buyer === undefined || energyWh === undefined || perKwh === undefined) return null;
    return t("event.trade", {
      seller: nameOf(seller),
      buyer: nameOf(buyer),
      energy: energy(energyWh),
      price: price(perKwh),
    });
  }
  if (type === "money/expired") {
    const { from, to, released } = attributes;
    if (from === undefined || to === undefined || released === undefined) return null;
    return t("event.expired", { from: nameOf(from), to: nameOf(to), amount: money(released) });
  }
  if (type === "validators/misbehaved") {
    const { account, height, jailed } = attributes;
    if (account === undefined || height === undefined) return null;
    const words = { account: nameOf(account), height: count(Number(height)) };
    return t(jailed === "true" ? "event.jailed" : "event.misbehaved", words);
  }
  if (type !== "energy/slot-cleared") return null;
  const slot = Number(attributes["slot"]);
  const label = Number.isSafeInteger(slot) ? slotLabel(slot, context.slotSeconds) : "–";
  const traded = attributes["tradedWh"] ?? "0";
  if (attributes["price"] === undefined || traded === "0") return t("event.cleared-empty", { slot: label });
  return t("event.cleared", { slot: label, energy: energy(traded), price: price(attributes["price"]) });
}

/** A block's own events in words: what cleared before who traded with whom. */
export function eventLines(
  events: readonly LedgerEvent[],
  context: WordContext,
): readonly { readonly key: string; readonly text: string }[] {
  return events
    .map((event, number) => ({ key: String(number), type: event.type, text: eventWords(event, context) }))
    .filter((line): line is typeof line & { text: string } => line.text !== null)
    .sort((a, b) => Number(a.type === "energy/trade") - Number(b.type === "energy/trade"));
}
