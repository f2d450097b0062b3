// 24 virtual hours of random workload through the real engine and store.

import { runCityTime } from "../../simulation/city-time.ts";
import type { SoakProgram } from "../program.ts";

export const cityTimeProgram: SoakProgram = {
  name: "ledger/city-time",
  units: 24 * 60,
  run: ({ seed, units, progress }) => runCityTime(units, seed, progress),
};
