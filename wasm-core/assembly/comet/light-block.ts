// A light block, from raw bytes to the signatures that are to be verified: form, binding of header, commit and validators to each
// other, power (CometBFT v0.38, types/light.go, and VerifyCommit in types/validation.go).

import { bytesEqual, inputBytesMax, reserveInput } from "../memory";
import { workBegin } from "../work";
import { enter, flawAt, leave, readBegin, readFinished, wholeInput } from "./canonical";
import {
  commitCount,
  commitFits,
  commitHashLength,
  commitHashStart,
  commitHeight,
  flagAbsent,
  flagCommit,
  readCommit,
  slotAddress,
  slotFlag,
  slotSignatureLength,
} from "./commit";
import { chainIdLengthMax, hashHeader, headerFieldLength, headerFieldStart, headerHeight, headerProtocol, readHeader } from "./header";
import * as rules from "./rules";
import { listAdd, listBegin } from "./sign-bytes";
import {
  checkValidators,
  hashValidators,
  readValidators,
  takePower,
  totalPower,
  validatorAddress,
  validatorCount,
  validatorKey,
  validatorOf,
  validatorPower,
  validatorsFit,
} from "./validators";

const blockProtocol: u64 = 11;
export const headerHash: usize = memory.data(32, 16);
export const setHash: usize = memory.data(32, 16);
/** Power of those who signed, and how many they are. */
export let signedPower: u64 = 0;
export let signers: u32 = 0;
/** Power that must be exceeded. */
export let neededPower: u64 = 0;

/** Where an input of a chain id and two messages lies; 0 when it is beyond the bounds. */
export function inputOf(chainLength: u32, first: u32, second: u32): usize {
  // Each by itself, so that the sum cannot wrap.
  if (chainLength > chainIdLengthMax || first > inputBytesMax || second > inputBytesMax) return 0;
  return reserveInput(chainLength + first + second);
}

/** What Header.ValidateBasic asks beyond the form, and the chain. */
export function checkHeader(chain: usize, chainLength: u32): u32 {
  if (headerProtocol != blockProtocol) return rules.broken(rules.protocolKnown, 0);
  if (headerFieldLength(2) != chainLength || !bytesEqual(headerFieldStart(2), chain, chainLength))
    return rules.broken(rules.chainMatches, 0);
  return headerHeight < 1 ? rules.broken(rules.heightPositive, 0) : rules.holds;
}

/** Leaves nothing of the call before. */
export function forget(): void {
  signedPower = 0;
  neededPower = 0;
  signers = 0;
  memory.fill(headerHash, 0, 32);
  memory.fill(setHash, 0, 32);
}

/** Input: chain id, then LightBlock {signed_header 1 {header 1, commit 2}, validator_set 2}. Gives a rule; then the list is there. */
export function checkLightBlock(chainLength: u32, length: u32): u32 {
  forget();
  const chain = inputOf(chainLength, length, 0);
  if (chain == 0) return rules.broken(rules.roomSuffices, 0);
  const block = chain + chainLength;
  workBegin(block + length);
  readBegin(block, length);
  const signed = enter(0x0a);
  readHeader(0x0a);
  readCommit(0x12);
  leave(signed);
  readValidators(0x12);
  if (!readFinished())
    return commitFits && validatorsFit
      ? rules.broken(rules.formSound, <u32>(flawAt - block))
      : rules.broken(rules.roomSuffices, 0);
  let rule = checkHeader(chain, chainLength);
  if (rule != rules.holds) return rule;
  if (commitHeight != headerHeight) return rules.broken(rules.commitHeightMatches, 0);
  // Its field is read before hashing changes the tags around it.
  hashHeader(headerHash);
  if (commitHashLength != 32 || !bytesEqual(commitHashStart, headerHash, 32))
    return rules.broken(rules.hashMatchesCommit, 0);
  rule = checkValidators();
  if (rule != rules.holds) return rule;
  hashValidators(setHash);
  if (headerFieldLength(8) != 32 || !bytesEqual(headerFieldStart(8), setHash, 32))
    return rules.broken(rules.validatorsHashMatches, 0);
  rule = checkSlots();
  if (rule != rules.holds) return rule;
  return checkPower(chain, chainLength);
}

/** A slot for every validator, in order. Validators stand once each, so no signer does twice. */
function checkSlots(): u32 {
  if (commitCount != validatorCount) return rules.broken(rules.slotForEachValidator, commitCount);
  for (let i: u32 = 0; i < commitCount; i++) {
    if (slotFlag(i) == flagAbsent) continue;
    const address = slotAddress(i);
    if (address == 0 || !bytesEqual(address, validatorAddress(i), 20)) return rules.broken(rules.slotOfValidator, i);
  }
  return rules.holds;
}

/** Lists every vote, those for nil as well, and counts those for the block. */
function checkPower(chain: usize, chainLength: u32): u32 {
  listBegin(chain, chainLength);
  neededPower = (totalPower * 2) / 3;
  for (let i: u32 = 0; i < commitCount; i++) {
    if (slotFlag(i) == flagAbsent) continue;
    if (slotSignatureLength(i) != 64) return rules.broken(rules.signatureLengthRight, i);
    if (!listAdd(i, validatorKey(i))) return rules.broken(rules.roomSuffices, 0);
    if (slotFlag(i) != flagCommit) continue;
    signedPower += <u64>validatorPower(i);
    signers++;
  }
  return signedPower > neededPower ? rules.holds : rules.broken(rules.twoThirdsExceeded, 0);
}

/**
 * Whether more than a fraction of a trusted set stands behind a commit (VerifyCommitLightTrusting). Input: chain id, ValidatorSet,
 * Commit, as they are encoded by themselves. Votes for the block alone count, those of others are passed over.
 */
export function checkTrusting(chainLength: u32, setLength: u32, commitLength: u32, numerator: u32, denominator: u32): u32 {
  forget();
  if (numerator == 0 || numerator > denominator) return rules.broken(rules.trustLevelSound, 0);
  const chain = inputOf(chainLength, setLength, commitLength);
  if (chain == 0) return rules.broken(rules.roomSuffices, 0);
  const set = chain + chainLength;
  const commit = set + setLength;
  workBegin(commit + commitLength);
  readBegin(set, setLength);
  readValidators(wholeInput);
  if (!readFinished())
    return validatorsFit ? rules.broken(rules.formSound, <u32>(flawAt - set)) : rules.broken(rules.roomSuffices, 0);
  readBegin(commit, commitLength);
  readCommit(wholeInput);
  if (!readFinished())
    return commitFits ? rules.broken(rules.formSound, <u32>(flawAt - set)) : rules.broken(rules.roomSuffices, 0);
  // A commit of height 0 is not judged by its reader.
  if (commitHeight < 1) return rules.broken(rules.heightPositive, 0);
  const rule = checkValidators();
  if (rule != rules.holds) return rule;
  // floor(total * numerator / denominator) without a product beyond 64 bits.
  neededPower =
    (totalPower / denominator) * numerator + ((totalPower % denominator) * numerator) / denominator;
  listBegin(chain, chainLength);
  return countTrusted();
}

function countTrusted(): u32 {
  for (let i: u32 = 0; i < commitCount; i++) {
    if (slotFlag(i) != flagCommit) continue;
    const address = slotAddress(i);
    if (address == 0) return rules.broken(rules.slotOfValidator, i);
    const found = validatorOf(address);
    if (found < 0) continue;
    const power = takePower(found);
    if (power == 0) return rules.broken(rules.voteOnce, i);
    if (slotSignatureLength(i) != 64) return rules.broken(rules.signatureLengthRight, i);
    if (!listAdd(i, validatorKey(found))) return rules.broken(rules.roomSuffices, 0);
    signedPower += <u64>power;
    signers++;
  }
  return signedPower > neededPower ? rules.holds : rules.broken(rules.trustLevelExceeded, 0);
}
