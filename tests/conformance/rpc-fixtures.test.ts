// Answers of real nodes (tendermint-rs's RPC fixtures: CometBFT v0.38 with its key-value application, gaia): whatever of blocks,
// headers, commits, validators, results, transactions and evidence stands in them is read by the decoders here and checked once,
// by its hash or its signature. Each check has its test, and each test its exact count.

import { ed25519 } from "@noble/curves/ed25519.js";
import { expect, test } from "vitest";
import { fromHex, hex } from "../../ledger/protocol/bytes.ts";
import {
  type BlockIdJson,
  type BlockJson,
  blockIdFromJson,
  blockJsonSchema,
  type CommitJson,
  commitFromJson,
  commitJsonSchema,
  fromBase64,
  type HeaderJson,
  headerFromJson,
  headerJsonSchema,
  hexUpper,
  type ValidatorJson,
  validatorJsonSchema,
} from "../../ledger/protocol/comet.ts";
import { type EvidenceJson, encodeBlock, encodeEvidence, encodeLightBlock } from "./comet-protobuf.ts";
import { describeCores } from "./variants.ts";
import { describeVectors, readVector, vectorFiles } from "./vectors.ts";

interface Placed<T> {
  readonly file: string;
  readonly value: T;
}
interface TransactionProof {
  readonly root_hash: string;
  readonly data: string;
  readonly proof: {
    readonly total: string;
    readonly index: string;
    readonly leaf_hash: string;
    readonly aunts: string[];
  };
}
interface ResultJson {
  readonly code?: number;
  readonly data?: string | null;
  readonly gas_wanted?: string;
  readonly gas_used?: string;
}
type Fields = Record<string, unknown>;

/** Header hashes are as of block protocol 11; one header of the fixtures is of protocol 10. */
const protocol = "11";

/** All that stands in the fixtures, each object once, in the form that the decoders here give it. */
function collect() {
  const found = {
    headers: [] as Placed<HeaderJson>[],
    blocks: [] as Placed<BlockJson & { readonly id?: BlockIdJson }>[],
    /** A header together with the hash that others say it has. */
    named: [] as Placed<{ readonly header: HeaderJson; readonly hash: string }>[],
    commits: [] as Placed<{ readonly commit: CommitJson; readonly chain: string }>[],
    signed: [] as Placed<{ readonly header: HeaderJson; readonly commit: CommitJson }>[],
    transactions: [] as Placed<{ readonly tx: string; readonly hash: string }>[],
    proofs: [] as Placed<{ readonly proof: TransactionProof; readonly height: string }>[],
    results: [] as Placed<{ readonly height: string; readonly results: readonly ResultJson[] }>[],
    params: [] as Placed<{ readonly max_bytes: string; readonly max_gas: string }>[],
    validators: new Map<string, ValidatorJson>(),
    evidence: [] as Placed<EvidenceJson>[],
  };
  const walk = (file: string, value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    if (Array.isArray(value)) {
      for (const item of value) walk(file, item);
      return;
    }
    const o = value as Fields;
    const header = headerJsonSchema.safeParse(o["header"]);
    if (header.success && header.data.version.block === protocol) {
      found.headers.push({ file, value: header.data });
      const hash = (o["block_id"] as { hash: string } | undefined)?.hash;
      if (hash !== undefined) found.named.push({ file, value: { header: header.data, hash } });
      if (o["commit"] !== undefined) {
        const commit = commitJsonSchema.parse(o["commit"]);
        found.named.push({ file, value: { header: header.data, hash: commit.block_id.hash } });
        found.signed.push({ file, value: { header: header.data, commit } });
        found.commits.push({ file, value: { commit, chain: header.data.chain_id } });
      }
      if ("last_commit" in o) {
        const { last_commit } = o;
        if (last_commit !== null && (last_commit as CommitJson).signatures.length > 0)
          found.commits.push({
            file,
            value: { commit: commitJsonSchema.parse(last_commit), chain: header.data.chain_id },
          });
      }
    }
    if (typeof o["block"] === "object" && o["block"] !== null && "header" in o["block"]) {
      const block = blockJsonSchema.parse(o["block"]);
      const id = o["block_id"] as BlockIdJson | undefined;
      found.blocks.push({ file, value: { ...block, ...(id === undefined ? {} : { id }) } });
      if (id !== undefined) found.named.push({ file, value: { header: block.header, hash: id.hash } });
    }
    if (typeof o["tx"] === "string" && typeof o["hash"] === "string") {
      found.transactions.push({ file, value: { tx: o["tx"], hash: o["hash"] } });
      if (o["proof"])
        found.proofs.push({ file, value: { proof: o["proof"] as TransactionProof, height: String(o["height"]) } });
    }
    if ("txs_results" in o)
      found.results.push({
        file,
        value: { height: String(o["height"]), results: (o["txs_results"] ?? []) as ResultJson[] },
      });
    if (typeof o["consensus_params"] === "object")
      found.params.push({ file, value: (o["consensus_params"] as { block: never }).block });
    const validator = validatorJsonSchema.safeParse(o["validator_info"]);
    if (validator.success) found.validators.set((o["node_info"] as { network: string }).network, validator.data);
    if (typeof o["type"] === "string" && o["type"].endsWith("Evidence") && o["value"] !== undefined)
      found.evidence.push({ file, value: value as EvidenceJson });
    for (const item of Object.values(o)) walk(file, item);
  };
  for (const file of vectorFiles("tendermint-rs-rpc-fixtures", "rpc").filter((name) => name.includes("incoming")))
    walk(file, readVector(file));
  return found;
}

describeVectors("tendermint-rs-rpc-fixtures", "answers of real nodes", () => {
  const found = collect();
  const validatorOf = (chain: string) => {
    const { pub_key, voting_power } = found.validators.get(chain)!;
    return { publicKey: fromBase64(pub_key.value), power: BigInt(voting_power) };
  };
  /** Both chains have one validator, whom `/status` names. Some answers are of other networks of the same name, with other keys. */
  const isKnown = (chain: string, address: string | undefined): boolean =>
    found.validators.get(chain)?.address === address && address !== undefined;

  describeCores((core) => {
    /** Hashes and signatures that came out as they stand in the fixtures, each counted once. */
    let checks = 0;
    const checked = (count: number): void => {
      checks += count;
    };

    test("headers: 78 have the hash that the block's id or commit beside them names", () => {
      for (const { file, value } of found.named)
        expect([file, hexUpper(core.headerHash(headerFromJson(value.header)))]).toEqual([file, value.hash]);
      expect(found.named).toHaveLength(78);
      checked(78);
    });

    test("headers: 62 have the hash that the header after them names as the last block", () => {
      const hashes = new Map(found.headers.map(({ value }) => [`${value.chain_id} ${value.height}`, value]));
      let count = 0;
      for (const next of hashes.values()) {
        const before = hashes.get(`${next.chain_id} ${Number(next.height) - 1}`);
        if (before === undefined) continue;
        expect(hexUpper(core.headerHash(headerFromJson(before)))).toBe(next.last_block_id.hash);
        count++;
      }
      expect(count).toBe(62);
      checked(count);
    });

    test("transactions: 61 data hashes", () => {
      for (const { file, value } of found.blocks)
        expect([file, hexUpper(core.dataHash((value.data.txs ?? []).map(fromBase64)))]).toEqual([
          file,
          value.header.data_hash,
        ]);
      expect(found.blocks).toHaveLength(61);
      checked(61);
    });

    test("evidence: 61 evidence hashes, one of them of duplicate votes", () => {
      for (const { file, value } of found.blocks) {
        const leaves = (value.evidence.evidence as EvidenceJson[] | null)?.map(encodeEvidence) ?? [];
        expect([file, hexUpper(core.merkleRoot(leaves))]).toEqual([file, value.header.evidence_hash]);
      }
      expect(found.evidence.map(({ value }) => value.type)).toEqual(["tendermint/DuplicateVoteEvidence"]);
      checked(61);
    });

    test("commits: 59 last commit hashes", () => {
      const blocks = found.blocks.filter(({ value }) => (value.last_commit?.signatures.length ?? 0) > 0);
      for (const { file, value } of blocks)
        expect([file, hexUpper(core.commitHash(commitFromJson(value.last_commit!).signatures))]).toEqual([
          file,
          value.header.last_commit_hash,
        ]);
      expect(blocks).toHaveLength(59);
      checked(59);
    });

    test("commits: the signatures of 59, by the validator whom the chain's node names", () => {
      const commits = found.commits.filter(({ value: { chain, commit } }) =>
        isKnown(chain, commit.signatures[0]?.validator_address),
      );
      for (const { file, value } of commits) {
        const { height, round, blockId, signatures } = commitFromJson(value.commit);
        const [slot] = signatures;
        expect([file, signatures.length, slot!.flag]).toEqual([file, 1, 2]);
        const { publicKey } = validatorOf(value.chain);
        const message = core.voteSignBytes({
          chainId: value.chain,
          height,
          round,
          blockId,
          timestamp: slot!.timestamp,
        });
        expect(hex(core.sha256(publicKey).subarray(0, 20))).toBe(hex(slot!.validatorAddress));
        expect([file, ed25519.verify(slot!.signature, message, publicKey, { zip215: true })]).toEqual([file, true]);
      }
      expect(commits).toHaveLength(59);
      checked(59);
    });

    test("validators: 81 headers name the hash of their chain's validators, and of the next", () => {
      const headers = found.headers.filter(({ value }) => isKnown(value.chain_id, value.proposer_address));
      for (const { file, value } of headers) {
        const hash = hexUpper(core.validatorsHash([validatorOf(value.chain_id)]));
        expect([file, value.validators_hash, value.next_validators_hash]).toEqual([file, hash, hash]);
      }
      expect(headers).toHaveLength(81);
      checked(81);
    });

    test("parameters: all 4 answers have the hash that 83 headers name", () => {
      const hashes = found.params.map(({ value }) =>
        hexUpper(core.consensusHash({ blockMaxBytes: BigInt(value.max_bytes), blockMaxGas: BigInt(value.max_gas) })),
      );
      expect(hashes).toHaveLength(4);
      for (const { file, value } of found.headers)
        for (const hash of hashes) expect([file, value.consensus_hash]).toEqual([file, hash]);
      expect(found.headers).toHaveLength(83);
      checked(83);
    });

    test("whole blocks: 61 sound from raw bytes, 56 of them with the part set that their node signed", () => {
      let withId = 0;
      for (const { file, value } of found.blocks) {
        const result = core.checkBlock(encodeBlock(value), value.header.chain_id);
        expect([file, result.rule]).toEqual([file, "sound"]);
        if (value.id === undefined) continue;
        // The parts' hash is over the block's own bytes: what was encoded here is what the node wrote.
        expect(result.id).toEqual(blockIdFromJson(value.id));
        expect(core.partSetHeader(encodeBlock(value)).partsHash).toEqual(fromHex(value.id.parts.hash));
        withId++;
      }
      expect([found.blocks.length, withId]).toEqual([61, 56]);
      checked(61);
    });

    test("light blocks: 2 answers of /commit with all signatures", () => {
      for (const { file, value } of found.signed) {
        const validators = [found.validators.get(value.header.chain_id)!];
        const result = core.checkLightBlock(encodeLightBlock(value, validators), value.header.chain_id);
        expect([file, result.verdict, result.signers]).toEqual([file, "sound", 1]);
        for (const { signature, message, publicKey } of result.signatures)
          expect(ed25519.verify(signature, message, publicKey, { zip215: true })).toBe(true);
      }
      expect(found.signed).toHaveLength(2);
      checked(2);
    });

    test("transactions: 19 hashes", () => {
      for (const { file, value } of found.transactions)
        expect([file, hexUpper(core.sha256(fromBase64(value.tx)))]).toEqual([file, value.hash]);
      expect(found.transactions).toHaveLength(19);
      checked(19);
    });

    test("transactions: 9 proofs of inclusion under the data hash", () => {
      const dataHashes = new Map(
        found.headers
          .filter(({ value }) => value.chain_id === "dockerchain")
          .map(({ value }) => [value.height, value.data_hash]),
      );
      for (const { file, value } of found.proofs) {
        const { root_hash, data, proof } = value.proof;
        const leaf = core.leafHash(core.sha256(fromBase64(data)));
        expect(hex(leaf)).toBe(hex(fromBase64(proof.leaf_hash)));
        const aunts = proof.aunts.map(fromBase64);
        const root = fromHex(root_hash);
        const holds = core.verifyInclusion(root, leaf, Number(proof.index), Number(proof.total), aunts);
        expect([file, holds]).toEqual([file, true]);
        expect(dataHashes.get(value.height) ?? root_hash).toBe(root_hash);
      }
      expect(found.proofs).toHaveLength(9);
      checked(9);
    });

    test("results: 6 answers are read and hashed; one has its next header here", () => {
      const next = new Map(found.headers.map(({ value }) => [`${value.chain_id} ${value.height}`, value]));
      let compared = 0;
      for (const { file, value } of found.results) {
        const hash = core.resultsHash(
          value.results.map((one) => ({
            code: one.code ?? 0,
            data: fromBase64(one.data ?? ""),
            gasWanted: BigInt(one.gas_wanted ?? "0"),
            gasUsed: BigInt(one.gas_used ?? "0"),
          })),
        );
        const chain = file.includes("kvstore") ? "dockerchain" : file.includes("gaia") ? "ibc-0" : "";
        const header = next.get(`${chain} ${Number(value.height) + 1}`);
        if (header === undefined) continue;
        expect([file, hexUpper(hash)]).toEqual([file, header.last_results_hash]);
        compared++;
      }
      expect([found.results.length, compared]).toEqual([6, 1]);
      checked(1);
    });

    test("all of it: 636 hashes and signatures, the 245 of headers, data, commits, validators and parameters among them", () => {
      expect(checks).toBe(636);
    });
  });
});
