// The golden app hashes: a seeded run over all modules, and the state's root after every 25th block and the last.

import { hex } from "../../ledger/protocol/bytes.ts";
import { LedgerSimulation } from "./ledger-simulation.ts";

const seed = 20_261_122;
const operations = 6_000;
const every = 25;

export async function goldenLines(): Promise<string[]> {
  const lines: string[] = [];
  const simulation = new LedgerSimulation({
    seed,
    onBlock: (height, appHash) => {
      if (height % every === 0) lines.push(`${height} ${hex(appHash)}`);
    },
  });
  await simulation.run(operations);
  lines.push(`${simulation.application.height} ${hex(simulation.application.appHash)}`);
  return lines;
}
