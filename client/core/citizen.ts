// Who the citizen of this page is: finding or making the key, registering the name, sending signed transactions.
// A transaction is built once and sent up to three times when no answer comes: the same body twice is one transaction.

import { computed, signal } from "@preact/signals";
import { accountsState, nameSchema } from "../../ledger/protocol/accounts.ts";
import { hex } from "../../ledger/protocol/bytes.ts";
import {
  type Authorisation,
  type Message,
  signTransaction,
  type Transaction,
  type TransactionBody,
} from "../../ledger/protocol/transaction.ts";
import { chain, headHeight } from "./blocks.ts";
import { now } from "./clock.ts";
import { covers } from "./device-key.ts";
import { RequestError } from "./http.ts";
import { type Identity, makeIdentity, signerOf } from "./identity.ts";
import type { MessageKey } from "./language.ts";
import { type Account, ledgerApi, type Submitted } from "./ledger-api.ts";
import { awaited } from "./recovery-request.ts";
import { broken, judgeHead, trustedHead } from "./trust.ts";
import { cityName } from "./world.ts";

export type Citizenship =
  | { readonly state: "looking" }
  /** Nobody yet: look around or choose a name. */
  | { readonly state: "guest"; readonly other: Identity | null; readonly lostName: string | null }
  | { readonly state: "citizen"; readonly identity: Identity; readonly name: string };

export const citizenship = signal<Citizenship>({ state: "looking" });
/** The account as the server tells it; the wallet proves it. */
export const account = signal<Account | null>(null);

/** Loaded when first needed: it brings a database library, which nothing on the first screen uses. */
const identities = (): Promise<typeof import("./identity-store.ts")> => import("./identity-store.ts");

/** Loaded when a passkey is asked for: it brings the curve's arithmetic. */
const passkeys = (): Promise<typeof import("./passkey-citizen.ts")> => import("./passkey-citizen.ts");

/** Refusals of this device's session key that its citizen's passkey would not get. */
const beyondSession: ReadonlySet<string> = new Set([
  "transaction_key_must_belong_to_account",
  "transaction_key_must_cover_message",
  "transaction_key_must_not_be_expired",
  "transaction_key_money_must_suffice",
]);
const expiryBlocks = 120;
const sendsMax = 3;

/** What the key of this device is good for now: everything, everyday things, or nothing any more. */
export const deviceKey = computed<"full" | "session" | "ended">(() => {
  const current = citizenship.value;
  if (current.state !== "citizen") return "full";
  const { publicKey, scope } = current.identity;
  const listed = account.value?.account.keys.some(({ key }) => key === publicKey) !== false;
  if (!listed || (scope !== undefined && now.value >= scope.untilMs)) return "ended";
  return scope === undefined ? "full" : "session";
});

/** Public key of the identity that this page has found or kept on the device: what it may replace by another citizen's. */
let kept: string | null = null;

async function keep(identity: Identity): Promise<void> {
  if (!(await (await identities()).storeIdentity(identity, kept))) throw deviceTaken();
  kept = identity.publicKey;
}

/** Before anything is asked of a person or the ledger that would be in vain. @throws {RequestError} */
async function mustHaveRoom(chainId: string): Promise<void> {
  if (!(await (await identities()).hasRoom(chainId, kept))) throw deviceTaken();
}

const deviceTaken = (): RequestError =>
  new RequestError("refused", "another tab has stored an identity", { refusal: "page_device_must_be_free" });

/** The identity, when there is one that the city knows. */
export const self = (): Identity | null => (citizenship.value.state === "citizen" ? citizenship.value.identity : null);

/** Finds a stored identity and asks the ledger whether it knows it. @throws {RequestError} when the ledger is away. */
export async function restoreCitizen(): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  const stored = await identities();
  const found = await stored.findIdentity(chain.value.chain).catch(() => ({ state: "none" as const }));
  awaited.value = await stored.findRecovery(chain.value.chain).catch(() => null);
  kept = found.state === "own" ? found.identity.publicKey : null;
  if (found.state !== "own") {
    const other = found.state === "other-chain" && found.identity.passkeys === undefined ? found.identity : null;
    citizenship.value = { state: "guest", other, lostName: other?.name ?? null };
    return;
  }
  try {
    account.value = await ledgerApi.account(found.identity.account);
    citizenship.value = { state: "citizen", identity: found.identity, name: account.value.account.name };
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 404) throw error;
    // The chain was started anew under the same name, or the registration never arrived: the same key registers again. A session
    // key cannot: its account began with another one, which is gone.
    const { passkeys, name } = found.identity;
    citizenship.value = { state: "guest", other: passkeys === undefined ? found.identity : null, lostName: name };
  }
}

/** Why a name cannot be used, before the ledger is asked; null when it can. */
export function nameProblem(name: string): MessageKey | null {
  if (name.length < 2) return "name.short";
  if (name.length > 32) return "name.long";
  return nameSchema.safeParse(name).success ? null : "name.form";
}

/** A registration that was sent, as this device keeps it; it may have arrived although no answer said so. */
let registering: Identity | null = null;

/** Whether the last registration of this page has arrived; then this is its citizen. @throws {RequestError} */
async function hasArrived(): Promise<boolean> {
  if (registering === null) return false;
  try {
    const { name } = (await ledgerApi.account(registering.account)).account;
    await settle({ ...registering, name }, name);
    return true;
  } catch (error) {
    if (error instanceof RequestError && error.status === 404) return false;
    throw error;
  }
}

/** Registers the name with this browser's key. @throws {RequestError} with the refusal. */
export async function becomeCitizen(name: string): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  if (await hasArrived()) return;
  const chainId = chain.value.chain;
  const current = citizenship.peek();
  const reused = current.state === "guest" ? current.other : null;
  const fresh = reused ?? (await makeIdentity(chainId, Date.now()));
  const identity: Identity = { ...fresh, chain: chainId, name: null };
  // Stored before it is registered: if the page closes in between, the next visit still holds the key of the account.
  await keep(identity);
  citizenship.value = { state: "guest", other: identity, lostName: null };
  const { account: by, publicKey: key } = identity;
  registering = identity;
  await send(identity, [{ type: "accounts/register", by, name, key }]);
  await settle({ ...identity, name }, name);
}

/** Keeps the identity on this device and becomes its citizen. */
export async function settle(identity: Identity, name: string): Promise<void> {
  await keep(identity);
  registering = null;
  citizenship.value = { state: "citizen", identity, name };
  // What was asked for is done; the account is read again with the next block that names it.
  await refreshAccount().catch(() => undefined);
}

/** Registers the name with a new passkey. @throws {RequestError} with the refusal, also when no passkey came. */
export async function becomePasskeyCitizen(name: string): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  if (await hasArrived()) return (await passkeys()).usedPasskey();
  // A passkey made in vain stays in the person's list, so what can be asked before is.
  await mustHaveRoom(chain.value.chain);
  if ((await ledgerApi.entry(accountsState.name(name))) !== null)
    throw new RequestError("refused", "taken", { refusal: "accounts_name_must_be_free", params: { name } });
  const { newCitizen, usedPasskey } = await passkeys();
  const { root, messages, identity } = await newCitizen(chain.value.chain, cityName.peek(), name, Date.now());
  const named = { ...identity, name };
  // Stored before it is registered, as the only copy of the device's key; an account that never came is found out at the next visit.
  await keep(named);
  registering = named;
  await send(root, messages);
  usedPasskey();
  await settle(named, name);
}

/** Comes back as the citizen whose passkey the person picks. @throws {RequestError} */
export async function signInWithPasskey(): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  await mustHaveRoom(chain.value.chain);
  const { newDeviceKey, whoHasPasskey } = await passkeys();
  const who = await whoHasPasskey();
  if (who === null) throw new RequestError("refused", "no account", { refusal: "page_passkey_must_name_account" });
  const known = await ledgerApi.account(who.account).catch((error: unknown) => {
    if (error instanceof RequestError && error.status === 404)
      throw new RequestError("refused", "no account", { refusal: "page_passkey_account_must_exist" });
    throw error;
  });
  const passkey = who.prove(known);
  const enrolment = await newDeviceKey(chain.value.chain, who.account, [passkey], null, Date.now());
  await send(enrolment.identity, enrolment.messages);
  await settle({ ...enrolment.identity, name: known.account.name }, known.account.name);
}

/** A new key for this device, signed in by the passkey: before the old one ends, or after. @throws {RequestError} */
export async function renewDevice(): Promise<void> {
  const identity = self();
  if (identity === null) return;
  // A full key that is gone: removed elsewhere, or replaced by a first passkey of which no answer came.
  if (identity.passkeys === undefined) return signInWithPasskey();
  await refreshAccount();
  const { newDeviceKey } = await passkeys();
  const listed = account.peek()?.account.keys.some(({ key }) => key === identity.publicKey) === true;
  const old = listed ? identity.publicKey : null;
  const enrolment = await newDeviceKey(identity.chain, identity.account, identity.passkeys, old, Date.now());
  await send(identity, enrolment.messages);
  const { name } = identity;
  await settle({ ...enrolment.identity, name }, name ?? "");
}

/** Adds a passkey. The first one takes over from this device's key, which from then on signs everyday things only. */
export async function addPasskey(): Promise<void> {
  const identity = self();
  if (identity === null) return;
  const { anotherPasskey } = await passkeys();
  const enrolment = await anotherPasskey(identity, cityName.peek(), Date.now());
  await send(identity, enrolment.messages);
  await settle(enrolment.identity, identity.name ?? "");
}

/** Signs and sends messages as the citizen. @throws {RequestError} with the refusal, when one came. */
export async function act(messages: Message[]): Promise<Submitted> {
  const identity = self();
  if (identity === null) throw new RequestError("refused", "no citizen", { refusal: "page_citizen_must_be_known" });
  const submitted = await send(identity, messages);
  refreshAccount().catch(() => undefined);
  return submitted;
}

async function send(identity: Identity, messages: Message[]): Promise<Submitted> {
  if (trustedHead.peek() === null) await judgeHead();
  if (broken.peek() !== null)
    throw new RequestError("refused", "the chain is not the trusted one", { refusal: "page_chain_must_be_trusted" });
  // Expiry counts from a proven height: an announced one could be a lie that keeps the signature good for long.
  const proven = trustedHead.peek()?.height ?? 0;
  const announced = headHeight.peek() > 0 ? headHeight.peek() : (await ledgerApi.chain()).height;
  const known = proven > 0 ? proven : announced;
  const body: TransactionBody = {
    chain: identity.chain,
    id: hex(crypto.getRandomValues(new Uint8Array(16))),
    expires: known + expiryBlocks,
    messages,
  };
  if (!covers(identity.scope, messages, Date.now()))
    return submit({ body, auth: [await askForSignature(body, identity)] });
  const transaction = await signTransaction(body, identity.account, identity.publicKey, signerOf(identity));
  try {
    return await submit(transaction);
  } catch (error) {
    // What this device may not, or may no longer, the passkey may: the same body, so it cannot happen twice.
    const beyond = error instanceof RequestError && beyondSession.has(error.refusal ?? "");
    if (!beyond || identity.scope === undefined) throw error;
    return submit({ body, auth: [await askForSignature(body, identity)] });
  }
}

async function askForSignature(body: TransactionBody, identity: Identity): Promise<Authorisation> {
  return (await passkeys()).signWithPasskey(body, identity);
}

async function submit(transaction: Transaction): Promise<Submitted> {
  for (let attempt = 1; ; attempt++) {
    try {
      const submitted = await ledgerApi.submit(transaction);
      if (submitted.code !== 0) {
        throw new RequestError("refused", submitted.refusal ?? `code ${submitted.code}`, {
          refusal: submitted.refusal ?? `code_${submitted.code}`,
          params: submitted.params ?? {},
        });
      }
      return submitted;
    } catch (error) {
      const mayHaveArrived =
        error instanceof RequestError && (error.kind === "unreachable" || (error.status >= 502 && error.status <= 504));
      if (!mayHaveArrived || attempt >= sendsMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, 600 * attempt));
    }
  }
}

let asked = 0;
let applied = 0;

/** Reads the own account again. An answer that a later one has overtaken, or whose citizen has gone, is dropped. */
export async function refreshAccount(): Promise<void> {
  const identity = self();
  if (identity === null) return;
  asked += 1;
  const turn = asked;
  const answer = await ledgerApi.account(identity.account);
  if (turn < applied || self()?.account !== identity.account) return;
  applied = turn;
  account.value = answer;
}

/** Forgets the key on this device: the account stays on the ledger, but nobody here can act for it again. */
export async function forgetMe(): Promise<void> {
  await (await identities()).forgetIdentities();
  kept = null;
  account.value = null;
  awaited.value = null;
  citizenship.value = { state: "guest", other: null, lostName: null };
}
