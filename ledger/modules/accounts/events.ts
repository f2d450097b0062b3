// Events of the accounts module.

import { accountIdSchema, nameSchema } from "../../protocol/accounts.ts";
import { declareEvent, type EventType } from "../event.ts";

export const registered = declareEvent("accounts/registered", { account: accountIdSchema, name: nameSchema });

export const events: readonly EventType[] = [registered];
