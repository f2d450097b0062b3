// Names in the order of their UTF-8 bytes, for iteration by prefix beside the tree: a B+ tree of front-coded leaves of about
// 1 KiB, copied where it changes, so that whoever walks goes on over what was there when the walk began. At most 64 children a node.

import {
  changeLeaf,
  compareWithFirst,
  joinLeaves,
  LeafCursor,
  leafBytesMax,
  type NameChange,
  type NameLeaf,
} from "./name-leaf.ts";
import { boundOf, compareBytes, comparisonFor } from "./name-order.ts";

const childrenMax = 64;

/** An inner node is the list of its children. All leaves are at one depth. None is empty but the root. */
type NameNode = NameLeaf | readonly NameNode[];

/** A name, and whether it is there from now on. */
export interface ChangedName {
  readonly name: string;
  readonly kept: boolean;
}

const nothing = new Uint8Array(0);

/** Names as they were at one moment. */
export class FrozenNames {
  protected root: NameNode;
  protected count: number;

  constructor(root: NameNode, count: number) {
    this.root = root;
    this.count = count;
  }

  get size(): number {
    return this.count;
  }

  /** Names with the prefix, ascending, strictly after `after` when given. */
  *ascending(prefix: string, after = ""): Generator<string, void, undefined> {
    const prefixBytes = boundOf(prefix);
    const afterBytes = boundOf(after);
    const beyond = compareBytes(afterBytes, prefixBytes) >= 0 && after !== "";
    const start = beyond ? afterBytes : prefixBytes;
    let inside = false;
    const cursor = new LeafCursor();
    for (const leaf of leavesFrom(this.root, start)) {
      cursor.open(leaf);
      while (cursor.next()) {
        if (!inside) {
          const order = cursor.compare(start);
          if (order < 0 || (beyond && order === 0)) continue;
          inside = true;
        }
        if (!cursor.startsWith(prefixBytes)) return;
        yield cursor.text();
      }
    }
  }

  /** Names with the prefix, descending, strictly before `before` when given. */
  *descending(prefix: string, before?: string): Generator<string, void, undefined> {
    const prefixBytes = boundOf(prefix);
    const beforeBytes = before === undefined ? null : boundOf(before);
    const end = endOfPrefix(prefixBytes);
    const start = beforeBytes !== null && (end === null || compareBytes(beforeBytes, end) < 0) ? beforeBytes : end;
    const cursor = new LeafCursor();
    for (const leaf of leavesDownFrom(this.root, start)) {
      const names: string[] = [];
      cursor.open(leaf);
      let passed = false;
      while (cursor.next()) {
        if (start !== null && cursor.compare(start) >= 0) break;
        if (cursor.startsWith(prefixBytes)) names.push(cursor.text());
        else passed = true;
      }
      for (let at = names.length - 1; at >= 0; at--) yield names[at]!;
      if (passed) return;
    }
  }

  /** The leaves in order. */
  leaves(): Generator<NameLeaf, void, undefined> {
    return leavesFrom(this.root, nothing);
  }
}

export class OrderedNames extends FrozenNames {
  constructor() {
    super([], 0);
  }

  /** Bytes that the names take, without what the engine adds to each array. */
  get bytes(): number {
    return bytesOf(this.root);
  }

  /**
   * Makes names come and go, in any order, each once. What is there already, or is not there, stays so.
   * Names have 1 to 256 bytes of UTF-8.
   */
  change(changes: readonly ChangedName[]): void {
    if (changes.length === 0) return;
    const compare = comparisonFor(changes);
    const sorted = isInOrder(changes, compare) ? changes : changes.toSorted((a, b) => compare(a.name, b.name));
    const byBytes = encoded(sorted);
    let { nodes, more } = changeNode(this.root, byBytes, 0, byBytes.length);
    while (nodes.length > 1) nodes = grouped(nodes);
    let root: NameNode = nodes[0] ?? [];
    while (!(root instanceof Uint8Array) && root.length === 1) root = root[0]!;
    this.root = root;
    this.count += more;
  }

  /** The names as they are now, whatever comes and goes later. Costs nothing but what changes meanwhile. */
  freeze(): FrozenNames {
    return new FrozenNames(this.root, this.count);
  }
}

/** The changes with their names' bytes, which lie together in one array. */
function encoded(changes: readonly ChangedName[]): readonly NameChange[] {
  let units = 0;
  for (const { name } of changes) units += name.length;
  // Names are nearly always ASCII; the others have arrays of their own.
  const bytes = new Uint8Array(units);
  let at = 0;
  return changes.map(({ name, kept }) => {
    let end = at;
    for (let i = 0; i < name.length; i++) {
      const unit = name.charCodeAt(i);
      if (unit > 0x7f) return { bytes: boundOf(name), kept };
      bytes[end++] = unit;
    }
    const own = bytes.subarray(at, end);
    at = end;
    return { bytes: own, kept };
  });
}

function bytesOf(node: NameNode): number {
  if (node instanceof Uint8Array) return node.length;
  let bytes = 0;
  for (const child of node) bytes += bytesOf(child);
  return bytes;
}

export function isInOrder(changes: readonly ChangedName[], compare = comparisonFor(changes)): boolean {
  for (let at = 1; at < changes.length; at++) if (compare(changes[at - 1]!.name, changes[at]!.name) > 0) return false;
  return true;
}

function firstLeaf(node: NameNode): NameLeaf {
  while (!(node instanceof Uint8Array)) node = node[0]!;
  return node;
}

/** Index of the last child that begins at or before the bytes; 0 when none does. */
function childFor(children: readonly NameNode[], bytes: Uint8Array): number {
  let low = 1;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareWithFirst(bytes, firstLeaf(children[middle]!)) >= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Leaves in order, from the one on that holds, or would hold, the bytes. */
function* leavesFrom(node: NameNode, bytes: Uint8Array): Generator<NameLeaf, void, undefined> {
  if (node instanceof Uint8Array) {
    yield node;
    return;
  }
  let start = bytes;
  for (let at = childFor(node, bytes); at < node.length; at++) {
    yield* leavesFrom(node[at]!, start);
    start = nothing;
  }
}

/** Leaves in descending order, from the one on that holds names before the bytes; from the last one on for null. */
function* leavesDownFrom(node: NameNode, bytes: Uint8Array | null): Generator<NameLeaf, void, undefined> {
  if (node instanceof Uint8Array) {
    yield node;
    return;
  }
  let start = bytes;
  for (let at = start === null ? node.length - 1 : childFor(node, start); at >= 0; at--) {
    if (node.length > 0) yield* leavesDownFrom(node[at]!, start);
    start = null;
  }
}

/** The first bytes behind all that begin with the prefix; null when nothing is. */
function endOfPrefix(prefix: Uint8Array): Uint8Array | null {
  const end = prefix.slice();
  // UTF-8 has no byte FF.
  if (end.length === 0) return null;
  end[end.length - 1]!++;
  return end;
}

/** A node, as many as it takes at the same depth, with the changes `from` to before `to`. */
function changeNode(
  node: NameNode,
  changes: readonly NameChange[],
  from: number,
  to: number,
): { nodes: readonly NameNode[]; more: number } {
  if (node instanceof Uint8Array || node.length === 0) {
    const { leaves, more } = changeLeaf(node instanceof Uint8Array ? node : null, changes, from, to);
    return { nodes: leaves, more };
  }
  const children: NameNode[] = [];
  let more = 0;
  let copied = 0;
  for (let at = from; at < to; ) {
    const index = childFor(node, changes[at]!.bytes);
    const next = node[index + 1];
    const end = next === undefined ? to : firstNotBefore(changes, at, to, firstLeaf(next));
    while (copied < index) children.push(node[copied++]!);
    const changed = changeNode(node[index]!, changes, at, end);
    children.push(...changed.nodes);
    more += changed.more;
    copied = index + 1;
    at = end;
  }
  while (copied < node.length) children.push(node[copied++]!);
  if (children.length === node.length && children.every((child, at) => child === node[at]))
    return { nodes: [node], more };
  return { nodes: grouped(withoutSmall(children)), more };
}

function firstNotBefore(changes: readonly NameChange[], from: number, to: number, leaf: NameLeaf): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareWithFirst(changes[middle]!.bytes, leaf) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Joins neighbours that together are half as large as one may be. */
function withoutSmall(children: readonly NameNode[]): readonly NameNode[] {
  const joined: NameNode[] = [];
  for (const child of children) {
    const last = joined.at(-1);
    if (last instanceof Uint8Array && child instanceof Uint8Array) {
      if (last.length + child.length <= leafBytesMax / 2) {
        joined[joined.length - 1] = joinLeaves(last, child);
        continue;
      }
    } else if (last !== undefined && last.length + child.length <= childrenMax / 2) {
      joined[joined.length - 1] = [...(last as readonly NameNode[]), ...(child as readonly NameNode[])];
      continue;
    }
    joined.push(child);
  }
  return joined;
}

/** Nodes as children of as many parents as it takes, of about the same size. */
function grouped(nodes: readonly NameNode[]): readonly NameNode[] {
  if (nodes.length === 0) return [];
  const groups = Math.ceil(nodes.length / childrenMax);
  const parents: NameNode[] = [];
  for (let group = 0; group < groups; group++)
    parents.push(
      nodes.slice(Math.round((group * nodes.length) / groups), Math.round(((group + 1) * nodes.length) / groups)),
    );
  return parents;
}
