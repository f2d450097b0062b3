// The telemetry module: the register of devices and the anchors of the telemetry log. Rules: README.md.

import type { Module } from "../module.ts";
import { auditor } from "./auditor.ts";
import { events } from "./events.ts";
import { invariants } from "./invariants.ts";
import { messages } from "./messages.ts";
import { queries } from "./queries.ts";
import { workload } from "./workload.ts";

export const telemetry: Module = { name: "telemetry", messages, events, queries, invariants, workload, auditor };
