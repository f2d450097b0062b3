// Random operations of the accounts module, some of them wrong on purpose.

import type { Operation } from "../module.ts";

const register: Operation = ({ random, newcomer }) => {
  const { account, key } = newcomer();
  // A small set of names, so that some are taken.
  return { type: "accounts/register", by: account, key, name: `Citizen ${random(200)}` };
};

export const workload: readonly Operation[] = [register];
