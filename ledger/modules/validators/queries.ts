// What the validators module answers. The powers are those of the state: CometBFT counts votes with them two blocks later.

import { z } from "zod";
import { accountIdSchema } from "../../protocol/accounts.ts";
import { nameCursorSchema } from "../../protocol/cursor.ts";
import {
  changeSchema,
  type ProposalRecord,
  proposalIdSchema,
  type UpgradeRecord,
  type ValidatorRecord,
  validatorAddressSchema,
  validatorsState,
} from "../../protocol/validators.ts";
import { wholeNumber } from "../../protocol/whole-number.ts";
import { bindQuery, NotThere, namesOfPage, type Query } from "../query.ts";

const pageMax = 100;
const whole = z.number().int();

const validatorRecord = z.object({
  key: z.string(),
  power: whole,
  account: accountIdSchema,
  name: z.string(),
  state: z.enum(["active", "jailed", "left", "replaced"]),
  since: whole,
  judged: whole,
  jail: z.object({ reason: z.string(), height: whole, untilMs: whole }).exactOptional(),
  rotatedMs: whole.exactOptional(),
}) satisfies z.ZodType<ValidatorRecord>;
const validatorAnswer = z.object({ address: validatorAddressSchema, record: validatorRecord });

const proposalAnswer = z.object({
  id: proposalIdSchema,
  record: z.object({
    by: accountIdSchema,
    change: changeSchema,
    expiresMs: whole,
    votes: z.record(accountIdSchema, z.boolean()),
  }) satisfies z.ZodType<ProposalRecord>,
});

const paging = z.object({
  limit: wholeNumber(1, pageMax).default(pageMax),
  cursor: nameCursorSchema.optional(),
  sort: z.enum(["asc", "desc"]).default("asc"),
});

const validators = bindQuery({
  path: "/v1/validators",
  summary: "The network's validators, also those that are jailed, have left or had another key; ordered by address",
  params: z.object({}),
  query: paging,
  answer: z.object({ validators: z.array(validatorAnswer), next: z.string().nullable() }),
  read: (reader, { query }) => {
    const prefix = validatorsState.validator("");
    const { names, next } = namesOfPage(reader, prefix, query);
    const one = (name: string) => ({ address: name.slice(prefix.length), record: reader.get<ValidatorRecord>(name)! });
    return { validators: names.map(one), next };
  },
});

const validator = bindQuery({
  path: "/v1/validators/{address}",
  summary: "One validator",
  params: z.object({ address: validatorAddressSchema }),
  query: z.object({}),
  answer: validatorAnswer,
  read: (reader, { params: { address } }) => {
    const record = reader.get<ValidatorRecord>(validatorsState.validator(address));
    return record === null ? new NotThere(`no validator ever had the address ${address}`) : { address, record };
  },
});

const proposals = bindQuery({
  path: "/v1/proposals",
  summary: "What validators have proposed and not decided; ordered by id",
  params: z.object({}),
  query: paging,
  answer: z.object({ proposals: z.array(proposalAnswer), next: z.string().nullable() }),
  read: (reader, { query }) => {
    const prefix = validatorsState.proposal("");
    const { names, next } = namesOfPage(reader, prefix, query);
    const one = (name: string) => ({ id: name.slice(prefix.length), record: reader.get<ProposalRecord>(name)! });
    return { proposals: names.map(one), next };
  },
});

const proposal = bindQuery({
  path: "/v1/proposals/{id}",
  summary: "One open proposal",
  params: z.object({ id: proposalIdSchema }),
  query: z.object({}),
  answer: proposalAnswer,
  read: (reader, { params: { id } }) => {
    const record = reader.get<ProposalRecord>(validatorsState.proposal(id));
    return record === null ? new NotThere(`no open proposal is ${id}`) : { id, record };
  },
});

const upgrade = bindQuery({
  path: "/v1/upgrade",
  summary: "The last upgrade of the state machine that the validators decided: from which block on, to which version",
  params: z.object({}),
  query: z.object({}),
  answer: z.object({ height: whole, version: whole, from: whole }),
  read: (reader) => reader.get<UpgradeRecord>(validatorsState.upgrade) ?? new NotThere("no upgrade has been decided"),
});

export const queries: readonly Query[] = [validators, validator, proposals, proposal, upgrade];
