// The money module: balances by double entry, transfers in one and two phases, spending limits. Rules: README.md.

import type { Module } from "../module.ts";
import { auditor } from "./auditor.ts";
import { events } from "./events.ts";
import { expireReserves, nextExpiryMs } from "./expire-reserves.ts";
import { writeGenesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { workload } from "./workload.ts";

export const money: Module = {
  name: "money",
  messages,
  events,
  queries,
  genesis: writeGenesis,
  beginBlock: expireReserves,
  wakeAtMs: nextExpiryMs,
  invariants,
  workload,
  auditor,
};
