// Random operations of the accounts module, some of them wrong on purpose.

import { type AccountRecord, accountsState } from "../../protocol/accounts.ts";
import type { Operation } from "../module.ts";

const register: Operation = ({ random, newcomer, citizens, state }) => {
  const known = citizens[random(citizens.length)]!;
  const record = random(15) === 0 ? state.get<AccountRecord>(accountsState.account(known)) : null;
  const { account, key } = record === null ? newcomer() : { account: known, key: record.keys[0]!.key };
  // A small set of names, so that some are taken.
  return { type: "accounts/register", by: account, key, name: `Citizen ${random(200)}` };
};

export const workload: readonly Operation[] = [register];
