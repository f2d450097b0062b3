// Versions in a row, the oldest dropped first. Each notes the records that it superseded; they are freed when all versions
// before it are gone, by linking one chain, so that dropping costs the same whatever the version changed. No counting of
// references, no search for garbage. One version at a time is prepared, beside the newest, and committed or abandoned.
//
// version  0 root hash   32 root   36 number of entries   40 next version   44 first block of the superseded, 48 last block,
//         52 number of records in them

import { sha256Of } from "../sha256/digest";
import * as changes from "./changes";
import { mergeChanges, mergedKnown, mergedMet, mergeExhausted } from "./merge";
import { freeChain, freeRecord, supersededForget, supersededTo, takeRecord } from "./pool";
import { copyHash } from "./records";
import { rehashAll, rehashForget, rehashTo } from "./rehash";

const versionRoot: usize = 32;
const versionSize: usize = 36;
const versionNext: usize = 40;
const versionSuperseded: usize = 44;

let oldest: usize = 0;
let newest: usize = 0;
let prepared: usize = 0;
/** The prepared version's root was made by it. */
let preparedFresh: bool = false;

export function rootOf(version: usize): usize {
  return version == 0 ? 0 : load<u32>(version, versionRoot);
}

export function sizeOf(version: usize): u32 {
  return version == 0 ? 0 : load<u32>(version, versionSize);
}

/** Starts to prepare a version on the newest; what was prepared before is abandoned. */
export function prepareBegin(): void {
  abandon();
}

/** Takes in packed changes. After a failure nothing is prepared. */
export function prepareChanges(from: usize, length: u32): u32 {
  const status = changes.changesTake(from, length);
  if (status != changes.done) changes.changesDrop();
  return status;
}

/** Makes the version of the changes taken in. After a failure nothing is prepared. */
export function prepareEnd(): u32 {
  const version = takeRecord();
  if (version == 0) {
    changes.changesDrop();
    return changes.outOfMemory;
  }
  const puts = changes.changesPut();
  const root = mergeChanges(rootOf(newest), newest, changes.changesRoot(), changes.changesCount());
  changes.changesBegin();
  if (mergeExhausted()) {
    rehashForget();
    freeRecord(version);
    supersededForget();
    return changes.outOfMemory;
  }
  store<u32>(version, root, versionRoot);
  store<u32>(version, sizeOf(newest) + puts - mergedMet(), versionSize);
  store<u32>(version, 0, versionNext);
  prepared = version;
  preparedFresh = root != 0 && mergedKnown() == 0;
  if (root == 0) sha256Of(0, 0, version);
  else if (mergedKnown() != 0) copyHash(version, mergedKnown());
  else {
    rehashTo(root, version);
    rehashAll();
  }
  return changes.done;
}

/** The version prepared, or 0. */
export function preparedVersion(): usize {
  return prepared;
}

/** Makes the prepared version the newest. Answers it, or 0 when there is none. */
export function commit(): usize {
  const version = prepared;
  if (version == 0) return 0;
  prepared = 0;
  supersededTo(version + versionSuperseded);
  if (newest == 0) oldest = version;
  else store<u32>(newest, version, versionNext);
  newest = version;
  return version;
}

/** Drops what is prepared. */
export function abandon(): void {
  changes.changesDrop();
  const version = prepared;
  if (version == 0) return;
  prepared = 0;
  if (preparedFresh) changes.freeFresh(rootOf(version));
  freeRecord(version);
  supersededForget();
}

/** Drops the oldest version; false when it is the only one. What is prepared stays. */
export function dropOldest(): bool {
  const version = oldest;
  if (version == newest) return false;
  oldest = load<u32>(version, versionNext);
  const superseded = oldest + versionSuperseded;
  freeChain(load<u32>(superseded, 0), load<u32>(superseded, 4), load<u32>(superseded, 8));
  store<u32>(superseded, 0, 0);
  freeRecord(version);
  return true;
}
