// Exports of the core that take blocks as raw bytes. Inputs lie where `reserveInput` says, one after the other; nothing else is read.
// Each gives the number of a rule (rules.ts), 0 when all hold, and its findings in the output region.

import { outputStart, reserveInput } from "../memory";
import * as block from "./block";
import { headerHeight, headerNanos, headerSeconds } from "./header";
import * as lightBlock from "./light-block";
import { hashParts } from "./part-set";
import * as rules from "./rules";
import { listCount, listLength, listStart } from "./sign-bytes";

/**
 * Findings about a commit: at u32 | list's start u32 | its bytes u32 | its entries u32 | power that signed u64 | power to be exceeded u64 |
 * signers u32. An entry: slot u32 | message's length u32 | key 32 | signature 64 | message.
 */
function tellCommit(rule: u32): u32 {
  const to = outputStart();
  const isListed = rule == rules.holds || rule == rules.twoThirdsExceeded || rule == rules.trustLevelExceeded;
  store<u32>(to, rules.brokenAt);
  store<u32>(to, <u32>listStart, 4);
  store<u32>(to, isListed ? listLength : 0, 8);
  store<u32>(to, isListed ? listCount : 0, 12);
  store<u64>(to, lightBlock.signedPower, 16);
  store<u64>(to, lightBlock.neededPower, 24);
  store<u32>(to, lightBlock.signers, 32);
  return rule;
}

/** Findings about a header, after those about a commit: nanos u32 | height i64 | seconds i64 | hash 32 | hash of the validators given 32. */
function tellHeader(to: usize): void {
  store<u32>(to, headerNanos);
  store<i64>(to, headerHeight, 4);
  store<i64>(to, headerSeconds, 12);
  memory.copy(to + 20, lightBlock.headerHash, 32);
  memory.copy(to + 52, lightBlock.setHash, 32);
}

/** Chain id, LightBlock. */
export function checkLightBlock(chainLength: u32, length: u32): u32 {
  const rule = lightBlock.checkLightBlock(chainLength, length);
  tellHeader(outputStart() + 36);
  return tellCommit(rule);
}

/** Chain id, ValidatorSet that is trusted, Commit. The fraction is of whole numbers, at most 1. */
export function checkTrusting(chainLength: u32, setLength: u32, commitLength: u32, numerator: u32, denominator: u32): u32 {
  return tellCommit(lightBlock.checkTrusting(chainLength, setLength, commitLength, numerator, denominator));
}

/** Chain id, Block. Findings: at u32 | parts u32 | transactions u32 | nanos u32 | height i64 | seconds i64 | hash 32 | parts' hash 32. */
export function checkBlock(chainLength: u32, length: u32): u32 {
  const rule = block.checkBlock(chainLength, length);
  const to = outputStart();
  tellHeader(to + 12);
  store<u32>(to, rules.brokenAt);
  store<u32>(to, block.partsTotal, 4);
  store<u32>(to, block.transactionCount, 8);
  memory.copy(to + 64, block.partsHash, 32);
  return rule;
}

/** Writes the root of the part set to the output region; gives the number of parts. Nothing when the input is too long. */
export function partSetHeader(length: u32): u32 {
  const from = reserveInput(length);
  return from == 0 ? 0 : hashParts(from, length, outputStart());
}
