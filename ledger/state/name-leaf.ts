// Leaves of the ordered index: names in the order of their bytes, each written as what it does not share with the one before it.
// A name: u8 bytes shared, u8 bytes that follow less one, those bytes. The first of a leaf shares nothing. Names: 1 to 256 bytes.

/** Never changed once it is made. */
export type NameLeaf = Uint8Array;

/** About the bytes of a leaf; one name more fits in any case. */
export const leafBytesMax = 1024;
const nameBytesMax = 256;
const headBytes = 2;

// A name may begin with U+FEFF, which decoders otherwise take for a byte order mark.
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Negative when `bytes` come before the leaf's first name, 0 when they are that name. */
export function compareWithFirst(bytes: Uint8Array, leaf: NameLeaf): number {
  const firstLength = leaf[1]! + 1;
  const length = Math.min(bytes.length, firstLength);
  for (let i = 0; i < length; i++) {
    const difference = bytes[i]! - leaf[headBytes + i]!;
    if (difference !== 0) return difference;
  }
  return bytes.length - firstLength;
}

const noLeaf = new Uint8Array(0);

/** Goes through a leaf name by name, and through another when it is opened anew. */
export class LeafCursor {
  /** The name's bytes, the first `length` of them. */
  readonly bytes = new Uint8Array(nameBytesMax);
  length = 0;
  #leaf: NameLeaf = noLeaf;
  #at = 0;

  /** Starts before the leaf's first name. */
  open(leaf: NameLeaf): this {
    this.#leaf = leaf;
    this.#at = 0;
    this.length = 0;
    return this;
  }

  /** Goes to the next name; false when there is none. */
  next(): boolean {
    const leaf = this.#leaf;
    let at = this.#at;
    if (at >= leaf.length) return false;
    const bytes = this.bytes;
    const shared = leaf[at]!;
    const length = shared + leaf[at + 1]! + 1;
    at += headBytes;
    for (let i = shared; i < length; i++) bytes[i] = leaf[at++]!;
    this.length = length;
    this.#at = at;
    return true;
  }

  /** Negative when the name comes before `other`. */
  compare(other: Uint8Array): number {
    const length = Math.min(this.length, other.length);
    for (let i = 0; i < length; i++) {
      const difference = this.bytes[i]! - other[i]!;
      if (difference !== 0) return difference;
    }
    return this.length - other.length;
  }

  startsWith(prefix: Uint8Array): boolean {
    if (this.length < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) if (this.bytes[i] !== prefix[i]) return false;
    return true;
  }

  text(): string {
    return textDecoder.decode(this.bytes.subarray(0, this.length));
  }
}

/** Writes names, which come in order, one after the other. */
class LeafWriter {
  count = 0;
  #bytes = new Uint8Array(4 * leafBytesMax);
  #length = 0;
  readonly #last = new Uint8Array(nameBytesMax);
  #lastLength = 0;

  get length(): number {
    return this.#length;
  }

  add(name: Uint8Array, length: number): void {
    const last = this.#last;
    const most = Math.min(this.#lastLength, length);
    let shared = 0;
    while (shared < most && last[shared] === name[shared]) shared++;
    if (this.#length + headBytes + nameBytesMax > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at] = shared;
    bytes[at + 1] = length - shared - 1;
    at += headBytes;
    for (let i = shared; i < length; i++) {
      const byte = name[i]!;
      bytes[at++] = byte;
      last[i] = byte;
    }
    this.#length = at;
    this.#lastLength = length;
    this.count++;
  }

  /** What was written, as a leaf of its own; starts over. */
  take(): NameLeaf {
    const leaf = this.#bytes.slice(0, this.#length);
    this.count = 0;
    this.#length = 0;
    this.#lastLength = 0;
    return leaf;
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

/** A name that comes or goes. */
export interface NameChange {
  readonly bytes: Uint8Array;
  readonly kept: boolean;
}

/** For changes, which nobody interrupts. */
const writer = new LeafWriter();
const reader = new LeafCursor();

export interface ChangedLeaf {
  /** As many as it takes; the same leaf when nothing changed. */
  readonly leaves: readonly NameLeaf[];
  /** Names more than before. */
  readonly more: number;
}

/** A leaf, or nothing, with the changes `from` to before `to`, which are in order and of different names. */
export function changeLeaf(
  leaf: NameLeaf | null,
  changes: readonly NameChange[],
  from: number,
  to: number,
): ChangedLeaf {
  const cursor = reader.open(leaf ?? noLeaf);
  let more = 0;
  let touched = false;
  let has = cursor.next();
  writer.take();
  for (let at = from; at < to; at++) {
    const { bytes, kept } = changes[at]!;
    let order = has ? cursor.compare(bytes) : 1;
    while (order < 0) {
      writer.add(cursor.bytes, cursor.length);
      has = cursor.next();
      order = has ? cursor.compare(bytes) : 1;
    }
    if (order === 0 && !kept) {
      has = cursor.next();
      more--;
      touched = true;
    } else if (order > 0 && kept) {
      writer.add(bytes, bytes.length);
      more++;
      touched = true;
    }
  }
  if (!touched) return { leaves: leaf === null ? [] : [leaf], more: 0 };
  for (; has; has = cursor.next()) writer.add(cursor.bytes, cursor.length);
  return { leaves: writer.count === 0 ? [] : split(writer.take()), more };
}

/** Two neighbours as one. */
export function joinLeaves(left: NameLeaf, right: NameLeaf): NameLeaf {
  writer.take();
  for (const leaf of [left, right]) {
    const cursor = reader.open(leaf);
    while (cursor.next()) writer.add(cursor.bytes, cursor.length);
  }
  return writer.take();
}

/** Cuts what is too long into pieces of about the same size. */
function split(whole: NameLeaf): readonly NameLeaf[] {
  if (whole.length <= leafBytesMax) return [whole];
  const target = whole.length / Math.ceil(whole.length / leafBytesMax);
  const leaves: NameLeaf[] = [];
  const cursor = reader.open(whole);
  while (cursor.next()) {
    writer.add(cursor.bytes, cursor.length);
    if (writer.length >= target) leaves.push(writer.take());
  }
  if (writer.count > 0) leaves.push(writer.take());
  return leaves;
}
