// Who owns a name, and which name an account has, through the light client: what is done to a citizen is done to the proven one.

import { accountsState } from "../../ledger/protocol/accounts.ts";
import { RequestError } from "./http.ts";
import { ask } from "./light.ts";

/** The account that owns a name, proven. @throws {RequestError} with words for people when nobody does or the proof fails. */
export async function ownerOf(name: string): Promise<string> {
  const verdict = await ask((light) => light.verifyState(accountsState.name(name)));
  if (verdict.state !== "verified")
    throw new RequestError("refused", verdict.state, { refusal: "page_recipient_must_be_proven" });
  const owner = (verdict.value as { account?: unknown } | null)?.account;
  if (typeof owner !== "string") throw new RequestError("refused", name, { refusal: "money_recipient_must_exist" });
  return owner;
}

/** The name of an account, proven; null when that cannot be proven now. */
export async function provenNameOf(account: string): Promise<string | null> {
  const verdict = await ask((light) => light.verifyState(accountsState.account(account)));
  const name = verdict.state === "verified" ? (verdict.value as { name?: unknown } | null)?.name : null;
  return typeof name === "string" ? name : null;
}
