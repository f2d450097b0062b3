// Events of the accounts module. Attributes are strings.

import type { Execution } from "../module.ts";

export function registered(execution: Execution, account: string, name: string): void {
  execution.emit("accounts/registered", { account, name });
}
