// Ed25519 keys from 32-byte seeds (RFC 8032), for the city's accounts and the simulated devices.

import { createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { hex } from "../../../ledger/protocol/bytes.ts";

export interface Signer {
  readonly publicKey: Uint8Array;
  readonly publicKeyHex: string;
  sign(bytes: Uint8Array): Uint8Array;
}

/** PKCS #8 of Ed25519 (RFC 8410) up to the seed's 32 bytes. */
const keyInfoPrefix = Buffer.from("302e020100300506032b657004220420", "hex");

export function signerOfSeed(seed: Uint8Array): Signer {
  const privateKey = createPrivateKey({ key: Buffer.concat([keyInfoPrefix, seed]), format: "der", type: "pkcs8" });
  const info = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const publicKey = new Uint8Array(info.subarray(info.length - 32));
  return {
    publicKey,
    publicKeyHex: hex(publicKey),
    sign: (bytes) => new Uint8Array(sign(null, bytes, privateKey)),
  };
}

/** A simulated device's key: its seed is HMAC-SHA256 of the device's id under the city's root for devices. */
export function deviceSigner(devicesRootHex: string, device: string): Signer {
  return signerOfSeed(createHmac("sha256", Buffer.from(devicesRootHex, "hex")).update(device, "utf8").digest());
}
