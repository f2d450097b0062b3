// The foreign verifier of ICS-23 proofs: @confio/ics23 with the tendermint spec.

import { ics23, tendermintSpec, verifyMembership, verifyNonMembership } from "@confio/ics23";

/** What @confio/ics23 says; `value` null asks for absence. Its exceptions, on bytes that it cannot read, are refusals. */
export function foreignVerdict(
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array | null,
  proof: Uint8Array,
): boolean {
  try {
    const decoded = ics23.CommitmentProof.decode(proof);
    return value === null
      ? verifyNonMembership(decoded, tendermintSpec, root, key)
      : verifyMembership(decoded, tendermintSpec, root, key, value);
  } catch {
    return false;
  }
}
