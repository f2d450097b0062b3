// The citizen's key pair in this browser. Ed25519 by WebCrypto, non-extractable, where the browser has it; else noble with the
// secret in IndexedDB, which a script on this page could read: the me-card says so. No password exists anywhere.

import { hex } from "../../ledger/protocol/bytes.ts";
import type { Scope } from "../../ledger/protocol/keys.ts";
import { accountIdOfKey, type Sign } from "../../ledger/protocol/transaction.ts";

export interface Identity {
  /** The chain on which the key was made known. */
  readonly chain: string;
  readonly account: string;
  /** Lower-case hex. */
  readonly publicKey: string;
  /** Chosen name; null until the ledger has accepted one. */
  readonly name: string | null;
  readonly kind: "webcrypto" | "noble";
  readonly privateKey?: CryptoKey;
  readonly secret?: Uint8Array<ArrayBuffer>;
  /** UNIX ms. */
  readonly created: number;
  /** What the key may do alone; without it, everything. Its holder has passkeys for the rest. */
  readonly scope?: Scope;
  readonly passkeys?: readonly Passkey[];
}

/** A passkey of the citizen that this device has met. */
export interface Passkey {
  /** Compressed P-256 point, hex. */
  readonly key: string;
  /** The domain it belongs to. */
  readonly rpId: string;
  /** Hex; names it to the authenticator. */
  readonly credential: string;
}

/** What the welcome card needs to know about stored identities. */
export type Found =
  | { readonly state: "none" }
  | { readonly state: "own"; readonly identity: Identity }
  /** A key from another chain: it can be used again, but this city does not know it yet. */
  | { readonly state: "other-chain"; readonly identity: Identity };

async function webCryptoPair(): Promise<{ publicKey: string; privateKey: CryptoKey } | null> {
  // Insecure origins have no `subtle`; older browsers have no Ed25519. Both fall back.
  if (globalThis.crypto.subtle === undefined) return null;
  try {
    const pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const probe = new Uint8Array([1, 2, 3]);
    const signature = await crypto.subtle.sign("Ed25519", pair.privateKey, probe);
    if (!(await crypto.subtle.verify("Ed25519", pair.publicKey, signature, probe))) return null;
    return { publicKey: hex(raw), privateKey: pair.privateKey };
  } catch {
    return null;
  }
}

/** Makes a fresh key pair for a chain; not yet stored. */
export async function makeIdentity(chain: string, created: number): Promise<Identity> {
  const pair = await webCryptoPair();
  if (pair !== null)
    return { chain, account: accountIdOfKey(pair.publicKey), name: null, kind: "webcrypto", created, ...pair };
  const { ed25519 } = await import("@noble/curves/ed25519.js");
  const secret = new Uint8Array(ed25519.utils.randomSecretKey());
  const publicKey = hex(ed25519.getPublicKey(secret));
  return { chain, account: accountIdOfKey(publicKey), publicKey, name: null, kind: "noble", secret, created };
}

/** The signing function of an identity. */
export function signerOf(identity: Identity): Sign {
  const { privateKey, secret } = identity;
  if (privateKey !== undefined)
    return async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", privateKey, bytes));
  if (secret !== undefined)
    return async (bytes) => (await import("@noble/curves/ed25519.js")).ed25519.sign(bytes, secret);
  throw new Error("this identity has no key");
}
