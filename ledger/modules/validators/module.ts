// The validators module: who votes on blocks, with which power, and how they decide on that. Rules: README.md.

import type { Module } from "../module.ts";
import { auditor } from "./auditor.ts";
import { beginBlock, nextExpiryMs } from "./begin-block.ts";
import { events } from "./events.ts";
import { writeGenesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { upgradeOf } from "./upgrade.ts";
import { validatorUpdates } from "./validator-updates.ts";
import { workload } from "./workload.ts";

export const validators: Module = {
  name: "validators",
  messages,
  events,
  queries,
  genesis: writeGenesis,
  beginBlock,
  wakeAtMs: nextExpiryMs,
  validatorUpdates,
  upgrade: upgradeOf,
  invariants,
  workload,
  auditor,
};
