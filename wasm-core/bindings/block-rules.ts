// The rules of block validation: the name of each, and the verdict when it is broken. In the order of their numbers in
// assembly/comet/rules.ts; append-only.

/** What can be said of a block. Where the light client has a word for it (ledger/light/verdict.ts), it is that word. */
export type BlockVerdict =
  | "sound"
  | "answer_must_be_well_formed"
  | "header_chain_must_match"
  | "header_height_must_match"
  | "header_hash_must_match_commit"
  | "validators_must_match_header"
  | "commit_must_match_validators"
  | "signature_must_be_valid"
  | "signatures_must_exceed_two_thirds"
  | "validators_must_be_trusted"
  | "data_must_match_header"
  | "last_commit_must_match_header"
  | "evidence_must_match_header";

/** What can be said of a commit and its header alone. */
export type CommitVerdict = Exclude<
  BlockVerdict,
  "data_must_match_header" | "last_commit_must_match_header" | "evidence_must_match_header"
>;

const rules = [
  ["sound", "sound"],
  ["bytes_must_be_canonical", "answer_must_be_well_formed"],
  ["protocol_must_be_known", "answer_must_be_well_formed"],
  ["chain_must_match", "header_chain_must_match"],
  ["height_must_be_positive", "header_height_must_match"],
  ["commit_height_must_match", "header_height_must_match"],
  ["hash_must_match_commit", "header_hash_must_match_commit"],
  ["validators_must_be_present", "validators_must_match_header"],
  ["key_must_have_32_bytes", "validators_must_match_header"],
  ["address_must_be_of_key", "validators_must_match_header"],
  ["validator_must_stand_once", "validators_must_match_header"],
  ["power_must_be_positive", "validators_must_match_header"],
  ["total_power_must_be_bounded", "validators_must_match_header"],
  ["total_power_must_match", "validators_must_match_header"],
  ["proposer_must_be_in_set", "validators_must_match_header"],
  ["validators_hash_must_match", "validators_must_match_header"],
  ["slots_must_match_validators", "commit_must_match_validators"],
  ["slot_must_be_of_validator", "commit_must_match_validators"],
  ["signature_must_have_64_bytes", "signature_must_be_valid"],
  ["two_thirds_must_be_exceeded", "signatures_must_exceed_two_thirds"],
  ["vote_must_stand_once", "commit_must_match_validators"],
  ["trust_level_must_be_exceeded", "validators_must_be_trusted"],
  ["trust_level_must_be_a_fraction", "validators_must_be_trusted"],
  ["data_hash_must_match", "data_must_match_header"],
  ["last_commit_must_follow", "last_commit_must_match_header"],
  ["last_commit_hash_must_match", "last_commit_must_match_header"],
  ["evidence_hash_must_match", "evidence_must_match_header"],
  ["input_must_fit", "answer_must_be_well_formed"],
] as const satisfies readonly (readonly [string, BlockVerdict])[];

export type BlockRule = (typeof rules)[number][0];

/** Number of the rule that inputs stay within their bounds. */
export const inputMustFit = rules.length - 1;

export interface BlockFinding {
  readonly verdict: BlockVerdict;
  /** The rule that is broken; "sound" when none is. */
  readonly rule: BlockRule;
  /** Which validator, signature slot (both from 0) or byte broke it; 0 where that says nothing. */
  readonly at: number;
}

export function findingOf(rule: number, at: number): BlockFinding {
  const [name, verdict] = rules[rule]!;
  // Where nothing is broken the core leaves the place of what was broken last.
  return { verdict, rule: name, at: verdict === "sound" ? 0 : at };
}
