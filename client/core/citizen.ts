// Who the citizen of this page is: finding or making the key, registering the name, sending signed transactions.
// A transaction is built once and sent up to three times when no answer comes: the same body twice is one transaction.

import { signal } from "@preact/signals";
import { nameSchema } from "../../ledger/protocol/accounts.ts";
import { hex } from "../../ledger/protocol/bytes.ts";
import { type Message, signTransaction, type TransactionBody } from "../../ledger/protocol/transaction.ts";
import { chain, headHeight } from "./blocks.ts";
import { RequestError } from "./http.ts";
import { type Identity, makeIdentity, signerOf } from "./identity.ts";
import type { MessageKey } from "./language.ts";
import { type Account, ledgerApi, type Submitted } from "./ledger-api.ts";
import { broken, judgeHead, trustedHead } from "./trust.ts";

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

const expiryBlocks = 120;
const sendsMax = 3;

/** The identity, when there is one that the city knows. */
export const self = (): Identity | null => (citizenship.value.state === "citizen" ? citizenship.value.identity : null);

/** Finds a stored identity and asks the ledger whether it knows it. @throws {RequestError} when the ledger is away. */
export async function restoreCitizen(): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  const found = await (await identities()).findIdentity(chain.value.chain).catch(() => ({ state: "none" as const }));
  if (found.state !== "own") {
    const other = found.state === "other-chain" ? found.identity : null;
    citizenship.value = { state: "guest", other, lostName: other?.name ?? null };
    return;
  }
  try {
    account.value = await ledgerApi.account(found.identity.account);
    citizenship.value = { state: "citizen", identity: found.identity, name: account.value.account.name };
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 404) throw error;
    // The chain was started anew under the same name, or the registration never arrived: the same key registers again.
    citizenship.value = { state: "guest", other: found.identity, lostName: found.identity.name };
  }
}

/** Why a name cannot be used, before the ledger is asked; null when it can. */
export function nameProblem(name: string): MessageKey | null {
  if (name.length < 2) return "name.short";
  if (name.length > 32) return "name.long";
  return nameSchema.safeParse(name).success ? null : "name.form";
}

/** Registers the name with this browser's key. @throws {RequestError} with the refusal. */
export async function becomeCitizen(name: string): Promise<void> {
  chain.value ??= await ledgerApi.chain();
  const chainId = chain.value.chain;
  const current = citizenship.peek();
  const reused = current.state === "guest" ? current.other : null;
  const fresh = reused ?? (await makeIdentity(chainId, Date.now()));
  const identity: Identity = { ...fresh, chain: chainId, name: null };
  // Stored before it is registered: if the page closes in between, the next visit still holds the key of the account.
  await (await identities()).storeIdentity(identity);
  citizenship.value = { state: "guest", other: identity, lostName: null };
  const { account: by, publicKey: key } = identity;
  await send(identity, [{ type: "accounts/register", by, name, key }]);
  const named = { ...identity, name };
  await (await identities()).storeIdentity(named);
  citizenship.value = { state: "citizen", identity: named, name };
  await refreshAccount();
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
  const transaction = await signTransaction(body, identity.account, identity.publicKey, signerOf(identity));
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

/** Reads the own account again. */
export async function refreshAccount(): Promise<void> {
  const identity = self();
  if (identity === null) return;
  account.value = await ledgerApi.account(identity.account);
}

/** Forgets the key on this device: the account stays on the ledger, but nobody here can act for it again. */
export async function forgetMe(): Promise<void> {
  await (await identities()).forgetIdentities();
  account.value = null;
  citizenship.value = { state: "guest", other: null, lostName: null };
}
