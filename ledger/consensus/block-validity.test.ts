// Our own blocks, checked by a second implementation of CometBFT's header hash and sign bytes that shares nothing with the
// engine or the WASM core: protobuf by hand, noble's SHA-256 and Ed25519.

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import canonicalize from "canonicalize";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { BlockId, HeaderFields, Timestamp } from "../../wasm-core/bindings/comet.ts";
import { fromUtf8, hex, utf8 } from "../protocol/bytes.ts";
import { commitFromJson, fromBase64, headerFromJson } from "../protocol/comet.ts";
import {
  advanceToBlock,
  ManualClock,
  removeTestChain,
  startTestChain,
  submitSomeone,
  type TestChain,
} from "./test-chain.ts";

let chain: TestChain;
let clock: ManualClock;
beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 1, 0, 0, 0, 7));
  chain = await startTestChain({ clock });
});
afterEach(() => removeTestChain(chain));

test("hashes, signatures, links and times of a chain hold by an independent check", async () => {
  for (const name of ["Alice", "Bob", "Carol"]) await submitSomeone(chain, name);
  await advanceToBlock(chain, clock, 250);
  await advanceToBlock(chain, clock, 200);
  await advanceToBlock(chain, clock, 10_000);
  expect(chain.engine.height).toBe(4);
  const { publicKey } = chain.genesis.validator;
  // SimpleValidator { pub_key { ed25519 }, voting_power 10 }
  const validatorsHash = root([[...nested(0x0a, nested(0x0a, [...publicKey])), 0x10, 10]]);
  // Header's hash and root over the block's own events, of which these blocks have none.
  const leaves: number[][] = [];
  const nothing = [...root([])];
  for (let height = 1; height <= 4; height++) {
    const stored = (await chain.store.block(height))!;
    const header = headerFromJson(stored.block.header);
    const commit = commitFromJson(stored.commit);
    const hash = headerHash(header);
    expect(hex(hash)).toBe(stored.block_id.hash.toLowerCase());
    leaves.push([...hash, ...nothing]);
    expect(hex(hash)).toBe(hex(commit.blockId.hash));
    const vote = commit.signatures[0]!;
    const signBytes = voteBytes(chain.genesis.chain, height, commit.blockId, vote.timestamp);
    expect(ed25519.verify(vote.signature, signBytes, publicKey)).toBe(true);
    expect(hex(vote.validatorAddress)).toBe(hex(sha256(publicKey).subarray(0, 20)));
    expect(hex(header.validatorsHash)).toBe(hex(validatorsHash));
    expect(hex(header.nextValidatorsHash)).toBe(hex(validatorsHash));
    const transactions = stored.block.data.txs!.map(fromBase64);
    expect(hex(header.dataHash)).toBe(hex(root(transactions.map((transaction) => [...sha256(transaction)]))));
    // HashedParams { 1 MiB, -1 }
    const params = [0x08, ...uvarint(1_048_576), 0x10, ...Array.from({ length: 9 }, () => 0xff), 0x01];
    expect(hex(header.consensusHash)).toBe(hex(sha256(Uint8Array.from(params))));
    if (height === 1) {
      expect(stored.block.header.time).toBe(chain.genesis.document.genesis_time);
      expect(stored.block.header.last_block_id).toEqual({ hash: "", parts: { total: 0, hash: "" } });
      continue;
    }
    const before = (await chain.store.block(height - 1))!;
    expect(stored.block.header.last_block_id).toEqual(before.block_id);
    expect(stored.block.last_commit).toEqual(before.commit);
    expect(stored.block.header.time).toBe(before.commit.signatures[0]!.timestamp);
    const { appHash, transactions: results } = (await chain.store.results(height - 1))!;
    expect(hex(header.appHash)).toBe(appHash);
    expect(results.every(({ code }) => code === 0)).toBe(true);
    // ExecTxResult { data }: the root over the events.
    const data = results.map(({ events }) => root(events.map((event) => [...utf8(canonicalize(event)!)])));
    expect(hex(header.lastResultsHash)).toBe(hex(root(data.map((each) => nested(0x12, [...each])))));
  }
  expect((await chain.store.results(2))!.transactions.map(({ events }) => events.length)).toEqual([1, 1, 1]);
  const { value } = chain.application.query("history/tree/blocks", { prove: false });
  expect(JSON.parse(fromUtf8(value!))).toMatchObject({ size: 4, root: hex(root(leaves)) });
});

function uvarint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...uvarint(Math.floor(value / 128))];
}

function nested(tag: number, bytes: readonly number[]): number[] {
  return [tag, ...uvarint(bytes.length), ...bytes];
}

function root(leaves: readonly (readonly number[])[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(Uint8Array.of(0, ...leaves[0]!));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Uint8Array.of(1, ...root(leaves.slice(0, split)), ...root(leaves.slice(split))));
}

function timestamp({ seconds, nanos }: Timestamp): number[] {
  return [0x08, ...uvarint(Number(seconds)), ...(nanos === 0 ? [] : [0x10, ...uvarint(nanos)])];
}

function blockIdBytes({ hash, partsTotal, partsHash }: BlockId): number[] {
  if (hash.length === 0) return [0x12, 0];
  return [...nested(0x0a, [...hash]), ...nested(0x12, [0x08, ...uvarint(partsTotal), ...nested(0x12, [...partsHash])])];
}

function headerHash(header: HeaderFields): Uint8Array {
  const wrapped = (bytes: Uint8Array): number[] => (bytes.length === 0 ? [] : nested(0x0a, [...bytes]));
  return root([
    [0x08, 11, 0x10, 1],
    wrapped(Buffer.from(header.chainId)),
    [0x08, ...uvarint(Number(header.height))],
    timestamp(header.time),
    blockIdBytes(header.lastBlockId),
    wrapped(header.lastCommitHash),
    wrapped(header.dataHash),
    wrapped(header.validatorsHash),
    wrapped(header.nextValidatorsHash),
    wrapped(header.consensusHash),
    wrapped(header.appHash),
    wrapped(header.lastResultsHash),
    wrapped(header.evidenceHash),
    wrapped(header.proposerAddress),
  ]);
}

/** CanonicalVote of a precommit in round 0, delimited by its length. */
function voteBytes(chainId: string, height: number, blockId: BlockId, time: Timestamp): Uint8Array {
  const vote = [
    ...[0x08, 2],
    ...[0x11, ...new Uint8Array(new BigInt64Array([BigInt(height)]).buffer)],
    ...nested(0x22, blockIdBytes(blockId)),
    ...nested(0x2a, timestamp(time)),
    ...nested(0x32, [...Buffer.from(chainId)]),
  ];
  return Uint8Array.from([...uvarint(vote.length), ...vote]);
}
