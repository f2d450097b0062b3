// Whether a well-formed LightBlock or Block is sound, and which votes are to be verified, by a protobuf reader and encoder of their own
// (CometBFT v0.38: Header.Hash, ValidatorSet.Hash, VerifyCommit, CanonicalVote, PartSet). The form itself is not judged here.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesField, type Field, fixed64Field, messageField, varint, varintField } from "./protobuf.ts";
import { leafHash, rootOf } from "./rfc6962.ts";

type Value = bigint | Uint8Array;

/** A message's fields by number, in the order in which they stand. */
class Message {
  readonly #fields = new Map<number, Value[]>();

  constructor(bytes: Uint8Array) {
    let at = 0;
    const number = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw new RangeError("a message ends early");
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    while (at < bytes.length) {
      const tag = Number(number());
      const values = this.#fields.get(tag >> 3) ?? [];
      this.#fields.set(tag >> 3, values);
      if ((tag & 7) === 0) values.push(number());
      else {
        const length = Number(number());
        values.push(bytes.subarray(at, at + length));
        at += length;
      }
    }
  }

  int64(field: number): bigint {
    const value = this.#fields.get(field)?.[0];
    return typeof value === "bigint" ? BigInt.asIntN(64, value) : 0n;
  }

  bytes(field: number): Uint8Array {
    const value = this.#fields.get(field)?.[0];
    return value instanceof Uint8Array ? value : new Uint8Array();
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  message(field: number): Message {
    return new Message(this.bytes(field));
  }

  list(field: number): Uint8Array[] {
    return (this.#fields.get(field) ?? []) as Uint8Array[];
  }

  messages(field: number): Message[] {
    return this.list(field).map((bytes) => new Message(bytes));
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const time = (message: Message): Field => [...varintField(1, message.int64(1)), ...varintField(2, message.int64(2))];

function blockId(message: Message): Field {
  const parts = message.message(2);
  return [
    ...bytesField(1, message.bytes(1)),
    ...messageField(2, [...varintField(1, parts.int64(1)), ...bytesField(2, parts.bytes(2))]),
  ];
}

function headerHash(header: Message): Uint8Array {
  const version = header.message(1);
  const leaves: Field[] = [
    [...varintField(1, version.int64(1)), ...varintField(2, version.int64(2))],
    bytesField(1, header.bytes(2)),
    varintField(1, header.int64(3)),
    time(header.message(4)),
    blockId(header.message(5)),
    ...Array.from({ length: 9 }, (_, i) => bytesField(1, header.bytes(6 + i))),
  ];
  return rootOf(leaves.map((leaf) => leafHash(Uint8Array.from(leaf))));
}

interface Validator {
  readonly address: Uint8Array;
  readonly key: Uint8Array;
  readonly power: bigint;
}

function validatorOf(message: Message): Validator {
  return { address: message.bytes(1), key: message.message(2).bytes(1), power: message.int64(3) };
}

function setHash(validators: readonly Validator[]): Uint8Array {
  const leaves = validators.map(({ key, power }) => [...messageField(1, bytesField(1, key)), ...varintField(2, power)]);
  return rootOf(leaves.map((leaf) => leafHash(Uint8Array.from(leaf))));
}

const sum = (powers: readonly bigint[]): bigint => powers.reduce((total, power) => total + power, 0n);

function setIsSound(set: Message, validators: readonly Validator[]): boolean {
  const addresses = new Set(validators.map(({ address }) => Buffer.from(address).toString("hex")));
  const total = sum(validators.map(({ power }) => power));
  const proposer = set.has(2) ? validatorOf(set.message(2)) : undefined;
  return (
    validators.length > 0 &&
    validators.every(
      ({ address, key, power }) => key.length === 32 && power > 0n && same(sha256(key).subarray(0, 20), address),
    ) &&
    addresses.size === validators.length &&
    total <= (2n ** 63n - 1n) / 8n &&
    (set.int64(3) === 0n || BigInt.asUintN(64, set.int64(3)) === total) &&
    (proposer === undefined ||
      validators.some(
        (one) => same(one.address, proposer.address) && same(one.key, proposer.key) && one.power === proposer.power,
      ))
  );
}

function headerIsSound(header: Message, chain: Uint8Array): boolean {
  return header.message(1).int64(1) === 11n && same(header.bytes(2), chain) && header.int64(3) > 0n;
}

/** The list of votes as the core lays it out, when the block is sound; undefined when it is not. */
export function votesOfSound(bytes: Uint8Array, chain: Uint8Array): Uint8Array | undefined {
  const block = new Message(bytes);
  const [header, commit] = [block.message(1).message(1), block.message(1).message(2)];
  const set = block.message(2);
  const validators = set.messages(1).map(validatorOf);
  const slots = commit.messages(4);
  const isSound =
    headerIsSound(header, chain) &&
    commit.int64(1) === header.int64(3) &&
    same(commit.message(3).bytes(1), headerHash(header)) &&
    setIsSound(set, validators) &&
    same(header.bytes(8), setHash(validators)) &&
    slots.length === validators.length &&
    slots.every(
      (slot, i) => slot.int64(1) === 1n || (same(slot.bytes(2), validators[i]!.address) && slot.bytes(4).length === 64),
    );
  if (!isSound) return undefined;
  const signed = sum(validators.filter((_, i) => slots[i]!.int64(1) === 2n).map(({ power }) => power));
  if (signed <= (sum(validators.map(({ power }) => power)) * 2n) / 3n) return undefined;
  return listOf(
    commit,
    chain,
    slots.flatMap((slot, i) => (slot.int64(1) === 1n ? [] : [{ slot: i, key: validators[i]!.key }])),
  );
}

/** Votes as the core lays them out: slot u32, length of the message u32, key, signature, message. */
function listOf(commit: Message, chain: Uint8Array, votes: readonly { slot: number; key: Uint8Array }[]): Uint8Array {
  const slots = commit.messages(4);
  const list: number[] = [];
  for (const { slot: i, key } of votes) {
    const slot = slots[i]!;
    const vote = [
      ...varintField(1, 2n),
      ...fixed64Field(2, commit.int64(1)),
      ...fixed64Field(3, commit.int64(2)),
      ...(slot.int64(1) === 2n ? messageField(4, blockId(commit.message(3))) : []),
      ...messageField(5, time(slot.message(3))),
      ...bytesField(6, chain),
    ];
    const message = [...varint(BigInt(vote.length)), ...vote];
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(0, i, true);
    new DataView(head.buffer).setUint32(4, message.length, true);
    list.push(...head, ...key, ...slot.bytes(4), ...message);
  }
  return Uint8Array.from(list);
}

/** The votes of a trusted set behind a commit, when they have more than the fraction of its power; undefined when not. */
export function votesOfTrusted(
  setBytes: Uint8Array,
  commitBytes: Uint8Array,
  chain: Uint8Array,
  numerator: number,
  denominator: number,
): Uint8Array | undefined {
  // Judged before the messages are read, which may then be anything.
  if (numerator === 0 || numerator > denominator) return undefined;
  const [set, commit] = [new Message(setBytes), new Message(commitBytes)];
  const validators = set.messages(1).map(validatorOf);
  if (commit.int64(1) < 1n || !setIsSound(set, validators)) return undefined;
  const needed = (sum(validators.map(({ power }) => power)) * BigInt(numerator)) / BigInt(denominator);
  const votes: { slot: number; key: Uint8Array }[] = [];
  const seen = new Set<Validator>();
  let signed = 0n;
  for (const [i, slot] of commit.messages(4).entries()) {
    if (slot.int64(1) !== 2n) continue;
    if (slot.bytes(2).length !== 20) return undefined;
    const found = validators.find(({ address }) => same(address, slot.bytes(2)));
    if (found === undefined) continue;
    if (seen.has(found) || slot.bytes(4).length !== 64) return undefined;
    seen.add(found);
    signed += found.power;
    votes.push({ slot: i, key: found.key });
  }
  return signed > needed ? listOf(commit, chain, votes) : undefined;
}

const partBytes = 65_536;

/** What the core finds out about a sound block. */
export interface SoundBlock {
  readonly transactions: number;
  readonly hash: Uint8Array;
  readonly parts: number;
  readonly partsHash: Uint8Array;
}

function lastCommitFollows(header: Message, commit: Message): boolean {
  const slots = commit.messages(4);
  const [named, signed] = [blockId(header.message(5)), blockId(commit.message(3))];
  // An empty block id is the frame of an empty part set header alone.
  if (slots.length === 0) return commit.int64(1) === 0n && named.length === 2;
  return (
    commit.int64(1) > 0n &&
    commit.int64(1) === header.int64(3) - 1n &&
    signed.length > 2 &&
    named.join() === signed.join() &&
    slots.every((slot) => slot.int64(1) === 1n || (slot.bytes(2).length === 20 && slot.bytes(4).length > 0))
  );
}

function commitHash(commit: Message): Uint8Array {
  const leaves = commit
    .messages(4)
    .map((slot) => [
      ...varintField(1, slot.int64(1)),
      ...bytesField(2, slot.bytes(2)),
      ...messageField(3, time(slot.message(3))),
      ...bytesField(4, slot.bytes(4)),
    ]);
  return rootOf(leaves.map((leaf) => leafHash(Uint8Array.from(leaf))));
}

/** What a block is when it is sound; undefined when it is not. */
export function soundBlock(bytes: Uint8Array, chain: Uint8Array): SoundBlock | undefined {
  const block = new Message(bytes);
  const [header, commit] = [block.message(1), block.message(4)];
  const transactions = block.message(2).list(1);
  const evidence = block
    .message(3)
    .messages(1)
    .map((one) => one.list(one.has(1) ? 1 : 2)[0]!);
  const isSound =
    headerIsSound(header, chain) &&
    same(header.bytes(7), rootOf(transactions.map((one) => leafHash(sha256(one))))) &&
    lastCommitFollows(header, commit) &&
    same(header.bytes(6), commitHash(commit)) &&
    same(header.bytes(13), rootOf(evidence.map(leafHash)));
  if (!isSound) return undefined;
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) parts.push(bytes.subarray(at, at + partBytes));
  return {
    transactions: transactions.length,
    hash: headerHash(header),
    parts: parts.length,
    partsHash: rootOf(parts.map(leafHash)),
  };
}
