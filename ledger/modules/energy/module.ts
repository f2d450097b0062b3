// The energy module: offers and bids per slot, cleared at one price. Rules: README.md.

import type { Module } from "../module.ts";
import { auditor } from "./auditor.ts";
import { clearEndedSlots } from "./clear-slots.ts";
import { events } from "./events.ts";
import { forgetOldSlots } from "./forget-slots.ts";
import { writeGenesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { openSlotsOf, paramsOf, slotEndMs } from "./state.ts";
import { workload } from "./workload.ts";

export const energy: Module = {
  name: "energy",
  messages,
  queries,
  events,
  genesis: writeGenesis,
  beginBlock: (execution) => {
    clearEndedSlots(execution);
    forgetOldSlots(execution);
  },
  wakeAtMs: (state) => {
    const first = openSlotsOf(state)[0];
    return first === undefined ? null : slotEndMs(paramsOf(state), first);
  },
  invariants,
  workload,
  auditor,
};
