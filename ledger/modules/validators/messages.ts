// Messages of the validators module.

import { leaveSchema, proposeSchema, rotateKeySchema, voteSchema } from "../../protocol/validators.ts";
import { bind, type MessageBinding } from "../module.ts";
import { leave } from "./leave.ts";
import { propose } from "./propose.ts";
import { rotateKey } from "./rotate-key.ts";
import { vote } from "./vote.ts";

export const messages: readonly MessageBinding[] = [
  bind("validators/propose", proposeSchema, propose),
  bind("validators/vote", voteSchema, vote),
  bind("validators/rotate-key", rotateKeySchema, rotateKey),
  bind("validators/leave", leaveSchema, leave),
];
