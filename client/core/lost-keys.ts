// The side of a citizen who lost all keys: a new key on this device, the request for the guardians, and coming in as the citizen once
// the account has that key. The key is stored before it is shown to anyone: the page may be closed for days meanwhile.

import { accountsState } from "../../ledger/protocol/accounts.ts";
import type { GuardiansRecord } from "../../ledger/protocol/guardians.ts";
import { chain } from "./blocks.ts";
import { settle } from "./citizen.ts";
import { serverNow } from "./clock.ts";
import { guardiansEntry, standingAt } from "./guardians.ts";
import { RequestError } from "./http.ts";
import { type Identity, makeIdentity } from "./identity.ts";
import { forgetRecovery, storeRecovery } from "./identity-store.ts";
import { ledgerApi } from "./ledger-api.ts";
import { ask } from "./light.ts";
import { ownerOf } from "./name-owner.ts";
import { awaited, keysLost } from "./recovery-request.ts";

/** Makes the new key for the citizen of a name. @throws {RequestError} when nobody has the name, or no guardians. */
export async function askForRecovery(name: string): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  const account = await ownerOf(name);
  const verdict = await ask((light) => light.verifyState(guardiansEntry(account)));
  if (verdict.state !== "verified")
    throw new RequestError("refused", verdict.state, { refusal: "page_guardians_must_be_proven" });
  const { set } = standingAt(verdict.value as GuardiansRecord | null, serverNow());
  if (set === undefined) throw new RequestError("refused", name, { refusal: "page_account_must_have_guardians" });
  const registered = (await ledgerApi.account(account)).account.name;
  const fresh = await makeIdentity(chain.value.chain, Date.now());
  const identity: Identity = { ...fresh, account, name: registered };
  await storeRecovery(identity);
  awaited.value = identity;
}

/** Whether the account has this device's new key now, proven: then this device is its citizen. @throws {RequestError} */
export async function comeIn(identity: Identity): Promise<boolean> {
  const told = await ledgerApi.account(identity.account);
  if (!told.account.keys.some(({ key }) => key === identity.publicKey)) return false;
  const verdict = await ask((light) => light.verifyState(accountsState.account(identity.account)));
  // Fresh state is provable a block later; whoever asks again finds it then.
  const proven =
    verdict.state === "verified" ? (verdict.value as { keys?: readonly { key?: unknown }[] } | null) : null;
  if (proven?.keys?.some(({ key }) => key === identity.publicKey) !== true) return false;
  await settle({ ...identity, name: told.account.name }, told.account.name);
  await forgetRecovery(identity.chain);
  awaited.value = null;
  keysLost.value = false;
  return true;
}

/** Throws the new key away: what guardians have agreed to for it is of no use any more. */
export async function giveUp(identity: Identity): Promise<void> {
  await forgetRecovery(identity.chain);
  awaited.value = null;
}
