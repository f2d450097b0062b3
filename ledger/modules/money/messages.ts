// Messages of the money module.

import { transferSchema } from "../../protocol/money.ts";
import { bind, type MessageBinding } from "../module.ts";
import { transfer } from "./transfer.ts";

export const messages: readonly MessageBinding[] = [bind("money/transfer", transferSchema, transfer)];
