// C2SP checkpoints (tlog-checkpoint) as signed notes with Ed25519 (signed-note, signature type 0x01).

import type { LogHasher } from "./tile-tree.ts";

export interface CheckpointKey {
  /** Raw public key. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

/** The origin, and the name of the key: no spaces, no plus. Chain ids have neither. */
export function checkpointOrigin(chain: string): string {
  return `glasstown/${chain.replaceAll(/[\s+]/gu, "-")}`;
}

/** The note that says: at `size` the log's root is `root`. */
export function signedCheckpoint(
  origin: string,
  size: number,
  root: Uint8Array,
  key: CheckpointKey,
  hasher: Pick<LogHasher, "sha256">,
): string {
  const text = `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
  const signature = key.sign(Buffer.from(text, "utf8"));
  const stamp = Buffer.concat([keyHash(origin, key.publicKey, hasher), signature]).toString("base64");
  return `${text}\n— ${origin} ${stamp}\n`;
}

/** First four bytes of sha256(name, newline, 0x01, public key). */
function keyHash(name: string, publicKey: Uint8Array, hasher: Pick<LogHasher, "sha256">): Uint8Array {
  return hasher.sha256(Buffer.concat([Buffer.from(`${name}\n`, "utf8"), Buffer.from([1]), publicKey])).slice(0, 4);
}

/** The verifier key in the form that note tools take: `<name>+<key hash>+<base64 of type and key>`. */
export function verifierKey(origin: string, publicKey: Uint8Array, hasher: Pick<LogHasher, "sha256">): string {
  const hash = Buffer.from(keyHash(origin, publicKey, hasher)).toString("hex");
  return `${origin}+${hash}+${Buffer.concat([Buffer.from([1]), publicKey]).toString("base64")}`;
}
