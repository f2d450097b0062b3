// energy/cancel-order: withdraws an open order; a bid's held money returns (EN-9).

import type { z } from "zod";
import { type cancelOrderSchema, energyState, type OrderRecord } from "../../protocol/energy.ts";
import { type Refusal, refuse } from "../../protocol/refusals.ts";
import type { MessageExecution } from "../module.ts";
import { settle } from "../money/interface.ts";
import { orderCancelled } from "./events.ts";
import { type BookRecord, book, holdOf } from "./state.ts";

export function cancelOrder(execution: MessageExecution, message: z.infer<typeof cancelOrderSchema>): Refusal | null {
  const { state } = execution;
  const { by, slot, order } = message;
  const name = energyState.order(slot, order);
  const record = state.get<OrderRecord>(name);
  if (record === null) return refuse("energy_order_must_exist", { slot, order });
  if (record.by !== by) return refuse("energy_order_must_belong_to_account", { order });
  settle(execution, holdOf(record), []);
  state.remove(name);
  const mine = state.get<BookRecord>(book(slot, by));
  if (mine === null) throw new Error(`the open order ${order} is in no book`);
  // What was placed stays counted, so that placing and cancelling cannot fill the slot.
  state.set(book(slot, by), {
    placed: mine.placed,
    open: mine.open.filter((open) => open.order !== order),
  } satisfies BookRecord);
  orderCancelled.emit(execution, { slot: slot.toString(), order, by });
  return null;
}
