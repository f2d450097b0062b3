// The modules of this ledger, in the order in which they begin a block and write genesis.

import { accounts } from "./accounts/module.ts";
import { energy } from "./energy/module.ts";
import { history } from "./history/module.ts";
import type { Module } from "./module.ts";
import { money } from "./money/module.ts";
import { telemetry } from "./telemetry/module.ts";
import { validators } from "./validators/module.ts";

export const enabledModules: readonly Module[] = [money, accounts, energy, telemetry, validators, history];
