// Messages of the accounts module.

import { registerSchema, transferSchema } from "../../protocol/accounts.ts";
import { bind, type MessageBinding } from "../module.ts";
import { register } from "./register.ts";
import { transfer } from "./transfer.ts";

export const messages: readonly MessageBinding[] = [
  bind("accounts/register", registerSchema, register),
  bind("accounts/transfer", transferSchema, transfer),
];
