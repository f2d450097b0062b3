// Exports of the core for CometBFT's hashes and sign bytes, from flat records.

import { outputStart } from "../memory";
import * as hashes from "./hashes";
import { recordBegin, recordFinished } from "./record";
import { takeResults } from "./results";
import * as vote from "./vote";

export function headerHash(from: usize, length: u32): bool {
  recordBegin(from, length);
  return hashes.headerHash(outputStart());
}

export function consensusHash(from: usize, length: u32): bool {
  recordBegin(from, length);
  return hashes.consensusHash(outputStart());
}

/** Length of the sign bytes in the output region; 0 when the record is unsound. */
export function voteSignBytes(from: usize, length: u32): u32 {
  recordBegin(from, length);
  return vote.voteSignBytes(outputStart());
}

/** Takes `count` records of CommitSig into the tree under way. */
export function treeCommitSignatures(from: usize, length: u32, count: u32): bool {
  recordBegin(from, length);
  for (let i: u32 = 0; i < count; i++) if (!hashes.commitSignature()) break;
  hashes.takeWaiting();
  return recordFinished();
}

/** Takes `count` records of SimpleValidator into the tree under way. */
export function treeValidators(from: usize, length: u32, count: u32): bool {
  recordBegin(from, length);
  for (let i: u32 = 0; i < count; i++) if (!hashes.simpleValidator()) break;
  hashes.takeWaiting();
  return recordFinished();
}

/** Takes `count` results of transactions into the tree under way. */
export function treeResults(from: usize, length: u32, count: u32): bool {
  recordBegin(from, length);
  return takeResults(count);
}
