// Exports of the state tree. Versions are addresses that `preparedVersion` or `commit` answered and `dropOldest` has not
// dropped. A call's name or key, or its packed changes, lie at the input region's start.

import { sha256Of } from "../sha256/digest";
import { nameBytesMax } from "./changes";
import { prove } from "./proof";
import { copyHash, keyBytes, leafLength } from "./records";
import { inputBytesMax, outputBytesMax, outputStart, reserveInput } from "./regions";
import * as search from "./search";
import { gatherValue } from "./values";
import * as versions from "./versions";

export { outputStart, reserveInput } from "./regions";
export { limitPages, recordsLive } from "./pool";
export { abandon, commit, dropOldest, prepareBegin, prepareEnd, preparedVersion } from "./versions";

const key: usize = memory.data(32, 16);

/** Takes in `length` bytes of packed changes from the input region. Answers a status of changes.ts. */
export function prepareChanges(length: u32): u32 {
  return versions.prepareChanges(reserveInput(0), min<u32>(length, inputBytesMax));
}

/** Writes a version's root hash to the output region; that of the empty tree when there is no version. */
export function versionRoot(version: usize): void {
  if (version == 0) sha256Of(0, 0, outputStart());
  else copyHash(outputStart(), version);
}

/** Number of a version's entries. */
export function versionSize(version: usize): u32 {
  return versions.sizeOf(version);
}

/** Writes the value of a name, or of a key when `nameLength` is 0. Answers its length; 0 when there is none. */
export function value(version: usize, nameLength: u32): u32 {
  const leaf = search.findLeaf(versions.rootOf(version), keyOf(nameLength));
  if (leaf == 0) return 0;
  gatherValue(leaf, outputStart());
  return load<u32>(leaf, leafLength);
}

/** Writes the ICS-23 proof of a name or a key. Answers its length; 0 for an empty tree. */
export function proof(version: usize, nameLength: u32): u32 {
  return prove(versions.rootOf(version), keyOf(nameLength), outputStart());
}

/**
 * Writes entries in the order of their keys, as many as there is room for, each as key, u32 length and value: from the key at
 * the input on, without that key itself when `after` is set. Answers the bytes written; 0 when there are no more.
 */
export function entries(version: usize, after: bool): u32 {
  const root = versions.rootOf(version);
  if (root == 0) return 0;
  let leaf = search.pathTo(root, keyOf(0));
  if (leaf == 0) leaf = search.pathToNeighbour(1);
  else if (after) leaf = search.pathToNext(1);
  let written: u32 = 0;
  while (leaf != 0) {
    const length = load<u32>(leaf, leafLength);
    if (outputBytesMax - written < keyBytes + 4 + length) break;
    const to = outputStart() + written;
    copyHash(to, leaf);
    store<u32>(to, length, keyBytes);
    gatherValue(leaf, to + keyBytes + 4);
    written += keyBytes + 4 + length;
    leaf = search.pathToNext(1);
  }
  return written;
}

function keyOf(nameLength: u32): usize {
  if (nameLength == 0) copyHash(key, reserveInput(0));
  else sha256Of(reserveInput(0), min<u32>(nameLength, nameBytesMax), key);
  return key;
}
