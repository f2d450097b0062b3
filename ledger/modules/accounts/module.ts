// The accounts module: who citizens are and what money they hold. Rules: README.md.

import type { Module } from "../module.ts";
import { writeGenesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { workload } from "./workload.ts";

export const accounts: Module = { name: "accounts", messages, genesis: writeGenesis, invariants, workload };
