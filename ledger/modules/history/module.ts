// The history module: one tree of all headers and of what blocks themselves told of, whose root stands in the state. Rules: README.md.

import type { Module } from "../module.ts";
import { appendBlock, beginHistory } from "./append-block.ts";
import { auditor } from "./auditor.ts";
import { invariants } from "./invariants.ts";

export const history: Module = {
  name: "history",
  messages: [],
  events: [],
  genesis: beginHistory,
  endBlock: appendBlock,
  invariants,
  workload: [],
  auditor,
};
