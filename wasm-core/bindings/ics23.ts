// ICS-23 proofs of the tendermint spec, verified. Longer inputs than the bounds do not verify.

import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";

/** That a key has a value, or that it has none (null), and the encoded CommitmentProof of it. */
export interface MembershipClaim {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  readonly proof: Uint8Array;
}

export interface Ics23 {
  /** ICS-23 existence proof (encoded CommitmentProof, tendermint spec) of key → value under root. */
  verifyMembership(root: Uint8Array, key: Uint8Array, value: Uint8Array, proof: Uint8Array): boolean;
  /** ICS-23 non-existence proof (encoded CommitmentProof, tendermint spec) of key under root. */
  verifyNonMembership(root: Uint8Array, key: Uint8Array, proof: Uint8Array): boolean;
  /** A verdict for each claim under one root, presence and absence mixed: four lanes wide, so faster than one at a time. */
  verifyMemberships(root: Uint8Array, claims: readonly MembershipClaim[]): boolean[];
}

export interface Ics23Exports {
  readonly verifyMembership: (from: number, keyLength: number, valueLength: number, proofLength: number) => number;
  readonly verifyNonMembership: (from: number, keyLength: number, proofLength: number) => number;
  readonly verifyMemberships: (from: number, length: number) => number;
}

export const ics23ExportNames = [
  "verifyMembership",
  "verifyNonMembership",
  "verifyMemberships",
] as const satisfies readonly (keyof Ics23Exports)[];

const proofBytesMax = 1 << 20;
const valueBytesMax = 1 << 20;
const keyBytesMax = 65_536;

/** Claims that the core takes in one call. */
const claimsMax = 4096;
const claimHeaderBytes = 12;
/** As a value's length: the key is absent. */
const absent = 0xffff_ffff;

function isWithinBounds(key: Uint8Array, value: Uint8Array | null, proof: Uint8Array): boolean {
  return (
    key.length <= keyBytesMax && (value === null || value.length <= valueBytesMax) && proof.length <= proofBytesMax
  );
}

function bytesOf({ key, value, proof }: MembershipClaim): number {
  return claimHeaderBytes + key.length + (value?.length ?? 0) + proof.length;
}

/** One proof at a time. */
export type SingleIcs23 = Pick<Ics23, "verifyMembership" | "verifyNonMembership">;
export type SingleIcs23Exports = Pick<Ics23Exports, "verifyMembership" | "verifyNonMembership">;

export function bindSingleIcs23(exports: SingleIcs23Exports, region: InputRegion): SingleIcs23 {
  return {
    verifyMembership(root, key, value, proof) {
      if (root.length !== 32 || !isWithinBounds(key, value, proof)) return false;
      const from = region.placeAll([root, key, value, proof]);
      return exports.verifyMembership(from, key.length, value.length, proof.length) !== 0;
    },
    verifyNonMembership(root, key, proof) {
      if (root.length !== 32 || !isWithinBounds(key, null, proof)) return false;
      return exports.verifyNonMembership(region.placeAll([root, key, proof]), key.length, proof.length) !== 0;
    },
  };
}

export function bindIcs23(exports: Ics23Exports, region: InputRegion): Ics23 {
  /** Verdicts of claims within their bounds, which are no more than a piece or are one alone. */
  const verifyPiece = (root: Uint8Array, claims: readonly MembershipClaim[], length: number): Uint8Array => {
    const from = region.reserve(root.length + length);
    const bytes = region.bytes();
    const view = new DataView(bytes.buffer);
    bytes.set(root, from);
    let at = from + root.length;
    for (const { key, value, proof } of claims) {
      view.setUint32(at, key.length, true);
      view.setUint32(at + 4, value === null ? absent : value.length, true);
      view.setUint32(at + 8, proof.length, true);
      at += claimHeaderBytes;
      bytes.set(key, at);
      at += key.length;
      if (value !== null) bytes.set(value, at);
      at += value?.length ?? 0;
      bytes.set(proof, at);
      at += proof.length;
    }
    exports.verifyMemberships(from, length);
    return region.outputView(claims.length);
  };

  return {
    ...bindSingleIcs23(exports, region),
    verifyMemberships(root, claims) {
      const verdicts = claims.map(() => false);
      if (root.length !== 32) return verdicts;
      let piece: MembershipClaim[] = [];
      let places: number[] = [];
      let length = 0;
      const flush = (): void => {
        const answers = verifyPiece(root, piece, length);
        for (const [i, place] of places.entries()) verdicts[place] = answers[i] === 1;
        piece = [];
        places = [];
        length = 0;
      };
      for (const [place, claim] of claims.entries()) {
        if (!isWithinBounds(claim.key, claim.value, claim.proof)) continue;
        const more = bytesOf(claim);
        if (piece.length > 0 && (length + more > pieceBytes || piece.length === claimsMax)) flush();
        piece.push(claim);
        places.push(place);
        length += more;
      }
      if (piece.length > 0) flush();
      return verdicts;
    },
  };
}
