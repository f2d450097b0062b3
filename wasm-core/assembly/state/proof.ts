// ICS-23 proofs (cosmos/ics23 proofs.proto, tendermint spec) of one version, as encoded CommitmentProof messages. A proof holds
// at most two values of 64 KiB and two paths of 256 steps, 41 bytes each.

import { copyHash, keyBytes, leafLength } from "./records";
import * as search from "./search";
import { gatherValue } from "./values";

/** LeafOp of the tendermint spec as a field: hash SHA-256, prehash_value SHA-256, length VAR_PROTO, prefix 00. */
const leafOp: usize = memory.data<u8>([0x1a, 9, 0x08, 1, 0x18, 1, 0x20, 1, 0x2a, 1, 0]);
const leafOpBytes: u32 = 11;
/** InnerOps with their field's head: the sibling is the suffix, or stands behind the byte 01 in the prefix. */
const stepLeft: usize = memory.data<u8>([0x22, 39, 0x08, 1, 0x12, 1, 1, 0x1a, 32]);
const stepLeftHead: usize = 9;
const stepRight: usize = memory.data<u8>([0x22, 37, 0x08, 1, 0x12, 33, 1]);
const stepRightHead: usize = 7;

/** Writes the proof that the key is there or that it is not. Answers its length; 0 for the empty tree. */
export function prove(root: usize, key: usize, output: usize): u32 {
  if (root == 0) return 0;
  const found = search.pathTo(root, key);
  if (found != 0) {
    const to = fieldHead(output, 0x0a, existenceBytes(found));
    return <u32>(existence(to, found) - output);
  }
  search.pathSave();
  const left = search.pathToNeighbour(0);
  const leftBytes = left == 0 ? 0 : existenceBytes(left);
  search.pathBack();
  const right = search.pathToNeighbour(1);
  const rightBytes = right == 0 ? 0 : existenceBytes(right);
  const bytes = 2 + keyBytes + fieldBytes(leftBytes) + fieldBytes(rightBytes);
  let to = fieldHead(output, 0x12, bytes);
  to = fieldHead(to, 0x0a, keyBytes);
  copyHash(to, key);
  to += keyBytes;
  if (left != 0) {
    search.pathBack();
    search.pathToNeighbour(0);
    to = existence(fieldHead(to, 0x12, leftBytes), left);
  }
  if (right != 0) {
    search.pathBack();
    search.pathToNeighbour(1);
    to = existence(fieldHead(to, 0x1a, rightBytes), right);
  }
  return <u32>(to - output);
}

/** Length of the ExistenceProof of the leaf that the path leads to. */
function existenceBytes(leaf: usize): u32 {
  const length = load<u32>(leaf, leafLength);
  let bytes = 2 + keyBytes + 1 + varintBytes(length) + length + leafOpBytes;
  for (let step: u32 = 0; step < search.pathDepth(); step++) bytes += search.pathSide(step) == 0 ? 41 : 39;
  return bytes;
}

/** Writes the ExistenceProof of the leaf that the path leads to. Answers its end. */
function existence(to: usize, leaf: usize): usize {
  to = fieldHead(to, 0x0a, keyBytes);
  copyHash(to, leaf);
  to += keyBytes;
  const length = load<u32>(leaf, leafLength);
  to = fieldHead(to, 0x12, length);
  gatherValue(leaf, to);
  to += length;
  memory.copy(to, leafOp, leafOpBytes);
  to += leafOpBytes;
  for (let step = search.pathDepth(); step > 0; step--) {
    const node = search.pathNode(step - 1);
    if (search.pathSide(step - 1) == 0) {
      memory.copy(to, stepLeft, stepLeftHead);
      copyHash(to + stepLeftHead, node + 32);
      to += stepLeftHead + 32;
    } else {
      memory.copy(to, stepRight, stepRightHead);
      copyHash(to + stepRightHead, node);
      to += stepRightHead + 32;
    }
  }
  return to;
}

/** Tag and length of a length-delimited field. Answers where its content goes. */
function fieldHead(to: usize, tag: u32, length: u32): usize {
  store<u8>(to, <u8>tag);
  to++;
  while (length > 0x7f) {
    store<u8>(to, <u8>((length & 0x7f) | 0x80));
    length >>= 7;
    to++;
  }
  store<u8>(to, <u8>length);
  return to + 1;
}

/** Length of a field with its head; 0 for one that is left out. */
function fieldBytes(length: u32): u32 {
  return length == 0 ? 0 : 1 + varintBytes(length) + length;
}

function varintBytes(value: u32): u32 {
  let bytes: u32 = 1;
  for (; value > 0x7f; value >>= 7) bytes++;
  return bytes;
}
