// Proof bundles of every kind, damaged 100,000 times: never one that is accepted with what is not so.

import { mutateBundles } from "../../../ledger/light/testing/bundle-mutations.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { seededNumbers } from "../../seeded-numbers.ts";
import type { SoakProgram } from "../program.ts";

export const bundlesProgram: SoakProgram = {
  name: "light/bundles",
  units: 100_000,
  async run({ seed, units, progress }) {
    const { refused, sound, harmless } = await mutateBundles(loadCore(), seededNumbers(seed), units, progress);
    return `${refused} refused, ${sound} sound and of strangers, ${harmless} harmless, none accepted that was not so`;
  },
};
