// What every bench command shares: its one option, and lines on standard output.

import type { Line } from "./measure.ts";

/** `--quick` shortens everything for CI, where the bench must run but its figures are not judged. */
export const quick = process.argv.includes("--quick");

/** Prints a line; nothing else goes to standard output. */
export function print(result: Line): void {
  console.log(JSON.stringify(result));
}
