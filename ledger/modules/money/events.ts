// Events of the money module. Attributes are strings.

import type { Execution } from "../module.ts";

export function transferred(execution: Execution, from: string, to: string, amount: string): void {
  execution.emit("money/transferred", { from, to, amount });
}
