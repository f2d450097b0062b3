// Messages of the money module.

import {
  cancelRaiseSchema,
  postReservedSchema,
  reserveSchema,
  setLimitsSchema,
  transferSchema,
  voidReservedSchema,
} from "../../protocol/money.ts";
import { bind, type MessageBinding } from "../module.ts";
import { postReserved } from "./post-reserved.ts";
import { reserve } from "./reserve.ts";
import { cancelRaise, setLimits } from "./set-limits.ts";
import { transfer } from "./transfer.ts";
import { voidReserved } from "./void-reserved.ts";

export const messages: readonly MessageBinding[] = [
  bind("money/transfer", transferSchema, transfer),
  bind("money/reserve", reserveSchema, reserve),
  bind("money/post-reserved", postReservedSchema, postReserved),
  bind("money/void-reserved", voidReservedSchema, voidReserved),
  bind("money/set-limits", setLimitsSchema, setLimits),
  bind("money/cancel-raise", cancelRaiseSchema, cancelRaise),
];
