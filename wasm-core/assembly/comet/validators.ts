// A validator set, read into a table, checked and hashed (CometBFT v0.38, types/validator.go and validator_set.go). Ed25519 keys only.

import { bytesEqual } from "../memory";
import { merkleBegin, merkleFinish, merkleLeaf, merkleSettle } from "../merkle/root";
import { sha256Batch, batchEntryBytes, noPrefix } from "../sha256/batch";
import { workTake, workTop } from "../work";
import { contentLength, contentStart, enter, leave, nextIs, readSound, spoil, takeBytes, takeElement, takeNumber } from "./canonical";
import { validatorsMax } from "./commit";
import { writeBegin, writeEnd, writeVarintField } from "./proto";
import * as rules from "./rules";

/** MaxTotalVotingPower: an eighth of int64. */
const totalPowerMax: u64 = <u64>i64.MAX_VALUE / 8;

/** Bytes of a validator: key (0 when it has not 32 bytes), address (0 when it has not 20), power i64. */
const validatorBytes: u32 = 16;
let validators: usize = 0;
/** Keys and leaves are hashed this many at a time. */
const batchMax: u32 = 64;
/** SimpleValidators of one batch: 36 bytes and a power of at most ten. */
const messages: usize = memory.data(3072, 16);
const messageBytes: usize = 48;
const digestList: usize = memory.data(768, 16);
const digests: usize = memory.data(2048, 16);
/** Open addressing over addresses: number of the validator plus one, 0 where free. */
let places: usize = 0;
let placeMask: u32 = 0;

export let validatorCount: u32 = 0;
export let totalPower: u64 = 0;
export let toldPower: u64 = 0;
export let hasProposer: bool = false;
export let validatorsFit: bool = true;

function validatorAt(index: u32): usize {
  return validators + <usize>index * validatorBytes;
}

export function validatorKey(index: u32): usize {
  return load<u32>(validatorAt(index));
}

export function validatorAddress(index: u32): usize {
  return load<u32>(validatorAt(index), 4);
}

export function validatorPower(index: u32): i64 {
  return load<i64>(validatorAt(index), 8);
}

/** Power of a validator; the second time 0. */
export function takePower(index: u32): i64 {
  const power = validatorPower(index);
  store<i64>(validatorAt(index), 0, 8);
  return power;
}

/** Validator {address 1, pub_key 2 {ed25519 1}, voting_power 3, proposer_priority 4}. */
export function readValidator(tag: u32): void {
  const entry = workTake(validatorBytes);
  if (entry == 0) {
    validatorsFit = false;
    spoil();
    return;
  }
  const outer = enter(tag);
  takeBytes(0x0a, 20);
  store<u32>(entry, contentLength == 20 ? <u32>contentStart : 0, 4);
  const key = enter(0x12);
  contentLengthOfKey();
  store<u32>(entry, contentLength == 32 ? <u32>contentStart : 0);
  leave(key);
  store<i64>(entry, <i64>takeNumber(0x18), 8);
  takeNumber(0x20);
  leave(outer);
}

/** The one member of the oneof that is known. */
function contentLengthOfKey(): void {
  if (nextIs(0x0a)) takeElement();
  else spoil();
}

/** ValidatorSet {validators 1, proposer 2, total_voting_power 3}. The proposer may be missing: nothing here depends on it. */
export function readValidators(tag: u32): void {
  validatorsFit = true;
  validatorCount = 0;
  validators = workTop();
  const outer = enter(tag);
  while (nextIs(0x0a)) {
    if (validatorCount == validatorsMax) {
      validatorsFit = false;
      spoil();
      break;
    }
    readValidator(0x0a);
    validatorCount++;
  }
  // It stands in the table after the others.
  hasProposer = nextIs(0x12);
  if (hasProposer) readValidator(0x12);
  toldPower = takeNumber(0x18);
  leave(outer);
  if (!readSound) validatorCount = 0;
}

/** The rule that the set breaks, or `holds`. Makes the places of addresses, and the total power. */
export function checkValidators(): u32 {
  if (validatorCount == 0) return rules.broken(rules.validatorsPresent, 0);
  let size: u32 = 16;
  while (size < validatorCount * 2) size <<= 1;
  places = workTake(size * 2);
  if (places == 0) return rules.broken(rules.roomSuffices, 0);
  memory.fill(places, 0, size * 2);
  placeMask = size - 1;
  totalPower = 0;
  for (let i: u32 = 0; i < validatorCount; i++) {
    if (i % batchMax == 0) digestKeys(i);
    const digest = digests + (<usize>(i % batchMax) << 5);
    if (validatorKey(i) == 0) return rules.broken(rules.keyLengthRight, i);
    const address = validatorAddress(i);
    if (address == 0 || !bytesEqual(address, digest, 20)) return rules.broken(rules.addressOfKey, i);
    const place = placeOf(address);
    if (load<u16>(place) != 0) return rules.broken(rules.validatorOnce, i);
    store<u16>(place, <u16>(i + 1));
    const power = validatorPower(i);
    if (power < 1) return rules.broken(rules.powerPositive, i);
    // Both are at most 2^63, so the sum cannot wrap.
    totalPower += <u64>power;
    if (totalPower > totalPowerMax) return rules.broken(rules.totalPowerBounded, i);
  }
  if (toldPower != 0 && toldPower != totalPower) return rules.broken(rules.totalPowerMatches, 0);
  return hasProposer && !proposerStands() ? rules.broken(rules.proposerInSet, 0) : rules.holds;
}

/** Digests of the keys from `first` on, one batch. Keys of another length have none. */
function digestKeys(first: u32): void {
  const count = min<u32>(batchMax, validatorCount - first);
  let entry = digestList;
  for (let i: u32 = 0; i < count; i++) {
    const key = validatorKey(first + i);
    store<u32>(entry, <u32>key);
    store<u32>(entry, key == 0 ? 0 : 32, 4);
    store<u32>(entry, <u32>(digests + (<usize>i << 5)), 8);
    entry += batchEntryBytes;
  }
  sha256Batch(digestList, count, noPrefix);
}

/** The proposer told is one of the set, key and all. */
function proposerStands(): bool {
  const address = validatorAddress(validatorCount);
  const key = validatorKey(validatorCount);
  if (address == 0 || key == 0) return false;
  const found = validatorOf(address);
  return found >= 0 && bytesEqual(validatorKey(found), key, 32) && validatorPower(found) == validatorPower(validatorCount);
}

/** Where the address stands or would stand. Addresses ground to collide cost at most 10,000 steps each. */
function placeOf(address: usize): usize {
  let slot = load<u32>(address) & placeMask;
  while (true) {
    const place = places + (<usize>slot << 1);
    const index = <u32>load<u16>(place);
    if (index == 0 || bytesEqual(validatorAddress(index - 1), address, 20)) return place;
    slot = (slot + 1) & placeMask;
  }
}

/** Number of the validator with this address, or -1. Only after `checkValidators`. */
export function validatorOf(address: usize): i32 {
  return <i32>load<u16>(placeOf(address)) - 1;
}

/** Merkle root of SimpleValidator {pub_key 1 {ed25519 1}, voting_power 2}. Only after `checkValidators`. */
export function hashValidators(to: usize): void {
  merkleBegin();
  for (let i: u32 = 0; i < validatorCount; i++) {
    const place = i % batchMax;
    // The messages before are hashed before their places are taken.
    if (place == 0) merkleSettle();
    const message = messages + <usize>place * messageBytes;
    // 0a 22 0a 20: a key of 32 bytes in the first field.
    store<u32>(message, 0x200a220a);
    memory.copy(message + 4, validatorKey(i), 32);
    writeBegin(message + 36);
    writeVarintField(2, <u64>validatorPower(i));
    merkleLeaf(message, <u32>(writeEnd() - message));
  }
  merkleFinish(to);
}
