// Events of the validators module.

import { z } from "zod";
import { accountIdSchema } from "../../protocol/accounts.ts";
import { publicKeySchema } from "../../protocol/keys.ts";
import { type Change, changeSchema, proposalIdSchema, validatorAddressSchema } from "../../protocol/validators.ts";
import { countText, declareEvent, type EventType } from "../event.ts";

/** The change's members stand in it as texts, because a proposal leaves the state when it is closed. */
export const proposed = declareEvent("validators/proposed", {
  proposal: proposalIdSchema,
  by: accountIdSchema,
  expiresMs: countText,
  kind: z.enum(changeSchema.options.map(({ shape }) => shape.kind.value)),
  key: publicKeySchema.exactOptional(),
  power: countText.exactOptional(),
  account: accountIdSchema.exactOptional(),
  name: z.string().exactOptional(),
  address: validatorAddressSchema.exactOptional(),
  height: countText.exactOptional(),
  version: countText.exactOptional(),
});

/** A change as an event tells it. */
export function changeAttributes(change: Change): { readonly kind: Change["kind"] } & Readonly<Record<string, string>> {
  const texts = Object.entries(change).map(([name, value]) => [name, String(value)] as const);
  return { ...Object.fromEntries(texts), kind: change.kind };
}

export const voted = declareEvent("validators/voted", {
  proposal: proposalIdSchema,
  by: accountIdSchema,
  yes: z.enum(["true", "false"]),
});

export const closed = declareEvent("validators/closed", {
  proposal: proposalIdSchema,
  outcome: z.enum(["passed", "failed", "expired", "withdrawn"]),
});

/** A validator's state or power is another now. */
export const changed = declareEvent("validators/changed", {
  address: validatorAddressSchema,
  account: accountIdSchema,
  state: z.enum(["active", "jailed", "left", "replaced"]),
  power: countText,
});

/** CometBFT has proven what a validator did at a height. `jailed` is false for the last one, which must stay. */
export const misbehaved = declareEvent("validators/misbehaved", {
  address: validatorAddressSchema,
  account: accountIdSchema,
  kind: z.enum(["duplicate-vote", "light-client-attack"]),
  height: countText,
  jailed: z.enum(["true", "false"]),
});

export const upgradeDecided = declareEvent("validators/upgrade-decided", { height: countText, version: countText });

export const events: readonly EventType[] = [proposed, voted, closed, changed, misbehaved, upgradeDecided];
