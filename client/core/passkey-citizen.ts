// Citizens with a passkey. The account is made with a key that is thrown away in the same transaction: what remains is the passkey,
// which may do everything, and this device's session key for everyday things. Loaded when first needed.

import { fromHex } from "../../ledger/protocol/bytes.ts";
import { isPasskey } from "../../ledger/protocol/keys.ts";
import { verifyP256 } from "../../ledger/protocol/p256.ts";
import { readAssertion } from "../../ledger/protocol/passkey.ts";
import {
  type Authorisation,
  type Message,
  type TransactionBody,
  transactionChallenge,
} from "../../ledger/protocol/transaction.ts";
import { sessionScope } from "./device-key.ts";
import { type Identity, makeIdentity, type Passkey } from "./identity.ts";
import type { Account } from "./ledger-api.ts";
import { askPasskey, lackingPasskey, makePasskey } from "./passkey.ts";

/** What must be signed, with the key that signs it and what this device keeps of it. */
export interface Enrolment {
  readonly messages: Message[];
  readonly identity: Identity;
}

export interface NewCitizen extends Enrolment {
  /** The account's first key, which signs this one transaction. */
  readonly root: Identity;
}

/** A passkey that was made for a name which the ledger then refused: the next try uses it again. */
let unused: { readonly root: Identity; readonly passkey: Passkey } | null = null;

/** Makes a passkey and the messages that register its citizen. @throws {RequestError} */
export async function newCitizen(chain: string, city: string, name: string, nowMs: number): Promise<NewCitizen> {
  if (unused?.root.chain !== chain) {
    const root = await makeIdentity(chain, nowMs);
    unused = { root, passkey: await makePasskey({ account: root.account, name, city, known: [] }) };
  }
  const { root, passkey } = unused;
  const device = await makeIdentity(chain, nowMs);
  const by = root.account;
  return {
    root,
    messages: [
      { type: "accounts/register", by, name, key: root.publicKey },
      ...enrol(by, passkey, device, nowMs),
      { type: "accounts/remove-key", by, key: root.publicKey },
    ],
    identity: { ...device, account: by, passkeys: [passkey], scope: sessionScope(nowMs) },
  };
}

/** The passkey has an account now: the next citizen of this page gets another one. */
export function usedPasskey(): void {
  unused = null;
}

function enrol(by: string, passkey: Passkey, device: Identity, nowMs: number): Message[] {
  const { key, rpId } = passkey;
  return [
    { type: "accounts/add-key", by, key, rpId },
    { type: "accounts/add-key", by, key: device.publicKey, scope: sessionScope(nowMs) },
  ];
}

/** Signs a transaction with one of the account's passkeys. @throws {RequestError} */
export async function signWithPasskey(body: TransactionBody, identity: Identity): Promise<Authorisation> {
  const passkeys = identity.passkeys ?? [];
  const answer = await askPasskey(
    transactionChallenge(body),
    passkeys.map(({ credential }) => credential),
  );
  const passkey = passkeys.find(({ credential }) => credential === answer.credential);
  if (passkey === undefined) throw lackingPasskey("supported");
  const { authenticatorData, clientDataJSON, signature } = answer;
  return { by: identity.account, kind: "passkey", key: passkey.key, authenticatorData, clientDataJSON, signature };
}

/** Asks which citizen this device's person is: any passkey of this city will do. Null when it does not say. @throws {RequestError} */
export async function whoHasPasskey(): Promise<{
  readonly account: string;
  readonly prove: (account: Account) => Passkey;
} | null> {
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const answer = await askPasskey(challenge, []);
  if (answer.account === null) return null;
  return {
    account: answer.account,
    // An account may have several: the one that made this signature is found by checking it.
    prove: ({ account }) => {
      const assertion = readAssertion(answer, challenge);
      if (!assertion.ok) throw lackingPasskey("supported");
      const signature = fromHex(answer.signature);
      const own = account.keys.find(
        ({ key }) => isPasskey(key) && verifyP256(fromHex(key), assertion.signed, signature),
      );
      if (own === undefined) throw lackingPasskey("own");
      return { credential: answer.credential, key: own.key, rpId: location.hostname };
    },
  };
}

/** A new session key for this device, which the passkey must sign in; the device's old key goes with the same transaction. */
export async function newDeviceKey(
  chain: string,
  account: string,
  passkeys: readonly Passkey[],
  oldKey: string | null,
  nowMs: number,
): Promise<Enrolment> {
  const device = await makeIdentity(chain, nowMs);
  const scope = sessionScope(nowMs);
  const messages: Message[] = [
    ...(oldKey === null ? [] : [{ type: "accounts/remove-key", by: account, key: oldKey } as const]),
    { type: "accounts/add-key", by: account, key: device.publicKey, scope },
  ];
  return { messages, identity: { ...device, account, passkeys, scope } };
}

/** A passkey for a citizen who has none or wants another one. The first one replaces the full key of this device. @throws {RequestError} */
export async function anotherPasskey(identity: Identity, city: string, nowMs: number): Promise<Enrolment> {
  const { account: by, chain, passkeys = [] } = identity;
  const known = passkeys.map(({ credential }) => credential);
  const passkey = await makePasskey({ account: by, name: identity.name ?? by, city, known });
  if (identity.scope !== undefined)
    return {
      messages: [{ type: "accounts/add-key", by, key: passkey.key, rpId: passkey.rpId }],
      identity: { ...identity, passkeys: [...passkeys, passkey] },
    };
  const device = await makeIdentity(chain, nowMs);
  return {
    messages: [...enrol(by, passkey, device, nowMs), { type: "accounts/remove-key", by, key: identity.publicKey }],
    identity: { ...device, account: by, name: identity.name, passkeys: [passkey], scope: sessionScope(nowMs) },
  };
}
