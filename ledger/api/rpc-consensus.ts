// CometBFT v0.38 RPC: validators, parameters and the state of consensus (rpc/core/consensus.go, evidence.go), in what an engine with
// one validator can say. Between two blocks it waits in the first step of the next height; it decides in one step, so that no
// proposal, lock or vote of an undecided round ever shows.

import type { CommitJson } from "../protocol/comet.ts";
import { methodFailed } from "./rpc-error.ts";
import { forwarded } from "./rpc-forward.ts";
import { validatorJson } from "./rpc-json.ts";
import { headerAt, heightOf, pageOf, type RpcContext, type RpcMethods } from "./rpc-method.ts";
import type { Params } from "./rpc-params.ts";

/** RoundStepNewHeight. */
const stepNewHeight = 1;
export const consensusMethods: RpcMethods = {
  validators: {
    params: { height: "int64", page: "int64", per_page: "int64" },
    call(context, params) {
      const height = heightOf(context, params, 1);
      const all = [validatorJson(context.ledger.builder.genesis)];
      const { skip, length } = pageOf(params, all.length);
      const validators = all.slice(skip, skip + length);
      return {
        block_height: String(height),
        validators,
        count: String(validators.length),
        total: String(all.length),
      };
    },
  },

  consensus_params: {
    params: { height: "int64" },
    call: (context, params) => ({
      block_height: String(heightOf(context, params, 1)),
      consensus_params: context.ledger.builder.genesis.document.consensus_params,
    }),
  },

  consensus_state: {
    params: {},
    async call(context) {
      const { height, startTime, proposer } = await between(context);
      return {
        round_state: {
          "height/round/step": `${height}/0/${stepNewHeight}`,
          start_time: startTime,
          proposal_block_hash: "",
          locked_block_hash: "",
          valid_block_hash: "",
          height_vote_set: [noVotesOf(context)],
          proposer: { address: proposer, index: 0 },
        },
      };
    },
  },

  dump_consensus_state: {
    params: {},
    async call(context) {
      const { height, startTime, commit } = await between(context);
      const validator = validatorJson(context.ledger.builder.genesis);
      const validators = { validators: [validator], proposer: validator };
      return {
        round_state: {
          height: String(height),
          round: 0,
          step: stepNewHeight,
          start_time: startTime,
          commit_time: startTime,
          validators,
          proposal: null,
          proposal_block: null,
          proposal_block_parts: null,
          locked_round: -1,
          locked_block: null,
          locked_block_parts: null,
          valid_round: -1,
          valid_block: null,
          valid_block_parts: null,
          votes: [noVotesOf(context)],
          commit_round: -1,
          last_commit: {
            votes: commit.signatures.map((_, index) => voteText(commit, index)),
            votes_bit_array: `BA{1:x} ${validator.voting_power}/${validator.voting_power} = 1.00`,
            peer_maj_23s: {},
          },
          last_validators: validators,
          triggered_timeout_precommit: false,
        },
        peers: [],
      };
    },
  },

  broadcast_evidence: {
    params: { evidence: "json" },
    writes: true,
    async call({ ledger }, params) {
      if (params["evidence"] === undefined) throw methodFailed("no evidence was provided");
      const { json } = params["evidence"] as { readonly json: unknown };
      if (ledger.evidence === undefined) throw methodFailed("this node keeps no evidence");
      const report = await ledger.evidence.submit(json);
      // CometBFT brings it into a block, which has consequences; this node shows it whatever comes of it.
      if (report.ok && ledger.network !== undefined)
        return forwarded(ledger.network, "broadcast_evidence", { evidence: json } as unknown as Params);
      if (report.ok) return { hash: Buffer.from(report.hash, "hex").toString("base64") };
      throw methodFailed(
        report.step === "basic"
          ? `evidence.ValidateBasic failed: ${report.reason}`
          : `failed to add evidence: ${report.reason}`,
      );
    },
  },
};

/** Where the engine stands: after its newest block, before the next. */
async function between(context: RpcContext): Promise<{
  readonly height: number;
  readonly startTime: string;
  readonly proposer: string;
  readonly commit: CommitJson;
}> {
  const newest = context.ledger.engine.height;
  const { commit } = await headerAt(context, newest);
  return {
    height: newest + 1,
    startTime: commit.signatures[0]!.timestamp,
    proposer: context.ledger.builder.genesis.validator.address,
    commit,
  };
}

function noVotesOf({ ledger }: RpcContext): unknown {
  const none = { votes: ["nil-Vote"], bits: `BA{1:_} 0/${ledger.builder.genesis.validator.power} = 0.00` };
  return {
    round: 0,
    prevotes: none.votes,
    prevotes_bit_array: none.bits,
    precommits: none.votes,
    precommits_bit_array: none.bits,
  };
}

/** A precommit as CometBFT prints it: six bytes of the address, of the block's hash and of the signature. */
function voteText(commit: CommitJson, index: number): string {
  const { validator_address, signature, timestamp } = commit.signatures[index]!;
  const signatureStart = Buffer.from(signature ?? "", "base64")
    .subarray(0, 6)
    .toString("hex")
    .toUpperCase();
  const round = String(commit.round).padStart(2, "0");
  const kind = `${commit.height}/${round}/SIGNED_MSG_TYPE_PRECOMMIT(Precommit)`;
  const hashStart = commit.block_id.hash.slice(0, 12);
  return `Vote{${index}:${validator_address.slice(0, 12)} ${kind} ${hashStart} ${signatureStart} 000000000000 @ ${timestamp}}`;
}
