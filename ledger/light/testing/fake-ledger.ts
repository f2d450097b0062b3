// A ledger for tests: real keys, real signatures, real proofs, answers in CometBFT's JSON. It can be told to lie.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { BlockId, CommitSignature, HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import { encodeLightBlock } from "../../../wasm-core/bindings/comet-encoding.ts";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import { ModelTree } from "../../../wasm-core/bindings/testing/rfc6962-model.ts";
import { fromHex, fromUtf8, hex, utf8 } from "../../protocol/bytes.ts";
import { canonicalBytes } from "../../protocol/canonical.ts";
import { commitToJson, headerToJson, hexUpper, timestampOfMs, toBase64 } from "../../protocol/comet.ts";
import type { LedgerEvent } from "../../protocol/ledger-event.ts";
import { historyEntry } from "../history.ts";
import type { Fetch } from "../server.ts";
import { FakeTree } from "./fake-tree.ts";

export interface Signer {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: Uint8Array;
  readonly power: bigint;
}

/** Deterministic signers; `seed` keeps sets apart. */
export function makeSigners(core: Core, count: number, seed: string): Signer[] {
  return Array.from({ length: count }, (_, i) => {
    const secret = core.sha256(utf8(`${seed} ${i}`));
    const publicKey = ed25519.getPublicKey(secret);
    return { secret, publicKey, address: core.sha256(publicKey).slice(0, 20), power: 10n };
  });
}

interface FakeBlock {
  readonly header: HeaderFields;
  readonly hash: Uint8Array;
  readonly blockId: BlockId;
  readonly commit: readonly CommitSignature[];
  readonly signers: readonly Signer[];
  readonly transactions: readonly Uint8Array[];
  /** Their result codes. */
  readonly codes: readonly number[];
  /** What each of them told; the root over it is its result's data. */
  readonly events: readonly (readonly LedgerEvent[])[];
  /** State after the block. */
  readonly state: ReadonlyMap<string, Uint8Array>;
}

export interface NextBlock {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly transactions?: readonly Uint8Array[];
  /** Result codes of the transactions; 0 when not said. */
  readonly codes?: readonly number[];
  /** What the transactions told; a transaction without any has no data, as one that was refused. */
  readonly events?: readonly (readonly LedgerEvent[])[];
  readonly timeMs?: number;
  /** Who validates from the next height on. */
  readonly nextSigners?: readonly Signer[];
  /** How each of the validators votes; commit when not said. */
  readonly vote?: (index: number) => "commit" | "nil" | "absent";
  /** Changes the header before it is hashed and signed. */
  readonly header?: (header: HeaderFields) => HeaderFields;
  /** Changes the commit after it is signed. */
  readonly commit?: (commit: readonly CommitSignature[]) => readonly CommitSignature[];
}

/** May change an answer's JSON, or its bytes where it is none; the path has its query. */
export type Lie = (path: string, answer: unknown) => unknown;

export class FakeLedger {
  readonly chain: string;
  readonly blocks: FakeBlock[] = [];
  readonly core: Core;
  readonly genesisMs: number;
  /** Paths asked for. */
  readonly asked: string[] = [];
  lie: Lie = (_, answer) => answer;
  /** Whether it has the route of light blocks, or is like any other CometBFT node. */
  hasLightBlocks = false;
  /** Whether its state holds the history of its blocks. To be said before the first block is made. */
  keepsHistory = false;
  /** Answers to other paths, such as the log's. */
  more: (path: string) => { status: number; body: unknown } | null = () => null;
  #next: readonly Signer[];
  #following: readonly Signer[];
  #genesis: ReadonlyMap<string, Uint8Array>;

  constructor(core: Core, chain: string, signers: readonly Signer[], genesisMs: number) {
    this.core = core;
    this.chain = chain;
    this.genesisMs = genesisMs;
    this.#next = signers;
    this.#following = signers;
    this.#genesis = new Map([["genesis/entry/1", canonicalBytes({ made: true })]]);
  }

  get height(): number {
    return this.blocks.length;
  }

  make(next: NextBlock = {}): FakeBlock {
    const { core } = this;
    const height = this.height + 1;
    const before = this.blocks.at(-1);
    const signers = this.#next;
    const following = next.nextSigners ?? this.#following;
    const empty = core.merkleRoot([]);
    const stateBefore = before?.state ?? this.#genesis;
    const header: HeaderFields = {
      versionBlock: 11n,
      versionApp: 1n,
      chainId: this.chain,
      height: BigInt(height),
      time: timestampOfMs(next.timeMs ?? this.genesisMs + height * 1000),
      lastBlockId: before?.blockId ?? { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() },
      lastCommitHash: before === undefined ? empty : core.commitHash(before.commit),
      dataHash: core.dataHash(next.transactions ?? []),
      validatorsHash: core.validatorsHash(signers),
      nextValidatorsHash: core.validatorsHash(following),
      consensusHash: core.consensusHash({ blockMaxBytes: 1_048_576n, blockMaxGas: -1n }),
      appHash: new FakeTree(core, stateBefore).root,
      lastResultsHash: core.merkleRoot(
        (before?.codes ?? []).map((code, i) => {
          const data = dataOf(core, before!.events[i]);
          return Uint8Array.from([...(code === 0 ? [] : [8, code]), ...(data.length === 0 ? [] : [18, 32, ...data])]);
        }),
      ),
      evidenceHash: empty,
      proposerAddress: signers[0]!.address,
    };
    const signed = next.header?.(header) ?? header;
    const hash = core.headerHash(signed);
    const blockId = { hash, partsTotal: 1, partsHash: core.sha256(hash) };
    const commit = signers.map((signer, i) => this.#vote(signer, signed, blockId, next.vote?.(i) ?? "commit", i));
    const state = new Map(stateBefore);
    for (const [name, value] of Object.entries(next.state ?? {})) {
      if (value === null) state.delete(name);
      else state.set(name, canonicalBytes(value));
    }
    if (this.keepsHistory) {
      const tree = this.#history([...this.blocks.map(({ hash }) => hash), hash]);
      state.set(historyEntry, canonicalBytes({ frontier: [], root: hex(tree.root(height)), size: height }));
    }
    const block: FakeBlock = {
      header: signed,
      hash,
      blockId,
      commit: next.commit?.(commit) ?? commit,
      signers,
      transactions: next.transactions ?? [],
      codes: next.codes ?? (next.transactions ?? []).map(() => 0),
      events: next.events ?? [],
      state,
    };
    this.blocks.push(block);
    this.#next = following;
    this.#following = following;
    return block;
  }

  /** The tree over headers and the roots of their blocks' own events, of which there are none. */
  #history(hashes: readonly Uint8Array[]): ModelTree {
    const { core } = this;
    const none = core.merkleRoot([]);
    return new ModelTree(hashes.map((hash) => core.leafHash(Uint8Array.from([...hash, ...none]))));
  }

  #vote(
    signer: Signer,
    header: HeaderFields,
    blockId: BlockId,
    how: "commit" | "nil" | "absent",
    index: number,
  ): CommitSignature {
    const none = new Uint8Array();
    if (how === "absent")
      return { flag: 1, validatorAddress: none, timestamp: { seconds: -62135596800n, nanos: 0 }, signature: none };
    const timestamp = { seconds: header.time.seconds + 1n, nanos: index };
    const message = this.core.voteSignBytes({
      chainId: header.chainId,
      height: header.height,
      round: 0n,
      blockId: how === "nil" ? null : blockId,
      timestamp,
    });
    const signature = ed25519.sign(message, signer.secret);
    return { flag: how === "nil" ? 3 : 2, validatorAddress: signer.address, timestamp, signature };
  }

  readonly fetch: Fetch = async (url) => {
    this.asked.push(url);
    // As CometBFT answers: nothing to lie about.
    if (url.startsWith("/ledger/v1/light-blocks") && !this.hasLightBlocks)
      return new Response("404 page not found\n", { status: 404, headers: { "content-type": "text/plain" } });
    const { status, body } = this.#answer(url);
    const told = this.lie(url, structuredClone(body));
    if (told instanceof Uint8Array)
      return new Response(new Uint8Array(told), { status, headers: { "content-type": "application/x-protobuf" } });
    const headers = { "content-type": `application/${status < 400 ? "" : "problem+"}json` };
    return new Response(typeof told === "string" ? told : JSON.stringify(told), { status, headers });
  };

  #answer(url: string): { status: number; body: unknown } {
    const { pathname, searchParams } = new URL(url, "http://ledger");
    const rpc = (result: unknown) => ({ status: 200, body: { jsonrpc: "2.0", id: -1, result } });
    const refusal = (data: string) => ({
      status: 500,
      body: { jsonrpc: "2.0", id: -1, error: { code: -32603, message: "Internal error", data } },
    });
    const height = Number(searchParams.get("height") ?? this.height);
    const block = this.blocks[height - 1];
    if (pathname === "/ledger/v1/chain") {
      const genesisValidatorsHash = hex(this.blocks[0]!.header.validatorsHash);
      return { status: 200, body: { chain: this.chain, height: this.height, genesisValidatorsHash } };
    }
    if (pathname.startsWith("/ledger/v1/light-blocks"))
      return this.#lightBlocks(pathname.slice("/ledger/v1/light-blocks".length), searchParams);
    const past = /^\/ledger\/v1\/history\/([0-9]+)$/.exec(pathname);
    if (past !== null && this.keepsHistory) {
      const [at, size] = [Number(past[1]), Number(searchParams.get("size"))];
      const tree = this.#history(this.blocks.slice(0, size).map(({ hash }) => hash));
      const [header, events] = [hex(this.blocks[at - 1]!.hash), hex(this.core.merkleRoot([]))];
      return { status: 200, body: { height: at, size, header, events, path: tree.path(at - 1, size).map(hex) } };
    }
    if (pathname === "/ledger/abci_query") return this.#query(searchParams, height, rpc, refusal);
    if (pathname.startsWith("/ledger/") && block === undefined)
      return refusal(`height ${height} must be less than or equal to the current blockchain height ${this.height}`);
    if (pathname === "/ledger/commit") return rpc(this.#commit(block!));
    if (pathname === "/ledger/validators") return rpc(validatorsOf(block!, Number(searchParams.get("page") ?? 1)));
    if (pathname === "/ledger/block_results") {
      const results = block!.codes.map((code, i) => ({
        code,
        data: block!.events[i] === undefined ? null : toBase64(dataOf(this.core, block!.events[i])),
        log: "",
        gas_wanted: "0",
        gas_used: "0",
        events: (block!.events[i] ?? []).map(({ type, attributes }) => ({
          type,
          attributes: Object.entries(attributes).map(([key, value]) => ({ key, value, index: true })),
        })),
      }));
      return rpc({ height: String(height), txs_results: results });
    }
    if (pathname === "/ledger/block") return rpc(this.#block(block!));
    return this.more(url) ?? { status: 404, body: { code: 404, message: "no such path" } };
  }

  #lightBlocks(path: string, params: URLSearchParams): { status: number; body: unknown } {
    const missing = { status: 404, body: { type: "urn:glasstown:problem:not-found", status: 404 } };
    if (path === "") {
      const [from, to] = [Number(params.get("from")), Number(params.get("to"))];
      if (from < 1 || to > this.height) return missing;
      const blocks = this.blocks.slice(from - 1, to).map(lightBlockBytes);
      return { status: 200, body: Uint8Array.from(blocks.flatMap((bytes) => [...lengthBefore(bytes), ...bytes])) };
    }
    const block = path === "/latest" ? this.blocks.at(-1) : this.blocks[Number(path.slice(1)) - 1];
    return block === undefined ? missing : { status: 200, body: lightBlockBytes(block) };
  }

  #commit(block: FakeBlock): unknown {
    const { header, blockId, commit: signatures } = block;
    const commit = commitToJson({ height: header.height, round: 0n, blockId, signatures });
    return { signed_header: { header: headerToJson(header), commit }, canonical: true };
  }

  #block(block: FakeBlock): unknown {
    const data = { txs: block.transactions.map(toBase64) };
    return { block: { header: headerToJson(block.header), data, evidence: { evidence: [] }, last_commit: null } };
  }

  #query(
    params: URLSearchParams,
    height: number,
    rpc: (result: unknown) => { status: number; body: unknown },
    refusal: (data: string) => { status: number; body: unknown },
  ): { status: number; body: unknown } {
    if (params.get("path") !== '"/state"' || params.get("prove") !== "true") return refusal("unknown query");
    const name = fromUtf8(fromHex(params.get("data")!.slice(2)));
    const state = this.blocks[height - 1]?.state;
    if (state === undefined) return rpc({ response: { code: 1, log: `no state of height ${height}`, height: "0" } });
    const value = state.get(name);
    const key = toBase64(this.core.sha256(utf8(name)));
    const data = toBase64(new FakeTree(this.core, state).proof(name));
    return rpc({
      response: {
        code: 0,
        log: "",
        index: "0",
        key: toBase64(utf8(name)),
        value: value === undefined ? null : toBase64(value),
        proofOps: { ops: [{ type: "ics23:simple", key, data }] },
        height: String(height),
        codespace: "",
      },
    });
  }
}

/** RFC 6962 over the canonical JSON of each. */
function dataOf(core: Core, events: readonly LedgerEvent[] | undefined): Uint8Array {
  if (events === undefined) return new Uint8Array();
  return core.merkleRoot(events.map(({ type, attributes }) => canonicalBytes({ attributes, type })));
}

export function lightBlockBytes({ header, blockId, commit: signatures, signers }: FakeBlock): Uint8Array {
  const commit = { height: header.height, round: 0n, blockId, signatures };
  const validators = signers.map(({ address, publicKey, power }) => ({ address, publicKey, power }));
  return encodeLightBlock({ header, commit, validators });
}

/** An unsigned varint below 2^21. */
function lengthBefore({ length }: Uint8Array): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x4000) return [(length & 0x7f) | 0x80, length >> 7];
  return [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
}

function validatorsOf({ header, signers }: FakeBlock, page: number): unknown {
  const validators = signers.slice((page - 1) * 100, page * 100).map(({ address, publicKey, power }) => ({
    address: hexUpper(address),
    pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
    voting_power: String(power),
    proposer_priority: "0",
  }));
  const { length } = signers;
  return { block_height: String(header.height), validators, count: String(validators.length), total: String(length) };
}
