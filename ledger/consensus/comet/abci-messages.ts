// Between ABCI's protobuf messages (cosmjs-types) and the handler's own types. Numbers that do not fit 2^53 are refused.

import type { DeepPartial } from "cosmjs-types/helpers";
import {
  type Event as AbciEvent,
  CheckTxType,
  ResponseApplySnapshotChunk_Result as ChunkResult,
  type ExecTxResult,
  type Misbehavior,
  MisbehaviorType,
  ResponseOfferSnapshot_Result as OfferResult,
  ResponseProcessProposal_ProposalStatus as ProposalStatus,
  type Request,
  Response,
  type ValidatorUpdate,
} from "cosmjs-types/tendermint/abci/types";
import type { LedgerEvent } from "../../protocol/rest.ts";
import type { AbciHandler, AbciMisbehaviour, ChunkVerdict, OfferVerdict, ValidatorPower } from "./abci-handler.ts";

type Answer = DeepPartial<Response>;

/** Calls the handler for any request but Echo, Flush and new transactions, which the server answers or gathers itself. */
export async function answerTo(handler: AbciHandler, request: Request): Promise<Uint8Array> {
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
      initialHeight: numberOf(initialHeight, "initial_height"),
    });
    return { initChain: { appHash, validators: [] } };
  }
  if (request.checkTx !== undefined) return { checkTx: handler.checkAgain(request.checkTx.tx) };
  if (request.prepareProposal !== undefined) {
    const { height, time, maxTxBytes, txs } = request.prepareProposal;
    const chosen = handler.prepareProposal({
      height: numberOf(height, "height"),
      timeMs: msOf(time),
      transactionBytesMax: numberOf(maxTxBytes, "max_tx_bytes"),
      transactions: txs,
    });
    return { prepareProposal: { txs: [...chosen] } };
  }
  if (request.processProposal !== undefined) {
    const { height, hash, time, txs } = request.processProposal;
    const accepted = handler.processProposal({
      height: numberOf(height, "height"),
      hash,
      timeMs: msOf(time),
      transactions: txs,
    });
    return { processProposal: { status: accepted ? ProposalStatus.ACCEPT : ProposalStatus.REJECT } };
  }
  if (request.finalizeBlock !== undefined) {
    const { height, hash, time, txs, misbehavior } = request.finalizeBlock;
    const block = await handler.finalizeBlock({
      height: numberOf(height, "height"),
      hash,
      timeMs: msOf(time),
      transactions: txs,
      misbehaviour: misbehavior.map(misbehaviourOf),
    });
    return {
      finalizeBlock: {
        txResults: block.results.map(({ code, codespace, log, data, events }): Partial<ExecTxResult> => {
          return { code, codespace, log, data, events: events.map(eventOf) };
        }),
        events: block.events.map(eventOf),
        appHash: block.appHash,
        validatorUpdates: block.validatorUpdates.map(updateOf),
        ...(block.appVersion === null ? {} : { consensusParamUpdates: { version: { app: BigInt(block.appVersion) } } }),
      },
    } as Answer;
  }
  if (request.commit !== undefined) return { commit: { retainHeight: BigInt(await handler.commit()) } };
  if (request.query !== undefined) {
    const { path, data, height, prove } = request.query;
    const answer = handler.query({ path, data, height: numberOf(height, "height"), prove });
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
    if (snapshot === undefined) throw new RangeError("a snapshot is offered that is none");
    const verdict = await handler.offerSnapshot({ ...snapshot, height: numberOf(snapshot.height, "height") }, appHash);
    return { offerSnapshot: { result: offerResults[verdict] } };
  }
  if (request.loadSnapshotChunk !== undefined) {
    const { height, format, chunk } = request.loadSnapshotChunk;
    const bytes = await handler.loadSnapshotChunk(numberOf(height, "height"), format, chunk);
    return { loadSnapshotChunk: { chunk: bytes } };
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
  // Vote extensions are never enabled by our genesis.
  throw new RangeError("a request that this application has no answer to");
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

/** @throws {RangeError} when it is no height or size that a number holds. */
function numberOf(value: bigint, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${what} ${value} is beyond 2^53`);
  return number;
}

function msOf(time: { readonly seconds: bigint; readonly nanos: number } | undefined): number {
  if (time === undefined) throw new RangeError("a time is missing");
  return numberOf(time.seconds, "time") * 1_000 + Math.floor(time.nanos / 1_000_000);
}

function powerOf({ pubKey, power }: ValidatorUpdate): ValidatorPower {
  if (pubKey?.ed25519 === undefined) throw new RangeError("a validator's key is not Ed25519");
  return { key: pubKey.ed25519, power: numberOf(power, "power") };
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
  if (kind === undefined) throw new RangeError(`misbehaviour of an unknown kind, ${type}`);
  return {
    kind,
    address: validator.address,
    power: numberOf(validator.power, "power"),
    height: numberOf(height, "height"),
    timeMs: msOf(time),
    totalPower: numberOf(totalVotingPower, "power"),
  };
}

function eventOf({ type, attributes }: LedgerEvent): AbciEvent {
  return { type, attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })) };
}
