// Messages of the accounts module.

import { registerSchema } from "../../protocol/accounts.ts";
import { bind, type MessageBinding } from "../module.ts";
import { register } from "./register.ts";

export const messages: readonly MessageBinding[] = [bind("accounts/register", registerSchema, register)];
