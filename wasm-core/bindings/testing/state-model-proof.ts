// ICS-23 proofs of the state tree's model, as encoded CommitmentProof messages. Not part of the product.
// A proof holds at most 256 steps of 33 to 65 bytes each and up to two values of 64 KiB.

import { compareBytes, type Leaf, type Node, type Tree } from "./state-model.ts";

/** LeafOp of the tendermint spec: hash SHA-256, prehash_value SHA-256, length VAR_PROTO, prefix 00. */
const leafOp = Uint8Array.of(0x08, 1, 0x18, 1, 0x20, 1, 0x2a, 1, 0);

/** Proof that the key is there, or that it is not. Null for the empty tree, of which ICS-23 can prove nothing. */
export function proveKey(tree: Tree, key: Uint8Array): Uint8Array | null {
  if (tree === null) return null;
  const path = pathTo(tree, key);
  const found = path.at(-1)!;
  if (compareBytes(found.key, key) === 0) return field(1, existence(path));
  const left = neighbour(tree, key, "left");
  const right = neighbour(tree, key, "right");
  return field(
    2,
    concatenate([
      field(1, key),
      ...(left === null ? [] : [field(2, existence(left))]),
      ...(right === null ? [] : [field(3, existence(right))]),
    ]),
  );
}

/** Nodes from the root to the leaf at which a search for the key ends. */
function pathTo(tree: Node, key: Uint8Array): Node[] {
  const path: Node[] = [tree];
  let node = tree;
  while (node.kind === "inner") {
    node = bitIsSet(key, node.bit) ? node.right : node.left;
    path.push(node);
  }
  return path;
}

/** Path to the greatest leaf below the key, or to the least above it. Null when there is none. */
function neighbour(tree: Node, key: Uint8Array, side: "left" | "right"): Node[] | null {
  const reached = pathTo(tree, key);
  const reachedKey = reached.at(-1)!.key;
  const parts = compareBytes(reachedKey, key);
  const differing = firstDifference(reachedKey, key);
  // The subtree that shares all bits with the key before they part lies wholly on one side of it.
  let depth = 0;
  for (; depth < reached.length - 1; depth++) {
    const node = reached[depth]!;
    if (node.kind === "inner" && node.bit > differing) break;
  }
  if (parts < 0 === (side === "left")) return extreme(reached.slice(0, depth + 1), side);
  // On the other side: the nearest branch above that subtree which it does not take.
  for (let at = depth - 1; at >= 0; at--) {
    const node = reached[at]!;
    if (node.kind !== "inner") continue;
    const away = side === "left" ? node.left : node.right;
    if (reached[at + 1] !== away) return extreme([...reached.slice(0, at + 1), away], side);
  }
  return null;
}

/** Extends a path down to the rightmost leaf (for a left neighbour) or the leftmost one (for a right neighbour). */
function extreme(path: Node[], side: "left" | "right"): Node[] {
  let node = path.at(-1)!;
  while (node.kind === "inner") {
    node = side === "left" ? node.right : node.left;
    path.push(node);
  }
  return path;
}

function bitIsSet(key: Uint8Array, bit: number): boolean {
  return ((key[bit >> 3]! >> (7 - (bit & 7))) & 1) === 1;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  for (let bit = 0; bit < 256; bit++) if (bitIsSet(a, bit) !== bitIsSet(b, bit)) return bit;
  return 256;
}

/** ExistenceProof of the leaf that ends the path. */
function existence(path: readonly Node[]): Uint8Array {
  const leaf = path.at(-1) as Leaf;
  const parts = [field(1, leaf.key), field(2, leaf.value), field(3, leafOp)];
  for (let at = path.length - 2; at >= 0; at--) {
    const node = path[at]!;
    if (node.kind !== "inner") throw new TypeError("a leaf has nothing below it");
    parts.push(field(4, innerOp(node.left === path[at + 1] ? null : node.left.hash, node.right.hash)));
  }
  return concatenate(parts);
}

/** InnerOp: from the left side the sibling is the suffix, from the right side it stands in the prefix. */
function innerOp(leftSibling: Uint8Array | null, rightSibling: Uint8Array): Uint8Array {
  const hash = Uint8Array.of(0x08, 1);
  if (leftSibling === null) return concatenate([hash, field(2, Uint8Array.of(1)), field(3, rightSibling)]);
  return concatenate([hash, field(2, concatenate([Uint8Array.of(1), leftSibling]))]);
}

/** A length-delimited protobuf field. */
function field(number: number, content: Uint8Array): Uint8Array {
  const head = [(number << 3) | 2];
  let length = content.length;
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80);
    length >>>= 7;
  }
  head.push(length);
  return concatenate([Uint8Array.from(head), content]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
