import { CheckTxType, MisbehaviorType, Response } from "cosmjs-types/tendermint/abci/types";
import { describe, expect, it } from "vitest";
import type { AbciHandler } from "./abci-handler.ts";
import { answerTo } from "./abci-messages.ts";
import { RequestError, requestOf } from "./abci-request.ts";
import { fakeHandler, type RequestMembers, requestBytes } from "./test-abci.ts";

const time = { seconds: 1_700_000_000n, nanos: 123_999_999 };
const hash = new Uint8Array(32).fill(1);
const key = new Uint8Array(32).fill(2);
const address = new Uint8Array(20).fill(3);
const beyond = 2n ** 53n;

async function ask(
  request: RequestMembers,
  changes: Partial<AbciHandler> = {},
  calls: string[] = [],
): Promise<Response> {
  const handler = { ...fakeHandler(calls), ...changes };
  return Response.decode(await answerTo(handler, requestOf(requestBytes(request))));
}

describe("the handler is asked", () => {
  it("for a block with all that it needs, and its answer has what CometBFT needs", async () => {
    const misbehaviour = {
      type: MisbehaviorType.DUPLICATE_VOTE,
      validator: { address, power: 10n },
      height: 6n,
      time: { seconds: 1n, nanos: 0 },
      totalVotingPower: 40n,
    };
    const { finalizeBlock } = await ask(
      { finalizeBlock: { height: 7n, hash, time, txs: [Uint8Array.of(1)], misbehavior: [misbehaviour] } },
      {
        finalizeBlock: async (block) => {
          expect(block).toEqual({
            height: 7,
            hash,
            // Rounded down.
            timeMs: 1_700_000_000_123,
            transactions: [Uint8Array.of(1)],
            misbehaviour: [{ kind: "duplicate-vote", address, power: 10, height: 6, timeMs: 1_000, totalPower: 40 }],
          });
          const event = { type: "moved", attributes: { from: "a", to: "b" } };
          const result = { code: 3, codespace: "energy", log: "text", data: Uint8Array.of(9), events: [event] };
          return {
            results: [result],
            events: [event],
            appHash: hash,
            validatorUpdates: [{ key, power: 0 }],
            appVersion: 2,
          };
        },
      },
    );
    expect(finalizeBlock?.appHash).toEqual(hash);
    expect(finalizeBlock?.consensusParamUpdates?.version?.app).toBe(2n);
    expect(finalizeBlock?.validatorUpdates).toEqual([{ pubKey: { ed25519: key, secp256k1: undefined }, power: 0n }]);
    const [result] = finalizeBlock!.txResults;
    expect(result).toMatchObject({ code: 3, codespace: "energy", log: "text", data: Uint8Array.of(9) });
    expect([result!.gasUsed, result!.gasWanted]).toEqual([0n, 0n]);
    expect(result!.events[0]!.attributes).toEqual([
      { key: "from", value: "a", index: true },
      { key: "to", value: "b", index: true },
    ]);
  });

  it("for a block, and answers with one result for each transaction, or that is a bug", async () => {
    const request = { finalizeBlock: { height: 7n, hash, time, txs: [Uint8Array.of(1), Uint8Array.of(2)] } };
    const none = { results: [], events: [], appHash: hash, validatorUpdates: [], appVersion: null };
    await expect(ask(request, { finalizeBlock: async () => none })).rejects.toThrow(
      "block 7 has 2 transactions, but 0 results",
    );
  });

  it("for the chain's beginning", async () => {
    const { initChain } = await ask(
      {
        initChain: {
          time,
          chainId: "city",
          validators: [{ pubKey: { ed25519: key }, power: 10n }],
          appStateBytes: Buffer.from("{}"),
          initialHeight: 1n,
        },
      },
      {
        initChain: async (request) => {
          expect({ ...request, appState: Buffer.from(request.appState).toString() }).toEqual({
            timeMs: 1_700_000_000_123,
            chain: "city",
            validators: [{ key, power: 10 }],
            appState: "{}",
            initialHeight: 1,
          });
          return { appHash: hash };
        },
      },
    );
    // No validators: those of genesis.
    expect(initChain).toMatchObject({ appHash: hash, validators: [] });
  });

  it("for a query, whose proof is one operation", async () => {
    const proof = { key, data: Uint8Array.of(4) };
    const answer = { code: 0, codespace: "", log: "exists", key, value: hash, height: 5, proof };
    const { query } = await ask(
      { query: { path: "/state", data: key, height: 5n, prove: true } },
      {
        query: () => answer,
      },
    );
    expect(query?.proofOps?.ops).toEqual([{ type: "ics23:simple", ...proof }]);
    expect(query?.height).toBe(5n);
  });

  it("for proposals, checks, snapshots and the commit", async () => {
    const txs = [Uint8Array.of(1), Uint8Array.of(2)];
    const prepared = await ask(
      { prepareProposal: { height: 3n, time, maxTxBytes: 100n, txs } },
      { prepareProposal: ({ transactions, transactionBytesMax }) => transactions.slice(transactionBytesMax / 100) },
    );
    expect(prepared.prepareProposal?.txs).toEqual([Uint8Array.of(2)]);
    for (const [verdict, status] of [
      [true, 1],
      [false, 2],
    ] as const) {
      const processed = await ask(
        { processProposal: { height: 3n, time, hash, txs } },
        { processProposal: () => verdict },
      );
      expect(processed.processProposal?.status).toBe(status);
    }
    const again = await ask(
      { checkTx: { tx: txs[0]!, type: CheckTxType.RECHECK } },
      {
        checkAgain: () => ({ code: 1, codespace: "mempool", log: "gone" }),
      },
    );
    expect(again.checkTx).toMatchObject({ code: 1, codespace: "mempool", log: "gone" });
    expect((await ask({ commit: {} }, { commit: async () => 12 })).commit?.retainHeight).toBe(12n);
    const snapshot = { height: 9, format: 1, chunks: 2, hash, metadata: key };
    const listed = await ask({ listSnapshots: {} }, { listSnapshots: async () => [snapshot] });
    expect(listed.listSnapshots?.snapshots).toEqual([{ ...snapshot, height: 9n }]);
    const offered = await ask(
      { offerSnapshot: { snapshot: { ...snapshot, height: 9n }, appHash: key } },
      {
        offerSnapshot: async (offer, appHash) => {
          expect([offer, appHash]).toEqual([snapshot, key]);
          return "reject-sender";
        },
      },
    );
    expect(offered.offerSnapshot?.result).toBe(5);
    const loaded = await ask(
      { loadSnapshotChunk: { height: 9n, format: 1, chunk: 1 } },
      {
        loadSnapshotChunk: async (...which) => Uint8Array.from(which),
      },
    );
    expect(loaded.loadSnapshotChunk?.chunk).toEqual(Uint8Array.of(9, 1, 1));
    const applied = await ask(
      { applySnapshotChunk: { index: 1, chunk: key, sender: "peer" } },
      {
        applySnapshotChunk: async () => ({ result: "retry", refetchChunks: [1], rejectSenders: ["peer"] }),
      },
    );
    expect(applied.applySnapshotChunk).toEqual({ result: 3, refetchChunks: [1], rejectSenders: ["peer"] });
  });
});

describe("what strangers ask out of range has an ordinary answer", () => {
  it.each([beyond, 2n ** 63n - 1n, -1n, -(2n ** 63n)])("a query at height %s", async (height) => {
    const calls: string[] = [];
    const { query } = await ask({ query: { path: "/state", data: key, height } }, {}, calls);
    expect(query).toMatchObject({ code: 1, codespace: "query", log: "height must be 0 to 2^53 - 1" });
    expect(calls).toEqual([]);
  });

  it.each([beyond, 2n ** 64n - 1n])("a snapshot of height %s", async (height) => {
    const calls: string[] = [];
    const offered = await ask({ offerSnapshot: { snapshot: { height, format: 1, chunks: 1 } } }, {}, calls);
    expect(offered.offerSnapshot?.result).toBe(3);
    const loaded = await ask({ loadSnapshotChunk: { height, format: 1, chunk: 0 } }, {}, calls);
    expect(loaded.loadSnapshotChunk?.chunk.length).toBe(0);
    expect(calls).toEqual([]);
  });
});

describe("the handler is not asked, and the refusal says why, for", () => {
  const block = { height: 7n, hash, time };
  const initial = { time, chainId: "city", initialHeight: 1n };
  const evidence = {
    type: MisbehaviorType.DUPLICATE_VOTE,
    validator: { address, power: 10n },
    height: 6n,
    time,
    totalVotingPower: 40n,
  };
  it.each<[string, RequestMembers, string]>([
    ["a height beyond 2^53", { finalizeBlock: { ...block, height: beyond } }, `height is ${beyond}`],
    ["a negative height", { processProposal: { ...block, height: -1n } }, "height is -1"],
    ["no height", { finalizeBlock: { hash, time } }, "height is missing"],
    ["no time", { finalizeBlock: { height: 7n, hash } }, "a time is missing"],
    ["a time beyond all", { finalizeBlock: { ...block, time: { seconds: 2n ** 62n, nanos: 0 } } }, "out of range"],
    ["a time with too many ns", { processProposal: { ...block, time: { seconds: 1n, nanos: -5 } } }, "out of range"],
    ["no hash", { finalizeBlock: { height: 7n, time } }, "the block's hash has 0 bytes"],
    ["a negative room", { prepareProposal: { ...block, maxTxBytes: -1n } }, "max_tx_bytes is -1"],
    ["no initial height", { initChain: { ...initial, initialHeight: 0n } }, "initial_height is missing"],
    ["a validator's other key", { initChain: { ...initial, validators: [{ pubKey: { secp256k1: key } }] } }, "Ed25519"],
    ["no validator's key", { initChain: { ...initial, validators: [{ power: 1n }] } }, "Ed25519"],
    ["a short key", { initChain: { ...initial, validators: [{ pubKey: { ed25519: address } }] } }, "has 20 bytes"],
    [
      "evidence of unknown kind",
      { finalizeBlock: { ...block, misbehavior: [{ ...evidence, type: 0 }] } },
      "unknown kind",
    ],
    [
      "evidence against nobody",
      { finalizeBlock: { ...block, misbehavior: [{ ...evidence, validator: { power: 1n } }] } },
      "a validator's address has 0 bytes",
    ],
    ["a snapshot that is none", { offerSnapshot: {} }, "that is none"],
    ["a check of an unknown kind", { checkTx: { tx: key, type: 2 as CheckTxType } }, "unknown kind, 2"],
  ])("%s", async (_, request, words) => {
    const calls: string[] = [];
    const answer = ask(request, {}, calls);
    await expect(answer).rejects.toThrow(RequestError);
    await expect(answer).rejects.toThrow(words);
    expect(calls).toEqual([]);
  });
});
