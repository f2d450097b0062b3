// Between ABCI's protobuf messages (cosmjs-types) and the handler's own types. What a number does not hold exactly, or what is missing, is
// refused before the handler is asked. Strangers reach us through CometBFT (queries over its RPC, snapshots over its p2p): what they ask
// out of range has an ordinary answer, for nobody may stop a node by asking.

import type { DeepPartial } from "cosmjs-types/helpers";
import {
  type Event as AbciEvent,
  CheckTxType,
  ResponseApplySnapshotChunk_Result as ChunkResult,
  type Misbehavior,
  MisbehaviorType,
  ResponseOfferSnapshot_Result as OfferResult,
  ResponseProcessProposal_ProposalStatus as ProposalStatus,
  type Request,
  type RequestFinalizeBlock,
  Response,
  ResponseFinalizeBlock,
  type ValidatorUpdate,
} from "cosmjs-types/tendermint/abci/types";
import type { LedgerEvent } from "../../protocol/rest.ts";
import type { AbciHandler, AbciMisbehaviour, ChunkVerdict, OfferVerdict, ValidatorPower } from "./abci-handler.ts";
import { RequestError } from "./abci-request.ts";
import { encodeCheckAnswer, encodeFinalizeBlock } from "./abci-results.ts";

type Answer = DeepPartial<Response>;

/**
 * Calls the handler for any request but Echo, Flush and new transactions, which the server answers or gathers itself.
 * @throws {RequestError} when the request is none that the handler could be asked, and what the handler throws.
 */
export async function answerTo(handler: AbciHandler, request: Request): Promise<Uint8Array> {
  if (request.finalizeBlock !== undefined) return finalizedBlock(handler, request.finalizeBlock);
  if (request.checkTx !== undefined) {
    if (request.checkTx.type !== CheckTxType.RECHECK)
      throw new RequestError(`a check of an unknown kind, ${request.checkTx.type}`);
    return encodeCheckAnswer(handler.checkAgain(request.checkTx.tx));
  }
  return encoded(await answered(handler, request));
}

export function encoded(answer: Answer): Uint8Array {
  return Response.encode(Response.fromPartial(answer)).finish();
}

/** The bytes of a new transaction that is to be checked; null for any other request. */
export function newTransactionOf({ checkTx }: Request): Uint8Array | null {
  return checkTx !== undefined && checkTx.type === CheckTxType.NEW ? checkTx.tx : null;
}

async function answered(handler: AbciHandler, request: Request): Promise<Answer> {
  if (request.info !== undefined) {
    const { data, version, appVersion, lastBlockHeight, lastBlockAppHash } = handler.info();
    return {
      info: {
        data,
        version,
        appVersion: BigInt(appVersion),
        lastBlockHeight: BigInt(lastBlockHeight),
        lastBlockAppHash,
      },
    };
  }
  if (request.initChain !== undefined) {
    const { time, chainId, validators, appStateBytes, initialHeight } = request.initChain;
    const { appHash } = await handler.initChain({
      timeMs: msOf(time),
      chain: chainId,
      validators: validators.map(powerOf),
      appState: appStateBytes,
      initialHeight: heightOf(initialHeight, "initial_height"),
    });
    return { initChain: { appHash, validators: [] } };
  }
  if (request.prepareProposal !== undefined) {
    const { height, time, maxTxBytes, txs } = request.prepareProposal;
    const chosen = handler.prepareProposal({
      height: heightOf(height, "height"),
      timeMs: msOf(time),
      transactionBytesMax: numberOf(maxTxBytes, "max_tx_bytes"),
      transactions: txs,
    });
    return { prepareProposal: { txs: [...chosen] } };
  }
  if (request.processProposal !== undefined) {
    const { height, hash, time, txs } = request.processProposal;
    const accepted = handler.processProposal({
      height: heightOf(height, "height"),
      hash: bytesOf(hash, 32, "the block's hash"),
      timeMs: msOf(time),
      transactions: txs,
    });
    return { processProposal: { status: accepted ? ProposalStatus.ACCEPT : ProposalStatus.REJECT } };
  }
  if (request.commit !== undefined) return { commit: { retainHeight: BigInt(await handler.commit()) } };
  if (request.query !== undefined) {
    const { path, data, height, prove } = request.query;
    const at = Number(height);
    if (!Number.isSafeInteger(at) || at < 0)
      return { query: { code: 1, codespace: "query", log: "height must be 0 to 2^53 - 1", key: data } };
    const answer = handler.query({ path, data, height: at, prove });
    return {
      query: {
        code: answer.code,
        codespace: answer.codespace,
        log: answer.log,
        key: answer.key,
        value: answer.value,
        height: BigInt(answer.height),
        ...(answer.proof === null ? {} : { proofOps: { ops: [{ type: "ics23:simple", ...answer.proof }] } }),
      },
    };
  }
  if (request.listSnapshots !== undefined) {
    const snapshots = await handler.listSnapshots();
    return {
      listSnapshots: { snapshots: snapshots.map((each) => ({ ...each, height: BigInt(each.height) })) },
    };
  }
  if (request.offerSnapshot !== undefined) {
    const { snapshot, appHash } = request.offerSnapshot;
    if (snapshot === undefined) throw new RequestError("a snapshot is offered that is none");
    const at = Number(snapshot.height);
    if (!Number.isSafeInteger(at)) return { offerSnapshot: { result: OfferResult.REJECT } };
    const verdict = await handler.offerSnapshot({ ...snapshot, height: at }, appHash);
    return { offerSnapshot: { result: offerResults[verdict] } };
  }
  if (request.loadSnapshotChunk !== undefined) {
    const { height, format, chunk } = request.loadSnapshotChunk;
    const at = Number(height);
    if (!Number.isSafeInteger(at)) return { loadSnapshotChunk: { chunk: new Uint8Array() } };
    return { loadSnapshotChunk: { chunk: await handler.loadSnapshotChunk(at, format, chunk) } };
  }
  if (request.applySnapshotChunk !== undefined) {
    const { index, chunk, sender } = request.applySnapshotChunk;
    const { result, refetchChunks, rejectSenders } = await handler.applySnapshotChunk(index, chunk, sender);
    return {
      applySnapshotChunk: {
        result: chunkResults[result],
        refetchChunks: [...(refetchChunks ?? [])],
        rejectSenders: [...(rejectSenders ?? [])],
      },
    };
  }
  throw new RequestError("a request that this application has no answer to");
}

async function finalizedBlock(handler: AbciHandler, request: RequestFinalizeBlock): Promise<Uint8Array> {
  const { height, hash, time, txs, misbehavior } = request;
  const block = await handler.finalizeBlock({
    height: heightOf(height, "height"),
    hash: bytesOf(hash, 32, "the block's hash"),
    timeMs: msOf(time),
    transactions: txs,
    misbehaviour: misbehavior.map(misbehaviourOf),
  });
  if (block.results.length !== txs.length)
    throw new Error(`block ${height} has ${txs.length} transactions, but ${block.results.length} results`);
  const rest = ResponseFinalizeBlock.fromPartial({
    events: block.events.map(eventOf),
    appHash: block.appHash,
    validatorUpdates: block.validatorUpdates.map(updateOf),
    ...(block.appVersion === null ? {} : { consensusParamUpdates: { version: { app: BigInt(block.appVersion) } } }),
  });
  return encodeFinalizeBlock(block.results, ResponseFinalizeBlock.encode(rest).finish());
}

const offerResults: Readonly<Record<OfferVerdict, OfferResult>> = {
  accept: OfferResult.ACCEPT,
  abort: OfferResult.ABORT,
  reject: OfferResult.REJECT,
  "reject-format": OfferResult.REJECT_FORMAT,
  "reject-sender": OfferResult.REJECT_SENDER,
};

const chunkResults: Readonly<Record<ChunkVerdict["result"], ChunkResult>> = {
  accept: ChunkResult.ACCEPT,
  abort: ChunkResult.ABORT,
  retry: ChunkResult.RETRY,
  "retry-snapshot": ChunkResult.RETRY_SNAPSHOT,
  "reject-snapshot": ChunkResult.REJECT_SNAPSHOT,
};

/** @throws {RequestError} when a number does not hold it exactly, or it is negative. */
function numberOf(value: bigint, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new RequestError(`${what} is ${value}, but must be 0 to 2^53 - 1`);
  return number;
}

function heightOf(value: bigint, what: string): number {
  if (value === 0n) throw new RequestError(`${what} is missing`);
  return numberOf(value, what);
}

/** A time that is missing decodes to the beginning of 1970; CometBFT's own time of nothing is the beginning of the year 1. */
function msOf({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }): number {
  if (seconds === 0n && nanos === 0) throw new RequestError("a time is missing");
  const ms = Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
  if (!Number.isSafeInteger(ms) || nanos < 0 || nanos >= 1_000_000_000)
    throw new RequestError(`a time of ${seconds} s and ${nanos} ns is out of range`);
  return ms;
}

function bytesOf(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length !== length) throw new RequestError(`${what} has ${bytes.length} bytes, but must have ${length}`);
  return bytes;
}

function powerOf({ pubKey, power }: ValidatorUpdate): ValidatorPower {
  if (pubKey?.ed25519 === undefined) throw new RequestError("a validator's key is not Ed25519");
  return { key: bytesOf(pubKey.ed25519, 32, "a validator's key"), power: numberOf(power, "power") };
}

function updateOf({ key, power }: ValidatorPower): ValidatorUpdate {
  return { pubKey: { ed25519: key }, power: BigInt(power) };
}

const kinds = new Map<MisbehaviorType, AbciMisbehaviour["kind"]>([
  [MisbehaviorType.DUPLICATE_VOTE, "duplicate-vote"],
  [MisbehaviorType.LIGHT_CLIENT_ATTACK, "light-client-attack"],
]);

function misbehaviourOf({ type, validator, height, time, totalVotingPower }: Misbehavior): AbciMisbehaviour {
  const kind = kinds.get(type);
  if (kind === undefined) throw new RequestError(`misbehaviour of an unknown kind, ${type}`);
  return {
    kind,
    address: bytesOf(validator.address, 20, "a validator's address"),
    power: numberOf(validator.power, "power"),
    height: heightOf(height, "height"),
    timeMs: msOf(time),
    totalPower: numberOf(totalVotingPower, "power"),
  };
}

function eventOf({ type, attributes }: LedgerEvent): AbciEvent {
  return { type, attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })) };
}
