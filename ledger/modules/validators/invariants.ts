// Invariants of the validators module, each said per entry.

import {
  type PowerRecord,
  type ProposalRecord,
  type SeatRecord,
  type ValidatorRecord,
  validatorsState,
} from "../../protocol/validators.ts";
import { derived, numberOf } from "../derived-entries.ts";
import type { Invariant } from "../module.ts";
import { expiryPrefix } from "./expiry.ts";
import { addressOfKey } from "./new-key.ts";

const validatorPrefix = validatorsState.validator("");
const seatPrefix = validatorsState.seat("");
const proposalPrefix = validatorsState.proposal("");

const validatorIn = (name: string, record: unknown): ValidatorRecord | null =>
  name.startsWith(validatorPrefix) ? (record as ValidatorRecord) : null;

export const invariants: readonly Invariant[] = [
  {
    rule: "VA-2: the sum of power is that of the active validators",
    weigh: (name, record) => {
      if (name === validatorsState.power) return -BigInt((record as PowerRecord).power);
      return BigInt(validatorIn(name, record)?.power ?? 0);
    },
  },
  {
    rule: "VA-2: the active validators are counted",
    weigh: (name, record) => {
      if (name === validatorsState.power) return -BigInt((record as PowerRecord).validators);
      return validatorIn(name, record)?.state === "active" ? 1n : 0n;
    },
  },
  {
    rule: "VA-10: there is always an active validator",
    holds: (name, record) => name !== validatorsState.power || (record as PowerRecord).validators >= 1,
  },
  {
    rule: "VA-3: an address is its key's; power is the active ones' alone, and a jail the jailed ones'",
    holds: (name, record) => {
      const validator = validatorIn(name, record);
      if (validator === null) return true;
      const { key, power, state, jail } = validator;
      if (name !== validatorsState.validator(addressOfKey(key))) return false;
      return power > 0 === (state === "active") && (jail !== undefined) === (state === "jailed");
    },
  },
  derived<ValidatorRecord, SeatRecord>("VA-4: an active or jailed validator, and no other, has its account's seat", {
    from: validatorPrefix,
    prefix: seatPrefix,
    entriesOf: (address, { state, account }) =>
      state === "active" || state === "jailed" ? [`${account}=${address}`] : [],
    holding: ({ address }) => `=${address}`,
  }),
  {
    rule: "VA-5: an open proposal stands in its proposer's seat",
    weigh: (name, record) => {
      if (name.startsWith(proposalPrefix))
        return -numberOf(`${name.slice(proposalPrefix.length)} ${(record as ProposalRecord).by}`);
      const proposal = name.startsWith(seatPrefix) ? (record as SeatRecord).proposal : undefined;
      return proposal === undefined ? 0n : numberOf(`${proposal} ${name.slice(seatPrefix.length)}`);
    },
  },
  derived<ProposalRecord, unknown>("VA-8: every open proposal stands in the index of expiries at its time", {
    from: proposalPrefix,
    prefix: expiryPrefix,
    entriesOf: (id, { expiresMs }) => [validatorsState.expiry(expiresMs, id).slice(expiryPrefix.length)],
  }),
];
