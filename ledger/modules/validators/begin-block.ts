// Before a block's transactions: jails those that CometBFT proved to misbehave (VA-13, VA-14), then ends proposals whose time is over.

import type { StateReader } from "../../state/overlay.ts";
import type { Misbehaviour } from "../application.ts";
import type { BlockBegin } from "../module.ts";
import { misbehaved } from "./events.ts";
import { expiryIn, expiryPrefix, proposalIn } from "./expiry.ts";
import { close, paramsOf, powerOf, seatOf, validatorAt, withdraw, writeValidator } from "./record.ts";

/** Open proposals are at most as many as validators. */
const expiredPerBlockMax = 64;

export function beginBlock(execution: BlockBegin): void {
  for (const one of execution.misbehaviour) judge(execution, one);
  const { state, timeMs } = execution;
  for (const name of state.list(expiryPrefix, expiredPerBlockMax)) {
    if (expiryIn(name) > timeMs) return;
    close(execution, proposalIn(name), "expired");
  }
}

/** When the next proposal expires; null when there is none. */
export function nextExpiryMs(state: StateReader): number | null {
  const first = state.list(expiryPrefix, 1)[0];
  return first === undefined ? null : expiryIn(first);
}

function judge(execution: BlockBegin, { address: reported, kind, height }: Misbehaviour): void {
  const { state, timeMs } = execution;
  const known = validatorAt(state, reported);
  if (known === null || known.state === "left") return;
  // A new key does not shake off what the old one did.
  const address = known.state === "replaced" ? seatOf(state, known.account)?.address : reported;
  const validator = address === undefined ? null : validatorAt(state, address);
  if (address === undefined || validator?.state !== "active" || height <= validator.judged) return;
  const { account } = validator;
  const isLast = powerOf(state).validators === 1;
  const jailed = isLast ? "false" : "true";
  misbehaved.emit(execution, { address: reported, account, kind, height: `${height}`, jailed });
  if (isLast) return;
  withdraw(execution, account);
  const jail = { reason: kind, height, untilMs: timeMs + paramsOf(state).jailMs };
  writeValidator(execution, address, { ...validator, power: 0, state: "jailed", since: execution.height, jail });
}
