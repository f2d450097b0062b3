// kill -9 of the ledger process, 200 times at random moments under load.

import { killAndCheck } from "../../simulation/kill-ledger.ts";
import type { SoakProgram } from "../program.ts";

export const killProgram: SoakProgram = {
  name: "ledger/kill",
  units: 200,
  run: async ({ seed, units, progress }) => {
    const { acknowledged, blocks, appHash } = await killAndCheck(units, seed, progress);
    return `${units} kills, ${acknowledged} acknowledged transactions, ${blocks} blocks, app hash ${appHash}`;
  },
};
