// What the accounts module answers: who is registered, with what other modules keep under the account's id.

import { z } from "zod";
import {
  type AccountRecord,
  accountIdSchema,
  accountsState,
  nameSchema,
  roleGrantSchema,
  roles,
} from "../../protocol/accounts.ts";
import { nameCursorSchema } from "../../protocol/cursor.ts";
import { type EnergyBalanceRecord, energyState } from "../../protocol/energy.ts";
import { type GuardiansRecord, guardiansRecordSchema } from "../../protocol/guardians.ts";
import { keyRecordSchema } from "../../protocol/keys.ts";
import { type BalanceRecord, moneyState, postedIn } from "../../protocol/money.ts";
import type { AccountAnswer, AccountsAnswer } from "../../protocol/rest.ts";
import { wholeNumber } from "../../protocol/whole-number.ts";
import { bindQuery, NotThere, namesOfPage, type Query, type QueryReader } from "../query.ts";

const prefix = accountsState.account("");

const accountRecordSchema = z.object({
  name: z.string(),
  keys: z.array(keyRecordSchema).readonly(),
  roles: z.array(roleGrantSchema).readonly(),
  registered: z.number().int().min(0),
}) satisfies z.ZodType<AccountRecord>;

export const accountAnswerSchema = z.object({
  id: accountIdSchema,
  account: accountRecordSchema,
  money: z
    .string()
    .regex(/^-?[0-9]+$/)
    .describe("micro-units; 1000000 is 1.00"),
  energyWh: z.string().describe("net, bought less sold"),
  meter: z.string().nullable(),
}) satisfies z.ZodType<AccountAnswer>;

const accountsAnswerSchema = z.object({
  accounts: z.array(z.object({ id: accountIdSchema, account: accountRecordSchema })),
  next: z.string().nullable(),
}) satisfies z.ZodType<AccountsAnswer>;

const account = bindQuery({
  path: "/v1/accounts/{id}",
  summary: "One account by its id",
  params: z.object({ id: accountIdSchema }),
  query: z.object({}),
  answer: accountAnswerSchema,
  read: (reader, { params: { id } }) => accountOf(reader, id) ?? new NotThere(`there is no account ${id}`),
});

const accountByName = bindQuery({
  path: "/v1/names/{name}",
  summary: "The account that has a name; case does not matter",
  params: z.object({ name: nameSchema }),
  query: z.object({}),
  answer: accountAnswerSchema,
  read: (reader, { params: { name } }) => {
    const holder = reader.get<{ readonly account: string }>(accountsState.name(name));
    const found = holder === null ? null : accountOf(reader, holder.account);
    return found ?? new NotThere(`nobody has the name ${name}`);
  },
});

const accounts = bindQuery({
  path: "/v1/accounts",
  summary: "Accounts by id, all or those with a role, for whatever part of the city",
  params: z.object({}),
  query: z.object({
    limit: wholeNumber(1, 100).default(20),
    cursor: nameCursorSchema.optional(),
    sort: z.enum(["asc", "desc"]).default("asc"),
    role: z.enum(roles).optional(),
  }),
  answer: accountsAnswerSchema,
  read: (reader, { query: { role, ...page } }) => {
    const walked = role === undefined ? prefix : accountsState.roleHolder(role, "");
    const { names, next } = namesOfPage(reader, walked, page);
    const ids = names.map((name) => name.slice(walked.length));
    return {
      accounts: ids.map((id) => ({ id, account: reader.get<AccountRecord>(accountsState.account(id))! })),
      next,
    };
  },
});

const guardians = bindQuery({
  path: "/v1/accounts/{id}/guardians",
  summary: "The guardians of an account, and the recoveries they propose; null when there are none",
  params: z.object({ id: accountIdSchema }),
  query: z.object({}),
  answer: z.object({ account: accountIdSchema, guardians: guardiansRecordSchema.nullable() }),
  read: (reader, { params: { id } }) => ({
    account: id,
    guardians: reader.get<GuardiansRecord>(accountsState.guardians(id)),
  }),
});

export const queries: readonly Query[] = [accounts, account, accountByName, guardians];

function accountOf(reader: QueryReader, id: string): AccountAnswer | null {
  const record = reader.get<AccountRecord>(accountsState.account(id));
  if (record === null) return null;
  return {
    id,
    account: record,
    money: postedIn(reader.get<BalanceRecord>(moneyState.balance(id))).toString(),
    energyWh: reader.get<EnergyBalanceRecord>(energyState.balance(id))?.energyWh ?? "0",
    meter: reader.get<{ readonly meter: string }>(energyState.meterOf(id))?.meter ?? null,
  };
}
