// A whole block, from raw bytes to its id: form, and that the header commits to data, evidence and last commit
// (CometBFT v0.38, types/block.go Block.ValidateBasic, state/validation.go for what binds the last commit to the header).

import { bytesEqual } from "../memory";
import { merkleBegin, merkleFinish, merkleLeaf, merkleSettle } from "../merkle/root";
import { batchEntryBytes, noPrefix, sha256Batch } from "../sha256/batch";
import { workBegin } from "../work";
import {
  contentLength,
  contentStart,
  enter,
  flawAt,
  leave,
  nextIs,
  readBegin,
  readFinished,
  readPosition,
  takeElement,
  wholeInput,
} from "./canonical";
import {
  commitCount,
  commitFits,
  commitHeight,
  commitIdIsZero,
  commitIdLength,
  commitIdStart,
  flagAbsent,
  hashCommit,
  readCommit,
  slotAddress,
  slotFlag,
  slotSignatureLength,
} from "./commit";
import { hashEvidence, readEvidence } from "./evidence";
import {
  hashHeader,
  headerFieldLength,
  headerFieldStart,
  headerHeight,
  lastBlockIdLength,
  lastBlockIdStart,
  readHeader,
} from "./header";
import { checkHeader, forget, headerHash, inputOf } from "./light-block";
import { hashParts } from "./part-set";
import * as rules from "./rules";

const root: usize = memory.data(32, 16);
export const partsHash: usize = memory.data(32, 16);
export let partsTotal: u32 = 0;
export let transactionCount: u32 = 0;

let dataStart: usize = 0;
let dataLength: u32 = 0;
let evidenceStart: usize = 0;
let evidenceLength: u32 = 0;

/** Block {header 1, data 2 {txs 1}, evidence 3, last_commit 4}. */
function readBlock(): void {
  readHeader(0x0a);
  const data = enter(0x12);
  dataStart = readPosition();
  transactionCount = 0;
  while (nextIs(0x0a)) {
    takeElement();
    transactionCount++;
  }
  dataLength = <u32>(readPosition() - dataStart);
  leave(data);
  const evidence = enter(0x1a);
  evidenceStart = readPosition();
  readEvidence(wholeInput);
  evidenceLength = <u32>(readPosition() - evidenceStart);
  leave(evidence);
  readCommit(0x22);
}

/** True when the header's field is this hash. */
function headerHas(field: u32, hash: usize): bool {
  return headerFieldLength(field) == 32 && bytesEqual(headerFieldStart(field), hash, 32);
}

/** Transactions that are hashed at a time: their list, and their digests, which are the leaves. */
const batchMax: u32 = 64;
const digestList: usize = memory.data(768, 16);
const digests: usize = memory.data(2048, 16);

/** Merkle root over the transactions' digests. */
function hashData(from: usize, length: u32, to: usize): void {
  readBegin(from, length);
  merkleBegin();
  while (nextIs(0x0a)) {
    let count: u32 = 0;
    for (; count < batchMax && nextIs(0x0a); count++) {
      takeElement();
      const entry = digestList + <usize>count * batchEntryBytes;
      store<u32>(entry, <u32>contentStart);
      store<u32>(entry, contentLength, 4);
      store<u32>(entry, <u32>(digests + (<usize>count << 5)), 8);
    }
    sha256Batch(digestList, count, noPrefix);
    for (let i: u32 = 0; i < count; i++) merkleLeaf(digests + (<usize>i << 5), 32);
    merkleSettle();
  }
  merkleFinish(to);
}

/** The first block has an empty commit and no block before it; every other one commits to the block that its header names. */
function lastCommitFollows(): u32 {
  if (commitCount == 0)
    return commitHeight == 0 && lastBlockIdLength() == 2 ? rules.holds : rules.broken(rules.lastCommitFollows, 0);
  // Votes of height 0 would be for a block that cannot be.
  if (
    commitHeight < 1 ||
    commitHeight != headerHeight - 1 ||
    commitIdIsZero ||
    commitIdLength != lastBlockIdLength() ||
    !bytesEqual(commitIdStart, lastBlockIdStart(), commitIdLength)
  )
    return rules.broken(rules.lastCommitFollows, 0);
  for (let i: u32 = 0; i < commitCount; i++) {
    if (slotFlag(i) == flagAbsent) continue;
    if (slotAddress(i) == 0) return rules.broken(rules.slotOfValidator, i);
    if (slotSignatureLength(i) == 0) return rules.broken(rules.signatureLengthRight, i);
  }
  return rules.holds;
}

/** Input: chain id, then the block. Gives a rule; then hash, parts and their number are there. */
export function checkBlock(chainLength: u32, length: u32): u32 {
  forget();
  memory.fill(partsHash, 0, 32);
  partsTotal = 0;
  transactionCount = 0;
  const chain = inputOf(chainLength, length, 0);
  if (chain == 0) return rules.broken(rules.roomSuffices, 0);
  const block = chain + chainLength;
  workBegin(block + length);
  readBegin(block, length);
  readBlock();
  const sound = readFinished();
  // Evidence may hold a header of its own, which was read last. The block's own finds no flaw that is not the first.
  readBegin(block, length);
  readHeader(0x0a);
  if (!sound)
    return commitFits ? rules.broken(rules.formSound, <u32>(flawAt - block)) : rules.broken(rules.roomSuffices, 0);
  let rule = checkHeader(chain, chainLength);
  if (rule != rules.holds) return rule;
  rule = lastCommitFollows();
  if (rule != rules.holds) return rule;
  hashCommit(root);
  if (!headerHas(6, root)) return rules.broken(rules.lastCommitHashMatches, 0);
  hashData(dataStart, dataLength, root);
  if (!headerHas(7, root)) return rules.broken(rules.dataHashMatches, 0);
  hashEvidence(evidenceStart, evidenceLength, root);
  if (!headerHas(13, root)) return rules.broken(rules.evidenceHashMatches, 0);
  partsTotal = hashParts(block, length, partsHash);
  // Last, for it changes the header's tags.
  hashHeader(headerHash);
  return rules.holds;
}
