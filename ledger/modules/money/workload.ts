// Random operations of the money module, some of them wrong on purpose.

import { dayMs, type LimitsRecord, moneyState, type ReserveRecord, reserveMsMax } from "../../protocol/money.ts";
import type { Draw, Operation } from "../module.ts";
import { availableTo } from "./interface.ts";

const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw.random(items.length)]!;
const anyone = (draw: Draw): string => (draw.random(20) === 0 ? "00".repeat(20) : pick(draw, draw.citizens));

/** Mostly small sums, now and then all that may be spent or one unit too many; null when that is nothing. */
function anyAmount(draw: Draw, by: string): string | null {
  const amount =
    draw.random(8) === 0 ? availableTo(draw.state, by) + BigInt(draw.random(2)) : BigInt(1 + draw.random(1_000_000));
  return amount <= 0n ? null : amount.toString();
}

const transfer: Operation = (draw) => {
  const by = pick(draw, draw.citizens);
  const amount = anyAmount(draw, by);
  const note = draw.random(4) === 0 ? { note: `for ${draw.random(9)}` } : {};
  return amount === null ? null : { type: "money/transfer", by, to: anyone(draw), amount, ...note };
};

/** Mostly minutes; now and then a time that is over, or too far. */
function anyExpiry(draw: Draw): number {
  const kind = draw.random(12);
  if (kind === 0) return draw.timeMs + draw.random(2);
  if (kind === 1) return draw.timeMs + reserveMsMax + draw.random(dayMs);
  return draw.timeMs + 1_000 * draw.random(kind < 4 ? 2_000 : 200);
}

const reserve: Operation = (draw) => {
  const by = pick(draw, draw.citizens);
  const amount = anyAmount(draw, by);
  if (amount === null) return null;
  const to = anyone(draw);
  const parties = (own: string) => [...new Set([own, anyone(draw)].slice(0, 1 + draw.random(2)))];
  const mayPost = draw.random(2) === 0 ? { mayPost: parties(pick(draw, [by, to])) } : {};
  const mayVoid = draw.random(2) === 0 ? { mayVoid: parties(by) } : {};
  return { type: "money/reserve", by, to, amount, expiresMs: anyExpiry(draw), ...mayPost, ...mayVoid };
};

/** An open reserve with someone who may have a say in it, or has none. */
function anyReserve(draw: Draw): readonly [id: string, record: ReserveRecord, by: string] | null {
  const prefix = moneyState.reserve("");
  const name = pick(draw, draw.state.list(prefix, 100));
  if (name === undefined) return null;
  const record = draw.state.get<ReserveRecord>(name)!;
  const { from, to, mayPost = [], mayVoid = [] } = record;
  const by = draw.random(6) === 0 ? pick(draw, draw.citizens) : pick(draw, [to, to, from, ...mayPost, ...mayVoid]);
  const id = draw.random(30) === 0 ? `${"0".repeat(64)}.${draw.random(100)}` : name.slice(prefix.length);
  return [id, record, by];
}

const postReserved: Operation = (draw) => {
  const chosen = anyReserve(draw);
  if (chosen === null) return null;
  const [reserve, { amount }, by] = chosen;
  // One unit too many, all of it, or a little less.
  const part = BigInt(amount) + 1n - BigInt(draw.random(5));
  const some = draw.random(4) === 0 || part <= 0n ? {} : { amount: part.toString() };
  return { type: "money/post-reserved", by, reserve, ...some };
};

const voidReserved: Operation = (draw) => {
  const chosen = anyReserve(draw);
  return chosen === null ? null : { type: "money/void-reserved", by: chosen[2], reserve: chosen[0] };
};

/** Seldom, and mostly wide, so that not everything is refused. */
const setLimits: Operation = (draw) => {
  if (draw.random(3) > 0) return null;
  const perTransfer = draw.random(2) === 0 ? { perTransfer: (draw.random(5) * 600_000).toString() } : {};
  const perDay = draw.random(2) === 0 ? { perDay: (draw.random(5) * 6_000_000).toString() } : {};
  return { type: "money/set-limits", by: pick(draw, draw.citizens), ...perTransfer, ...perDay };
};

const cancelRaise: Operation = (draw) => {
  const prefix = moneyState.limits("");
  const waiting = draw.state
    .list(prefix, 100)
    .filter((name) => draw.state.get<LimitsRecord>(name)?.raise !== undefined)
    .map((name) => name.slice(prefix.length));
  if (waiting.length === 0 || draw.random(2) > 0) return null;
  return { type: "money/cancel-raise", by: draw.random(3) === 0 ? anyone(draw) : pick(draw, waiting) };
};

export const workload: readonly Operation[] = [
  transfer,
  reserve,
  reserve,
  postReserved,
  voidReserved,
  setLimits,
  cancelRaise,
];
