// Records of the state tree: nodes, pieces of values, versions and lists of records, all of one size, so that memory never
// splinters. A node is known by its address; a leaf's has bit 0 set. Address 0 is the empty tree.
//
// inner    0 hash of the left child   32 hash of the right   64 first 64 bits of the keys below, as a number
//         72 left   76 right   80 level while hashing   84 where its own hash goes   88 bit   92 fresh children
// leaf     0 key   32 length of the value, 0 for a change that removes   36 next piece   40 the value's first 56 bytes
// piece    0 next piece   4 the value's next 92 bytes
//
// A parent holds its children's hashes: to hash a path again, no node beside the path is touched.

export const recordBytes: usize = 96;

export const innerPrefix: usize = 64;
export const innerChildren: usize = 72;
/** Levels of fresh inner nodes at and below this one. Means nothing after the batch that made it, like the next. */
export const innerLevel: usize = 80;
export const innerTarget: usize = 84;
export const innerBit: usize = 88;
/** Bit 0: the left child was made by the batch under way; bit 1: the right one. */
export const innerFresh: usize = 92;

export const leafLength: usize = 32;
export const leafNext: usize = 36;
export const leafValue: usize = 40;
export const leafValueBytes: u32 = 56;
export const pieceValue: usize = 4;
export const pieceValueBytes: u32 = 92;

export const keyBytes: u32 = 32;
export const keyBits: u32 = 256;

// @ts-ignore: a decorator of AssemblyScript
@inline
export function isLeaf(node: usize): bool {
  return <bool>(node & 1);
}

/** The record of a leaf. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function leafRecord(leaf: usize): usize {
  return leaf & ~1;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function childOf(inner: usize, side: u32): usize {
  return load<u32>(inner + (side << 2), innerChildren);
}

/** Copies 32 bytes. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function copyHash(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from, 0), 0);
  store<u64>(to, load<u64>(from, 8), 8);
  store<u64>(to, load<u64>(from, 16), 16);
  store<u64>(to, load<u64>(from, 24), 24);
}

/** First bit at which the two sides of a node differ; 256 for a leaf. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function bitOfNode(node: usize): u32 {
  return isLeaf(node) ? keyBits : load<u32>(node, innerBit);
}

/** First 64 bits of a key below the node. All keys below share those before the node's bit. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function prefixOf(node: usize): u64 {
  return isLeaf(node) ? bswap<u64>(load<u64>(leafRecord(node))) : load<u64>(node, innerPrefix);
}

/** A key below the node, at most 256 steps down. */
export function keyBelow(node: usize): usize {
  while (!isLeaf(node)) node = load<u32>(node, innerChildren);
  return leafRecord(node);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function bitOfKey(key: usize, bit: u32): u32 {
  return (load<u8>(key + (bit >> 3)) >> (7 - (bit & 7))) & 1;
}

/** The side of `bit` that all keys below the node are on. `bit` comes before the node's own. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function sideOf(node: usize, bit: u32): u32 {
  return bit < 64 ? <u32>(prefixOf(node) >> (63 - bit)) & 1 : bitOfKey(keyBelow(node), bit);
}

/** First bit before `limit` in which the keys of two nodes differ, or `limit`, which is at most the bit of either. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function divergence(a: usize, b: usize, limit: u32): u32 {
  const difference = prefixOf(a) ^ prefixOf(b);
  if (difference != 0) return min<u32>(<u32>clz<u64>(difference), limit);
  return limit <= 64 ? limit : divergenceDeep(a, b, limit);
}

/** Keys agree in 64 bits only if someone sought such names for long, so this may be slow. */
function divergenceDeep(a: usize, b: usize, limit: u32): u32 {
  const keyA = keyBelow(a);
  const keyB = keyBelow(b);
  for (let word: u32 = 8; word < keyBytes; word += 8) {
    const difference = bswap<u64>(load<u64>(keyA + word) ^ load<u64>(keyB + word));
    if (difference != 0) return min<u32>((word << 3) + <u32>clz<u64>(difference), limit);
  }
  return limit;
}
