// The money module: balances and their movements. Rules: README.md.

import type { Module } from "../module.ts";
import { events } from "./events.ts";
import { writeGenesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { workload } from "./workload.ts";

export const money: Module = { name: "money", messages, events, genesis: writeGenesis, invariants, workload };
