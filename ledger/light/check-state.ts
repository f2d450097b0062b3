// One entry of ledger state, or its absence: an ICS-23 proof (tendermint spec, key sha256(name)) against the app hash of a header.
// The state after block H stands under header H + 1. Pure: what was fetched goes in, a verdict comes out.

import type { HeaderFields } from "../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import { type Failed, fail, type Outcome, pass } from "./outcome.ts";

/** Longest name in ledger state, in bytes. */
export const nameBytesMax = 256;

export interface StateProof {
  readonly name: string;
  /** The entry's bytes; null says that there is none. */
  readonly value: Uint8Array | null;
  /** An encoded ICS-23 CommitmentProof. */
  readonly proof: Uint8Array;
}

/** The entry's parsed JSON; null when it is proven absent. */
export function checkState(core: LightCore, state: StateProof, header: HeaderFields): Outcome<unknown> {
  const { name, value, proof } = state;
  const { appHash } = header;
  const key = core.sha256(utf8(name));
  const holds =
    value === null ? core.verifyNonMembership(appHash, key, proof) : core.verifyMembership(appHash, key, value, proof);
  if (!holds) return failState(state, header, `the proof does not lead to the app hash in header ${header.height}`);
  if (value === null) return pass(null);
  try {
    return pass(JSON.parse(fromUtf8(value)) as unknown);
  } catch {
    return fail("answer_must_be_well_formed", `the value of ${name} is not JSON`, evidenceOf(state, header));
  }
}

/** The failure of a state proof, with what was received. */
export function failState(state: StateProof, header: HeaderFields, detail: string): Failed {
  return fail("state_proof_must_match_app_hash", detail, evidenceOf(state, header));
}

function evidenceOf({ name, value, proof }: StateProof, { height, appHash }: HeaderFields): unknown {
  return {
    name,
    height: Number(height) - 1,
    value: value === null ? null : toBase64(value),
    proof: toBase64(proof),
    appHash: hex(appHash),
  };
}
