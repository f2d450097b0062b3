// A state tree for tests, built anew for each height: path-compressed binary over sha256(name), proofs encoded by @confio/ics23.

import { ics23 } from "@confio/ics23";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import { utf8 } from "../../protocol/bytes.ts";

interface Leaf {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly path: ics23.IInnerOp[];
}

// Without the default (no hash of keys), as Go and the ledger write it.
const leafOp: ics23.ILeafOp = {
  hash: ics23.HashOp.SHA256,
  prehashValue: ics23.HashOp.SHA256,
  length: ics23.LengthOp.VAR_PROTO,
  prefix: Uint8Array.of(0),
};

export class FakeTree {
  readonly #core: Core;
  readonly #leaves: Leaf[];
  readonly root: Uint8Array;

  constructor(core: Core, entries: ReadonlyMap<string, Uint8Array>) {
    this.#core = core;
    this.#leaves = [...entries]
      .map(([name, value]) => ({ key: core.sha256(utf8(name)), value, path: [] }))
      .sort((a, b) => Buffer.compare(a.key, b.key));
    this.root = this.#leaves.length === 0 ? core.sha256(new Uint8Array()) : this.#node(0, this.#leaves.length, 0);
  }

  /** Encoded CommitmentProof of the name's value or absence. */
  proof(name: string): Uint8Array {
    const key = this.#core.sha256(utf8(name));
    const at = this.#leaves.findIndex((leaf) => Buffer.compare(leaf.key, key) >= 0);
    const next = at < 0 ? this.#leaves.length : at;
    const found = this.#leaves[next];
    if (found !== undefined && Buffer.compare(found.key, key) === 0)
      return ics23.CommitmentProof.encode({ exist: this.#existence(found) }).finish();
    const [left, right] = [this.#leaves[next - 1], this.#leaves[next]];
    return ics23.CommitmentProof.encode({
      nonexist: {
        key,
        left: left === undefined ? null : this.#existence(left),
        right: right === undefined ? null : this.#existence(right),
      },
    }).finish();
  }

  #existence({ key, value, path }: Leaf): ics23.IExistenceProof {
    return { key, value, leaf: leafOp, path };
  }

  #node(from: number, to: number, bit: number): Uint8Array {
    const first = this.#leaves[from]!;
    if (to - from === 1)
      return this.#core.sha256(Uint8Array.of(0, 32, ...first.key, 32, ...this.#core.sha256(first.value)));
    const bitOf = (leaf: Leaf): number => (leaf.key[bit >> 3]! >> (7 - (bit & 7))) & 1;
    let middle = from;
    while (middle < to && bitOf(this.#leaves[middle]!) === 0) middle++;
    if (middle === from || middle === to) return this.#node(from, to, bit + 1);
    const left = this.#node(from, middle, bit + 1);
    const right = this.#node(middle, to, bit + 1);
    for (const leaf of this.#leaves.slice(from, middle))
      leaf.path.push({ hash: ics23.HashOp.SHA256, prefix: Uint8Array.of(1), suffix: right });
    for (const leaf of this.#leaves.slice(middle, to))
      leaf.path.push({ hash: ics23.HashOp.SHA256, prefix: Uint8Array.of(1, ...left) });
    return this.#core.innerHash(left, right);
  }
}
