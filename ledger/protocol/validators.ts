// Wire types of the validators module: who votes on blocks, with how much power, and how they decide on that among themselves.
// Limits: 64 validators, powers of 1 to 1,000,000 (together far below CometBFT's 2^63 / 8), one open proposal an account.

import { z } from "zod";
import { accountIdSchema, nameSchema } from "./accounts.ts";
import { publicKeySchema } from "./keys.ts";

/** Validators that are active or jailed. */
export const seatsMax = 64;
const powerMax = 1_000_000;
/** Between two rotations of one validator's key: every key leaves a record for good. */
export const rotationMsMin = 600_000;
/** A new version of the state machine is announced at most this many blocks before. */
export const upgradeBlocksMax = 10_000_000;
/** The version of the state machine that a network begins with: header version.app. */
export const firstVersion = 1;

/** Genesis may set others. */
export const validatorParamsDefault = {
  /** How long a validator stays jailed at least. */
  jailMs: 3_600_000,
  /** How long a proposal waits for votes. */
  proposalMs: 7 * 86_400_000,
};

/** CometBFT's address of a key: the first 20 bytes of its SHA-256, lower-case hex. */
export const validatorAddressSchema = z.string().regex(/^[0-9a-f]{40}$/);
/** `<transaction id>.<message index>` of the message that proposed it. */
export const proposalIdSchema = z.string().regex(/^[0-9a-f]{64}\.(0|[1-9][0-9]?)$/);
export const powerSchema = z.number().int().min(1).max(powerMax);

/** What can be proposed. */
export const changeSchema = z.discriminatedUnion("kind", [
  /** A new validator, for which an account speaks. */
  z.strictObject({
    kind: z.literal("add"),
    key: publicKeySchema,
    power: powerSchema,
    account: accountIdSchema,
    name: nameSchema,
  }),
  /** Takes an active or jailed validator out for good. */
  z.strictObject({ kind: z.literal("remove"), address: validatorAddressSchema }),
  z.strictObject({ kind: z.literal("weigh"), address: validatorAddressSchema, power: powerSchema }),
  /** Lets a jailed validator vote again, with the power that the others give it. */
  z.strictObject({ kind: z.literal("release"), address: validatorAddressSchema, power: powerSchema }),
  /** From block `height` on the state machine is `version`. */
  z.strictObject({
    kind: z.literal("upgrade"),
    height: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    version: z.number().int().min(1).max(1_000_000),
  }),
]);
export type Change = Readonly<z.infer<typeof changeSchema>>;

/** Proposes a change; it is its proposer's vote for it as well. */
export const proposeSchema = z.strictObject({
  type: z.literal("validators/propose"),
  by: accountIdSchema,
  change: changeSchema,
});
/** A later vote of the same account takes the place of the one before. The proposer's no withdraws the proposal. */
export const voteSchema = z.strictObject({
  type: z.literal("validators/vote"),
  by: accountIdSchema,
  proposal: proposalIdSchema,
  yes: z.boolean(),
});
/** Puts a new key in the place of the validator's own. */
export const rotateKeySchema = z.strictObject({
  type: z.literal("validators/rotate-key"),
  by: accountIdSchema,
  key: publicKeySchema,
});
/** Ends being a validator. */
export const leaveSchema = z.strictObject({ type: z.literal("validators/leave"), by: accountIdSchema });

/** Refusals of the validators module: numbers 500 to 599, append-only (ledger/protocol/refusals.ts). */
export const validatorsRefusals = {
  validators_network_must_exist: 500,
  validators_account_must_have_seat: 501,
  validators_account_must_be_active: 502,
  validators_proposal_must_be_only_one: 503,
  validators_proposal_must_exist: 504,
  validators_key_must_be_sound: 505,
  validators_key_must_be_new: 506,
  validators_account_must_exist: 507,
  validators_account_must_be_free: 508,
  validators_seats_must_not_exceed_limit: 509,
  validators_validator_must_have_seat: 510,
  validators_validator_must_be_active: 511,
  validators_validator_must_be_jailed: 512,
  validators_jail_time_must_be_over: 513,
  validators_power_must_change: 514,
  validators_last_must_stay: 515,
  validators_change_must_be_small: 516,
  validators_upgrade_must_be_ahead: 517,
  validators_upgrade_version_must_rise: 518,
  validators_rotation_must_wait: 519,
} as const;

/** State `validators/validator/<address>`: one for every key that ever was a validator's. It never leaves the state. */
export interface ValidatorRecord {
  /** Ed25519, hex. */
  readonly key: string;
  /** What it votes with; 0 unless it is active. */
  readonly power: number;
  readonly account: string;
  readonly name: string;
  /** `replaced`: its account rotated to another key. */
  readonly state: "active" | "jailed" | "left" | "replaced";
  /** The block that brought it into this state; 0 for genesis. */
  readonly since: number;
  /** What it did up to this height has been judged: evidence of it jails nobody any more. */
  readonly judged: number;
  /** Only while it is jailed. */
  readonly jail?: { readonly reason: string; readonly height: number; readonly untilMs: number };
  /** Block time of the rotation that brought this key. */
  readonly rotatedMs?: number;
}

/** State `validators/seat/<account>`: the active or jailed validator for which the account speaks. */
export interface SeatRecord {
  readonly address: string;
  /** Its open proposal. */
  readonly proposal?: string;
}

/** State `validators/power`: of all active validators. */
export interface PowerRecord {
  readonly validators: number;
  readonly power: number;
  /** The last block that changed powers, the power before it, and what it gave and took. */
  readonly height: number;
  readonly before: number;
  readonly gained: number;
  readonly lost: number;
}

/** State `validators/proposal/<id>`: an open proposal. */
export interface ProposalRecord {
  readonly by: string;
  readonly change: Change;
  readonly expiresMs: number;
  /** By account. Counted with the power that its validator has when it is counted. */
  readonly votes: Readonly<Record<string, boolean>>;
}

/** State `validators/upgrade`: the last that was decided. `from` is the version before it. */
export interface UpgradeRecord {
  readonly height: number;
  readonly version: number;
  readonly from: number;
}

/** State `validators/params`. */
export interface ValidatorParamsRecord {
  readonly jailMs: number;
  readonly proposalMs: number;
}

/** State names of this module. */
export const validatorsState = {
  params: "validators/params",
  power: "validators/power",
  upgrade: "validators/upgrade",
  validator: (address: string): string => `validators/validator/${address}`,
  seat: (account: string): string => `validators/seat/${account}`,
  proposal: (id: string): string => `validators/proposal/${id}`,
  /** Holds `{}`; the time has 16 digits, so that names sort by it. */
  expiry: (expiresMs: number, id: string): string => `validators/expiry/${String(expiresMs).padStart(16, "0")}/${id}`,
};
