// The state tree: packed changes that lie, look-ups near and far from what is there, and histories of versions. Against the model in
// plain JavaScript, by the records that are in use, and by its own proofs.

import { sha256 } from "@noble/hashes/sha2.js";
import { guardedExports, type ModuleExports } from "../../../wasm-core/bindings/exports.ts";
import { instantiateStateTree, type StateChange, StateTree } from "../../../wasm-core/bindings/state-tree.ts";
import {
  findLeaf,
  rootOf,
  type Tree,
  type TreeChange,
  updateTree,
} from "../../../wasm-core/bindings/testing/state-model.ts";
import { foreignVerdict } from "../../conformance/foreign-ics23.ts";
import { Entropy } from "../entropy.ts";
import { extremeUint32Of } from "../extremes.ts";
import { mutate } from "../mutate.ts";
import { Random } from "../random.ts";
import type { Subject } from "../subject.ts";
import type { Answer, Target } from "../target.ts";

const modelEvery = 64;
const groupMax = 64;
/** Records that an empty tree with one version has in use at most. */
const recordsLeftMax = 2;
const [nameBytesMax, valueBytesMax] = [256, 65_536];
const [done, keyTwice, malformed] = [0, 2, 3];

/** Entries that stand in the tree before each case. Keys of a kind agree in up to 255 bits. */
function standing(count: number): TreeChange[] {
  const random = new Random();
  random.reseed(9, 9, 9);
  const keys = Array.from({ length: count }, (_, i) => {
    if (i % 2 === 0) return random.bytes(32);
    const key = new Uint8Array(32).fill(i % 3 === 0 ? 0 : 255);
    const bit = random.below(256);
    key[bit >> 3] = key[bit >> 3]! ^ (128 >> (bit & 7));
    return key;
  });
  const different = new Map(keys.map((key) => [Buffer.from(key).toString("hex"), key]));
  return [...different.values()].map((key) => ({ key, value: random.bytes(1 + random.below(80)) }));
}

const entries = standing(60);
const base = updateTree(null, entries);
const asChanges = (list: readonly TreeChange[]): StateChange[] => list.map(({ key, value }) => ({ name: key, value }));

interface StateExports extends ModuleExports {
  readonly recordsLive: () => number;
  readonly prepareBegin: () => void;
  readonly prepareChanges: (length: number) => number;
  readonly prepareEnd: () => number;
  readonly preparedVersion: () => number;
  readonly abandon: () => void;
  readonly versionRoot: (version: number) => void;
}

const exportNames = [
  ...["reserveInput", "outputStart", "recordsLive", "prepareBegin", "prepareChanges", "prepareEnd"],
  ...["preparedVersion", "abandon", "versionRoot"],
] as readonly (keyof StateExports & string)[];

interface Open {
  readonly tree: StateTree;
  readonly exports: StateExports;
  readonly live: number;
}

/** One instance a subject, with the standing entries; made anew when the subject was renewed. */
const opened = new WeakMap<object, Open>();

function open(subject: Subject): Open {
  const known = opened.get(subject.exports);
  if (known !== undefined) return known;
  const instance = new WebAssembly.Instance(subject.module("state-tree"), {});
  const tree = new StateTree(instance);
  tree.prepare(asChanges(entries));
  tree.commit(1);
  const made = { tree, exports: guardedExports<StateExports>(instance, exportNames), live: tree.recordsLive };
  opened.set(subject.exports, made);
  return made;
}

/** What the module must answer: its status, and the root when that is 0. */
function modelOf(bytes: Uint8Array): readonly [number, Uint8Array?] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const changes: TreeChange[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < bytes.length; ) {
    const group: TreeChange[] = [];
    for (; at < bytes.length && group.length < groupMax; ) {
      if (bytes.length - at < 6) return [malformed];
      const [valueLength, nameLength] = [view.getUint32(at, true), view.getUint16(at + 4, true)];
      const keyLength = nameLength === 0 ? 32 : nameLength;
      at += 6;
      if (valueLength > valueBytesMax || nameLength > nameBytesMax || bytes.length - at < keyLength + valueLength)
        return [malformed];
      const name = bytes.subarray(at, at + keyLength);
      const value = bytes.subarray(at + keyLength, at + keyLength + valueLength);
      group.push({ key: nameLength === 0 ? name : sha256(name), value: valueLength === 0 ? null : value });
      at += keyLength + valueLength;
    }
    for (const { key } of group) {
      const text = Buffer.from(key).toString("hex");
      if (seen.has(text)) return [keyTwice];
      seen.add(text);
    }
    changes.push(...group);
  }
  return [done, rootOf(updateTree(base, changes))];
}

const changesTarget: Target = {
  name: "state/changes",
  cases: 10_000_000,
  casesQuick: 6_000,
  shrinks: true,

  generate(random, input) {
    const count = random.oneIn(100) ? 60 + random.below(90) : random.below(7);
    const lies = random.oneIn(4) ? 8 : 0;
    for (let i = 0; i < count; i++) {
      const length = random.oneIn(3) ? 0 : 1 + random.below(random.oneIn(30) ? 700 : 60);
      const isKey = random.oneIn(2);
      const nameLength = isKey ? 32 : 1 + random.below(random.oneIn(20) ? nameBytesMax : 40);
      input.appendUint32(lies > 0 && random.oneIn(lies) ? extremeUint32Of(random) : length);
      const told = lies > 0 && random.oneIn(lies) ? extremeUint32Of(random) : isKey ? 0 : nameLength;
      input.appendByte(told);
      input.appendByte(told >>> 8);
      if (isKey && random.oneIn(2)) input.append(random.pick(entries).key);
      else input.appendNoise(random, nameLength);
      input.appendNoise(random, length);
    }
    if (random.oneIn(6)) mutate(random, input, input.start, []);
  },

  run(subject, input, answer) {
    const { exports, live } = open(subject);
    const memory = new Uint8Array(exports.memory.buffer);
    const from = exports.reserveInput(input.length);
    memory.set(input.bytes(), from);
    memory.fill(subject.variant === "simd" ? 0xff : 0x01, from + input.length, from + input.length + 256);
    exports.prepareBegin();
    const status = exports.prepareChanges(input.length) || exports.prepareEnd();
    if (status === done) {
      exports.versionRoot(exports.preparedVersion());
      answer.take(new Uint8Array(exports.memory.buffer), exports.outputStart(), 32);
    }
    exports.abandon();
    const left = exports.recordsLive() >>> 0;
    if (left !== live) throw new RangeError(`${left} records are in use after, ${live} before`);
    return status;
  },

  label: (_, status) => ["done", "out of memory", "key twice", "malformed"][status] ?? String(status),

  check(input, status, answer) {
    if (status > malformed) return `status ${status}`;
    if (input.index % modelEvery !== 0) return undefined;
    const [want, root] = modelOf(input.bytes());
    if (want !== status) return `the model says ${want}`;
    return root !== undefined && Buffer.compare(root, answer.view()) !== 0 ? "the model has another root" : undefined;
  },
};

/** numbers: bytes of a name, 0 for a key. */
const nameAt = 0;

const lookupTarget: Target = {
  name: "state/lookups",
  cases: 1_000_000,
  casesQuick: 3_000,
  shrinks: false,

  generate(random, input) {
    if (random.oneIn(4)) {
      const name = `module/${random.uint32().toString(36)}`.repeat(1 + random.below(4)).slice(0, 1 + random.below(40));
      input.append(new TextEncoder().encode(name));
      input.numbers[nameAt] = input.length;
      return;
    }
    input.append(random.oneIn(8) ? random.bytes(32) : random.pick(entries).key);
    // Keys that part from those in the tree at any bit.
    const at = input.start + random.below(32);
    if (random.oneIn(2)) input.buffer[at]! ^= 1 << random.below(8);
  },

  run(subject, input, answer) {
    const { tree } = open(subject);
    const bytes = input.bytes().slice();
    const name = input.numbers[nameAt] === 0 ? bytes : new TextDecoder().decode(bytes);
    const key = input.numbers[nameAt] === 0 ? bytes : subject.core.sha256(bytes);
    const value = tree.get(name);
    const proof = tree.prove(name)!;
    const root = tree.root();
    const holds =
      value === null
        ? subject.core.verifyNonMembership(root, key, proof)
        : subject.core.verifyMembership(root, key, value, proof);
    if (!holds) throw new RangeError("its own proof does not verify");
    if (value !== null && subject.core.verifyNonMembership(root, key, proof))
      throw new RangeError("present and absent");
    const next = tree.entries(1, key).next();
    if (!next.done) answer.add(next.value.key);
    answer.add(proof);
    return value === null ? 0 : value.length;
  },

  label: (_, length) => (length === 0 ? "absent" : "present"),

  check(input, length, answer) {
    const bytes = input.bytes();
    const key = input.numbers[nameAt] === 0 ? bytes : sha256(bytes);
    const value = findLeaf(base, key)?.value;
    if ((value?.length ?? 0) !== length) return `the model has a value of ${value?.length ?? 0} bytes`;
    if (input.index % modelEvery !== 0) return undefined;
    const next = entries
      .filter((one) => Buffer.compare(one.key, key) > 0)
      .sort((a, b) => Buffer.compare(a.key, b.key))[0];
    if (next !== undefined && Buffer.compare(next.key, answer.view().subarray(0, 32)) !== 0)
      return "another key follows";
    const proof = answer.view().subarray(next === undefined ? 0 : 32);
    return foreignVerdict(rootOf(base), key, value ?? null, proof) ? undefined : "@confio/ics23 refuses the proof";
  },
};

function history({ core, ...subject }: { core: Subject["core"]; tree: StateTree }, e: Entropy, answer: Answer): number {
  const { tree } = subject;
  let current: Tree = null;
  const kept = new Map<number, Tree>();
  const pool = Array.from({ length: 1 + e.below(12) }, (_, i) => sha256(Uint8Array.of(i, e.byte())));
  for (let steps = e.below(14), version = 0; steps > 0; steps--) {
    const keys = pool.filter(() => e.oneIn(2));
    const changes = keys.map((key): TreeChange => ({ key, value: e.oneIn(3) ? null : e.bytes(1 + e.below(200)) }));
    const next = updateTree(current, changes);
    const root = tree.prepare(asChanges(changes));
    if (Buffer.compare(root, rootOf(next)) !== 0) throw new RangeError("the model has another root");
    if (e.oneIn(4)) tree.abandon();
    else {
      tree.commit(++version);
      current = next;
      kept.set(version, next);
    }
    if (e.oneIn(5) && kept.size > 0) {
      const oldest = version - e.below(3);
      tree.dropBefore(oldest);
      for (const one of kept.keys()) if (one < oldest && one !== version) kept.delete(one);
    }
    for (const [one, model] of kept) {
      if (Buffer.compare(tree.root(one), rootOf(model)) !== 0) throw new RangeError(`version ${one} has another root`);
      const key = e.pick(pool);
      const [value, want] = [tree.get(key, one), findLeaf(model, key)?.value];
      if (value === null ? want !== undefined : want === undefined || Buffer.compare(value, want) !== 0)
        throw new RangeError(`version ${one} has another value`);
      const proof = tree.prove(key, one);
      if (proof === null) continue;
      const holds =
        value === null
          ? core.verifyNonMembership(tree.root(one), key, proof)
          : core.verifyMembership(tree.root(one), key, value, proof);
      if (!holds) throw new RangeError(`a proof of version ${one} does not verify`);
    }
    answer.add(tree.root());
  }
  // With all versions but the newest dropped and that one emptied, nothing may be left in use.
  tree.prepare(pool.map((name) => ({ name, value: null })));
  tree.commit(1_000);
  tree.dropBefore(1_000);
  tree.prepare([]);
  tree.abandon();
  if (tree.recordsLive > recordsLeftMax) throw new RangeError(`${tree.recordsLive} records in use when all is dropped`);
  return kept.size;
}

const historyTarget: Target = {
  name: "state/histories",
  cases: 30_000,
  casesQuick: 60,
  shrinks: true,

  generate(random, input) {
    input.appendNoise(random, 200 + random.below(6_000));
  },

  run(subject, input, answer) {
    const tree = instantiateStateTree(subject.module("state-tree"));
    return history({ core: subject.core, tree }, new Entropy(input.bytes()), answer);
  },

  label: (_, kept) => (kept > 2 ? "many versions kept" : "up to two versions kept"),
};

export const stateTargets: readonly Target[] = [changesTarget, lookupTarget, historyTarget];
