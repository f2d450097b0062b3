// Wire types of guardians: accounts that together can give an owner who lost all keys a new one, after a delay in which a key of
// the owner can veto. Limits: 8 guardians, one proposal a guardian, delays up to 90 days.

import { z } from "zod";
import { accountIdSchema } from "./accounts.ts";
import { namesOneKey, namesOneKeyProblem, publicKeyMembers } from "./keys.ts";

export const guardiansMax = 8;
export const guardianDelayMsMax = 90 * 86_400_000;

const guardianSetMembers = {
  members: z
    .array(accountIdSchema)
    .max(guardiansMax)
    .refine((members) => new Set(members).size === members.length, "each guardian once"),
  /** Guardians who must approve a recovery. */
  threshold: z.number().int().min(0).max(guardiansMax),
  /** Between a recovery's last approval and its completion, and between a change of guardians and its effect; milliseconds. */
  delayMs: z.number().int().min(0).max(guardianDelayMsMax),
};
const reachable = ({
  members,
  threshold,
}: {
  readonly members: readonly string[];
  readonly threshold: number;
}): boolean => (members.length === 0 ? threshold === 0 : threshold >= 1 && threshold <= members.length);
const reachableProblem = "threshold must be from 1 to the number of guardians, or 0 when there are none";

/**
 * Sets who the guardians are; no members takes them all away. Holds at once where there are none, else after the delay of those in
 * force. What was set before and still waits is replaced; setting those in force withdraws it.
 */
export const setGuardiansSchema = z
  .strictObject({ type: z.literal("accounts/set-guardians"), by: accountIdSchema, ...guardianSetMembers })
  .refine(reachable, reachableProblem);
/** A message about making exactly this key, of a passkey with exactly this `rpId`, the account's only one. */
const recoverySchema = <Type extends string>(type: Type) =>
  z
    .strictObject({ type: z.literal(type), by: accountIdSchema, account: accountIdSchema, ...publicKeyMembers })
    .refine(namesOneKey, namesOneKeyProblem);
/** A guardian proposes the key that shall be the account's only one, and approves it. Replaces the guardian's own proposal. */
export const proposeRecoverySchema = recoverySchema("accounts/propose-recovery");
/** Another guardian approves the proposal of exactly this key, of a passkey with exactly this `rpId`: with another one it would be of no use. */
export const approveRecoverySchema = recoverySchema("accounts/approve-recovery");
/** Whoever it is completes an approved recovery when its delay is over: the new key takes the place of all others. */
export const completeRecoverySchema = recoverySchema("accounts/complete-recovery");
/** The owner vetoes every recovery whose delay is not over. */
export const vetoRecoverySchema = z.strictObject({ type: z.literal("accounts/veto-recovery"), by: accountIdSchema });

const guardianSetSchema = z.strictObject(guardianSetMembers).refine(reachable, reachableProblem);
export type GuardianSet = z.infer<typeof guardianSetSchema>;

const proposalSchema = z
  .strictObject({
    by: accountIdSchema,
    ...publicKeyMembers,
    /** Guardians, the proposer first. */
    approvals: z.array(accountIdSchema).min(1).max(guardiansMax),
    /** Block time from which it can be completed, once it has enough approvals. */
    completableMs: z.number().int().min(0).exactOptional(),
    /** Block time at which it is stale. */
    expiresMs: z.number().int().min(0),
  })
  .refine(namesOneKey, namesOneKeyProblem);
export type RecoveryProposal = Readonly<z.infer<typeof proposalSchema>>;

/** Whether a proposal is of a key: of a passkey with its relying party. */
export function proposes(proposal: RecoveryProposal, { key, rpId }: Pick<RecoveryProposal, "key" | "rpId">): boolean {
  return proposal.key === key && proposal.rpId === rpId;
}

/** State `accounts/guardians/<account>`; there while one of its members is. */
export const guardiansRecordSchema = z.strictObject({
  /** Those in force. */
  set: guardianSetSchema.exactOptional(),
  /** What takes their place at a block time, once no approved recovery runs. */
  change: z.strictObject({ set: guardianSetSchema, effectiveMs: z.number().int().min(0) }).exactOptional(),
  proposals: z.array(proposalSchema).min(1).max(guardiansMax).exactOptional(),
});
export type GuardiansRecord = Readonly<z.infer<typeof guardiansRecordSchema>>;
