// The rules of block validation by number, in the order in which they are checked. Append-only: bindings/block-rules.ts has their words.

export const holds: u32 = 0;
export const formSound: u32 = 1;
export const protocolKnown: u32 = 2;
export const chainMatches: u32 = 3;
export const heightPositive: u32 = 4;
export const commitHeightMatches: u32 = 5;
export const hashMatchesCommit: u32 = 6;
export const validatorsPresent: u32 = 7;
export const keyLengthRight: u32 = 8;
export const addressOfKey: u32 = 9;
export const validatorOnce: u32 = 10;
export const powerPositive: u32 = 11;
export const totalPowerBounded: u32 = 12;
export const totalPowerMatches: u32 = 13;
export const proposerInSet: u32 = 14;
export const validatorsHashMatches: u32 = 15;
export const slotForEachValidator: u32 = 16;
export const slotOfValidator: u32 = 17;
export const signatureLengthRight: u32 = 18;
export const twoThirdsExceeded: u32 = 19;
export const voteOnce: u32 = 20;
export const trustLevelExceeded: u32 = 21;
export const trustLevelSound: u32 = 22;
export const dataHashMatches: u32 = 23;
export const lastCommitFollows: u32 = 24;
export const lastCommitHashMatches: u32 = 25;
export const evidenceHashMatches: u32 = 26;
export const roomSuffices: u32 = 27;

/** Which validator, signature slot or byte the rule was broken by. */
export let brokenAt: u32 = 0;

/** Notes where a rule was broken, and gives the rule. */
export function broken(rule: u32, at: u32): u32 {
  brokenAt = at;
  return rule;
}
