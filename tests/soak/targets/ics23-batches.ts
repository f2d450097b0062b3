// Packed claims of presence and absence under one root, sound and damaged side by side, with lengths that lie. Each verdict is the one that
// the claim gets alone.

import { foreignVerdict } from "../../conformance/foreign-ics23.ts";
import { extremeUint32Of } from "../extremes.ts";
import { type ProofCase, proofCases } from "../models/ics23.ts";
import { mutate } from "../mutate.ts";
import { Random, saltOf } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Target } from "../target.ts";

const absent = 0xffff_ffff;
const headerBytes = 12;
const aloneEvery = 16;
const foreignEvery = 512;
const singleBytesMax = 4_000;
const inputBytesMax = 80_000;

/** One in so many batches is of chains alone; their proofs have at least so many bytes. */
const [deepEvery, deepBytesMin] = [4_000, 5_000];

let chains: readonly (readonly ProofCase[])[] = [];
let byRoot: readonly (readonly ProofCase[])[] = [];

function appendClaim(random: Random, input: SoakInput, one: ProofCase, lies: number): void {
  const told = [one.key.length, one.value.length === 0 ? absent : one.value.length, one.proof.length];
  for (const length of told) input.appendUint32(lies > 0 && random.oneIn(lies) ? extremeUint32Of(random) : length);
  input.append(one.key);
  input.append(one.value);
  const start = input.end;
  input.append(one.proof);
  if (random.oneIn(4)) input.buffer[start + random.below(one.proof.length)]! ^= 1 << random.below(8);
}

interface Claim {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  readonly proof: Uint8Array;
}

/** The claims that are whole, and whether one that is cut short follows. */
function unpack(bytes: Uint8Array): { readonly claims: Claim[]; readonly isCut: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const claims: Claim[] = [];
  for (let at = 32; at < bytes.length; ) {
    if (bytes.length - at < headerBytes) return { claims, isCut: true };
    const [keyLength, told, proofLength] = [0, 4, 8].map((offset) => view.getUint32(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const valueLength = told === absent ? 0 : told;
    at += headerBytes;
    if (keyLength + valueLength + proofLength > bytes.length - at) return { claims, isCut: true };
    const valueAt = at + keyLength;
    const proofAt = valueAt + valueLength;
    claims.push({
      key: bytes.subarray(at, valueAt),
      value: told === absent ? undefined : bytes.subarray(valueAt, proofAt),
      proof: bytes.subarray(proofAt, proofAt + proofLength),
    });
    at = proofAt + proofLength;
  }
  return { claims, isCut: false };
}

export const ics23BatchTarget: Target = {
  name: "ics23/batch",
  cases: 10_000_000,
  casesQuick: 4_000,
  shrinks: false,

  prepare() {
    const random = new Random();
    random.reseed(23, saltOf("ics23/batch"), 0);
    const all = proofCases(random, "both", 40);
    const roots = new Map<string, ProofCase[]>();
    for (const one of all) {
      const root = Buffer.from(one.root).toString("hex");
      roots.set(root, [...(roots.get(root) ?? []), one]);
    }
    byRoot = [...roots.values()];
    const isDeep = ({ proof }: ProofCase): boolean => proof.length > deepBytesMin;
    chains = byRoot.map((cases) => cases.filter(isDeep)).filter((cases) => cases.length > 0);
  },

  generate(random, input) {
    if (random.oneIn(deepEvery)) {
      // More steps than the core has room for at once.
      const chain = random.pick(chains);
      input.append(chain[0]!.root);
      for (let i = 12 + random.below(14); i > 0; i--) appendClaim(random, input, random.pick(chain), 0);
      return;
    }
    const claims = random.pick(byRoot);
    input.append(claims[0]!.root);
    // Long chains and long batches take as long as hundreds of other cases.
    const long = random.oneIn(300);
    const count = long ? 30 + random.below(60) : random.below(4);
    const lies = random.oneIn(4) ? 8 : 0;
    for (let i = 0; i < count; i++) {
      const one = random.pick(claims);
      if (input.length < inputBytesMax && (one.proof.length < singleBytesMax || random.oneIn(20)))
        appendClaim(random, input, one, lies);
    }
    if (random.oneIn(10)) mutate(random, input, input.start + 32, []);
  },

  run(subject, input, answer) {
    const from = subject.place(input);
    const count = subject.exports.verifyMemberships(from, input.length - 32);
    answer.take(subject.memory(), subject.exports.outputStart(), count);
    if (input.index % aloneEvery !== 0) return count;
    const bytes = input.bytes();
    const { claims, isCut } = unpack(bytes);
    const alone = claims.map(({ key, value, proof }) =>
      value === undefined
        ? subject.core.verifyNonMembership(bytes.subarray(0, 32), key, proof)
        : subject.core.verifyMembership(bytes.subarray(0, 32), key, value, proof),
    );
    const want = [...alone.map(Number), ...(isCut ? [0] : [])].join();
    if (want !== answer.view().join()) throw new RangeError(`alone they get ${want}, together ${answer.view().join()}`);
    return count;
  },

  label: (input) => input.note,

  check(input, count, answer) {
    if (count > 4_096) return `${count} verdicts`;
    let holding = 0;
    for (const one of answer.view()) {
      if (one > 1) return `a verdict is ${one}`;
      holding += one;
    }
    input.note = holding === 0 ? "none hold" : holding === count ? "all hold" : "some hold";
    if (input.index % foreignEvery !== 0) return undefined;
    const bytes = input.bytes();
    for (const [i, { key, value, proof }] of unpack(bytes).claims.entries())
      if (answer.bytes[i] === 1 && !foreignVerdict(bytes.subarray(0, 32), key, value ?? null, proof))
        return `@confio/ics23 refuses claim ${i}`;
    return undefined;
  },
};
