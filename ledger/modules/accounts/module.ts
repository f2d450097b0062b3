// The accounts module: who citizens are, by which keys they act, who can give them new ones, and what the city lets them do.
// Rules: README.md.

import type { Module } from "../module.ts";
import { auditor } from "./auditor.ts";
import { events } from "./events.ts";
import { writeGenesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { sweep } from "./sweep.ts";
import { workload } from "./workload.ts";

export const accounts: Module = {
  name: "accounts",
  messages,
  queries,
  events,
  genesis: writeGenesis,
  beginBlock: sweep,
  invariants,
  workload,
  auditor,
};
