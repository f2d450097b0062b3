// RFC 6962 trees that grow leaf by leaf: what an append completes, and which nodes a root or an inclusion path (RFC 9162, section
// 2.1.3.1) is made of. Numbers and hashes only; sizes up to 2^53 - 1, so at most 53 levels.

/** sha256(01 | left | right). */
export type InnerHash = (left: Uint8Array, right: Uint8Array) => Uint8Array;

/** A perfect subtree: leaves `index * 2^level` up to `(index + 1) * 2^level`. Level 0 is a leaf's hash. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The perfect subtrees that a tree is made of, the largest first; one for each set bit of the size. */
export function frontierOf(size: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2))
    if (rest % 2 === 1) nodes.push({ level, index: rest - 1 });
  return nodes.reverse();
}

/** The frontier after one more leaf, and the hashes of the nodes that the leaf completes: its own, then those above it. */
export function appendLeaf(
  frontier: readonly Uint8Array[],
  size: number,
  leafHash: Uint8Array,
  inner: InnerHash,
): { readonly frontier: Uint8Array[]; readonly completed: readonly Uint8Array[] } {
  const next = [...frontier];
  const completed = [leafHash];
  let hash = leafHash;
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    hash = inner(next.pop()!, hash);
    completed.push(hash);
  }
  next.push(hash);
  return { frontier: next, completed };
}

/** The root of a tree that is not empty, from its frontier. */
export function rootOfFrontier(frontier: readonly Uint8Array[], inner: InnerHash): Uint8Array {
  let root = frontier.at(-1)!;
  for (let at = frontier.length - 2; at >= 0; at--) root = inner(frontier[at]!, root);
  return root;
}

/**
 * What each hash of a leaf's inclusion path is made of, from the leaf upwards: one perfect subtree, or, at the right edge, several
 * that `rootOfFrontier` joins. @throws {RangeError} when the tree has no such leaf.
 */
export function inclusionNodes(index: number, size: number): TreeNode[][] {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  const path: TreeNode[][] = [];
  for (let level = 0, at = index; 2 ** level < size; level++, at = Math.floor(at / 2)) {
    const sibling = at % 2 === 1 ? at - 1 : at + 1;
    const begin = sibling * 2 ** level;
    // Nothing stands to the right: this level's node is the one above.
    if (begin >= size) continue;
    const leaves = Math.min(2 ** level, size - begin);
    path.push(frontierOf(leaves).map((node) => ({ level: node.level, index: node.index + begin / 2 ** node.level })));
  }
  return path;
}
