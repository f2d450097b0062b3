// ICS-23 proofs of the tendermint spec, verified. Longer inputs than the bounds do not verify.

import type { InputRegion } from "./input-region.ts";

export interface Ics23 {
  /** ICS-23 existence proof (encoded CommitmentProof, tendermint spec) of key → value under root. */
  verifyMembership(root: Uint8Array, key: Uint8Array, value: Uint8Array, proof: Uint8Array): boolean;
  /** ICS-23 non-existence proof (encoded CommitmentProof, tendermint spec) of key under root. */
  verifyNonMembership(root: Uint8Array, key: Uint8Array, proof: Uint8Array): boolean;
}

export interface Ics23Exports {
  readonly verifyMembership: (from: number, keyLength: number, valueLength: number, proofLength: number) => number;
  readonly verifyNonMembership: (from: number, keyLength: number, proofLength: number) => number;
}

export const ics23ExportNames = [
  "verifyMembership",
  "verifyNonMembership",
] as const satisfies readonly (keyof Ics23Exports)[];

const proofBytesMax = 1 << 20;
const valueBytesMax = 1 << 20;
const keyBytesMax = 65_536;

export function bindIcs23(exports: Ics23Exports, region: InputRegion): Ics23 {
  return {
    verifyMembership(root, key, value, proof) {
      if (
        root.length !== 32 ||
        key.length > keyBytesMax ||
        value.length > valueBytesMax ||
        proof.length > proofBytesMax
      ) {
        return false;
      }
      const from = region.placeAll([root, key, value, proof]);
      return exports.verifyMembership(from, key.length, value.length, proof.length) !== 0;
    },
    verifyNonMembership(root, key, proof) {
      if (root.length !== 32 || key.length > keyBytesMax || proof.length > proofBytesMax) return false;
      return exports.verifyNonMembership(region.placeAll([root, key, proof]), key.length, proof.length) !== 0;
    },
  };
}
