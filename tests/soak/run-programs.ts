// Runs the soak's programs one after the other: `npm run test:soak -- --only ledger/` and the name of one of them.

import type { SoakProgram } from "./program.ts";
import { bundlesProgram } from "./programs/bundles.ts";
import { cityTimeProgram } from "./programs/city-time.ts";
import { killProgram } from "./programs/kill.ts";
import { requestsProgram } from "./programs/requests.ts";
import { transactionsProgram } from "./programs/transactions.ts";

export const enabledPrograms: readonly SoakProgram[] = [
  transactionsProgram,
  requestsProgram,
  killProgram,
  cityTimeProgram,
  bundlesProgram,
];

const progressSeconds = 10;

/** Answers how many failed. */
export async function runPrograms(
  programs: readonly SoakProgram[],
  seed: number,
  unitsOf: (program: SoakProgram) => number,
): Promise<number> {
  let failures = 0;
  for (const program of programs) {
    const units = unitsOf(program);
    const started = performance.now();
    const seconds = (): string => ((performance.now() - started) / 1000).toFixed(0);
    let shown = started;
    console.log(`${program.name}: seed ${seed}, ${units} units`);
    const progress = (done: number): void => {
      if (performance.now() - shown < progressSeconds * 1_000) return;
      shown = performance.now();
      console.log(`${seconds().padStart(6)} s  ${((100 * done) / units).toFixed(1).padStart(5)} %  ${program.name}`);
    };
    try {
      console.log(`${program.name}: ${await program.run({ seed, units, progress })}; ${seconds()} s`);
    } catch (error) {
      failures++;
      console.log(`FAILED  ${program.name}: ${(error as Error).stack}`);
      console.log(`        again: npm run test:soak -- --only ${program.name} --seed ${seed} --cases ${units}`);
    }
  }
  return failures;
}
