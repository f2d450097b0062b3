// The accounts module: who citizens are. Rules: README.md.

import type { Module } from "../module.ts";
import { auditor } from "./auditor.ts";
import { events } from "./events.ts";
import { writeGenesis } from "./genesis.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { workload } from "./workload.ts";

export const accounts: Module = {
  name: "accounts",
  messages,
  events,
  queries,
  genesis: writeGenesis,
  invariants: [],
  workload,
  auditor,
};
