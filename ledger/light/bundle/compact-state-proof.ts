// An ICS-23 proof of the tendermint spec in few bytes: of each step only the side and the sibling. What is left out (the key, which is
// sha256 of the name, the value, the hash operations) is put back, so a proof can be of nothing else. Bounds: 256 steps, values 64 KiB.

import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { ProtoReader } from "../../../wasm-core/bindings/proto-reader.ts";
import { ProtoWriter } from "../../../wasm-core/bindings/proto-writer.ts";
import { hex, utf8 } from "../../protocol/bytes.ts";
import { nameBytesMax, type StateProof } from "../check-state.ts";
import type { Coder } from "./coder.ts";

const stepsMax = 256;
export const valueBytesMax = 65_536;
const hashBytes = 32;

interface Step {
  /** Whether the sibling is the left child. */
  readonly left: boolean;
  readonly sibling: Uint8Array;
}

interface Existence {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly path: readonly Step[];
}

/** As much of an ICS-23 proof as is not known otherwise. */
type Found = { readonly exists: Existence } | { readonly left: Existence | null; readonly right: Existence | null };

/** A state proof; its name is coded too unless it is known. @throws {RangeError} */
export function codeStateProof(
  coder: Coder,
  core: LightCore,
  proof: StateProof | undefined,
  knownName?: string,
): StateProof {
  const name = knownName ?? coder.text(nameBytesMax, proof?.name);
  const key = core.sha256(utf8(name));
  const found = proof && readProof(proof.proof);
  // 0: it exists. Else which neighbours there are: 1 left, 2 right.
  const form = coder.whole(3, found && ("exists" in found ? 0 : (found.left ? 1 : 0) + (found.right ? 2 : 0)));
  if (form === 0) {
    const existing = found !== undefined && "exists" in found ? found.exists : undefined;
    const value = coder.bytes(valueBytesMax, proof && (proof.value ?? undefined));
    const path = codePath(coder, existing?.path);
    return { name, value, proof: writeProof(key, { exists: { key, value, path } }) };
  }
  const [left, right] = [1, 2].map((side) => {
    if ((form & side) === 0) return null;
    const given = found === undefined || "exists" in found ? undefined : (side === 1 ? found.left : found.right)!;
    return {
      key: coder.fixed(hashBytes, given?.key),
      value: coder.bytes(valueBytesMax, given?.value),
      path: codePath(coder, given?.path),
    };
  });
  return { name, value: null, proof: writeProof(key, { left: left!, right: right! }) };
}

/** The sides as bits, then the siblings. */
function codePath(coder: Coder, path: readonly Step[] | undefined): readonly Step[] {
  const count = coder.whole(stepsMax, path?.length);
  const packed = new Uint8Array(Math.ceil(count / 8));
  for (const [i, { left }] of (path ?? []).entries()) if (left) packed[i >> 3]! |= 1 << (i & 7);
  const sides = coder.fixed(packed.length, path && packed);
  const steps = Array.from({ length: count }, (_, i) => ({
    left: ((sides[i >> 3]! >> (i & 7)) & 1) === 1,
    sibling: coder.fixed(hashBytes, path?.[i]?.sibling),
  }));
  if (count % 8 !== 0 && sides[packed.length - 1]! >> (count % 8) !== 0) throw new RangeError("bits are left over");
  return steps;
}

function writeProof(key: Uint8Array, found: Found): Uint8Array {
  const to = new ProtoWriter();
  if ("exists" in found) to.message(1, () => writeExistence(to, found.exists));
  else
    to.message(2, () => {
      to.bytes(1, key);
      const { left, right } = found;
      if (left !== null) to.message(2, () => writeExistence(to, left));
      if (right !== null) to.message(3, () => writeExistence(to, right));
    });
  return to.take();
}

function writeExistence(to: ProtoWriter, { key, value, path }: Existence): void {
  to.bytes(1, key);
  to.bytes(2, value);
  to.message(3, () => {
    to.number(1, 1);
    to.number(3, 1);
    to.number(4, 1);
    to.bytes(5, Uint8Array.of(0));
  });
  for (const { left, sibling } of path)
    to.message(4, () => {
      to.number(1, 1);
      to.bytes(2, left ? Uint8Array.of(1, ...sibling) : Uint8Array.of(1));
      if (!left) to.bytes(3, sibling);
    });
}

/** @throws {RangeError} when it is no proof in the one form that is written here. */
function readProof(bytes: Uint8Array): Found {
  const from = new ProtoReader(bytes);
  const exists = from.optional(1, readExistence);
  const absent = from.optional(2, (inner) => ({
    key: inner.bytes(1, hashBytes),
    left: inner.optional(2, readExistence),
    right: inner.optional(3, readExistence),
  }));
  from.end();
  const found = exists === null ? absent : { exists };
  const key = exists?.key ?? absent?.key;
  if (found === null || key === undefined || hex(writeProof(key, found)) !== hex(bytes))
    throw new RangeError("the state proof is of another form");
  return found;
}

function readExistence(from: ProtoReader): Existence {
  const key = from.bytes(1, hashBytes);
  const value = from.bytes(2, valueBytesMax);
  from.optional(3, (leaf) => {
    for (const field of [1, 3, 4]) leaf.small(field, 1);
    leaf.bytes(5, 1);
  });
  const path = from.messages(4, stepsMax, (step) => {
    step.small(1, 1);
    const prefix = step.bytes(2, 1 + hashBytes);
    const suffix = step.bytes(3, hashBytes);
    const left = prefix.length > 1;
    return { left, sibling: left ? prefix.subarray(1) : suffix };
  });
  return { key, value, path };
}
