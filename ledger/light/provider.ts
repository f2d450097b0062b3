// Where headers come from: one server, asked for light blocks and told of evidence. Strict in form, bounded, and nothing verified here.
// Ours answers protobuf (CometBFT's LightBlock) at /v1/light-blocks; any other CometBFT node is asked by its RPC.
// Bounds: 512 KiB a light block, 1,000 validators, 100 heights and 8 MiB a range.

import { decodeLightBlock } from "../../wasm-core/bindings/comet-decoding.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { validatorsMax } from "../protocol/comet.ts";
import { lightBlockRangeMax, lightBlockType } from "../protocol/light-blocks.ts";
import type { CometRpc } from "./comet-rpc.ts";
import type { LightBlock } from "./light-block.ts";
import { fail, type Outcome, pass, unanswered } from "./outcome.ts";
import type { Server } from "./server.ts";

/** Misbehaviour in CometBFT's JSON, as `/broadcast_evidence` takes it. */
export interface Evidence {
  readonly type: "tendermint/DuplicateVoteEvidence" | "tendermint/LightClientAttackEvidence";
  readonly value: unknown;
}

export interface Provider {
  /** What a person may call it: its address. */
  readonly name: string;
  /** The light block of a height, or of the newest block (null). Its height is the one asked for; nothing else is certain. */
  lightBlock(height: number | null): Promise<Outcome<LightBlock>>;
  /** Those of `from` to `to`, both included, in order; at most `rangeMax` heights. */
  range(from: number, to: number): Promise<Outcome<readonly LightBlock[]>>;
  report(evidence: Evidence): Promise<Outcome<void>>;
}

/** Most heights of one range. */
export const rangeMax = lightBlockRangeMax;

export const lightBlockBytesMax = 512 * 1024;
const rangeBytesMax = 8 * 1024 * 1024;
const mediaType = lightBlockType;
/** RFC 9457: what a server with this route says when it has not the height. */
const problemType = "application/problem+json";
/** How many light blocks are asked for at once where each is a question of its own. */
const atOnce = 8;

export class LedgerProvider implements Provider {
  readonly name: string;
  readonly #server: Server;
  readonly #core: LightCore;
  /** Its code is loaded when a server is asked that way for the first time: our own ledger needs none of it. */
  #rpc: Promise<CometRpc> | null = null;
  /** Known once the server has answered for the first time. */
  #hasLightBlocks: boolean | undefined;

  /** @param url base URL of the ledger or of a CometBFT node's RPC, without a slash at the end. */
  constructor(server: Server, url: string, core: LightCore) {
    this.name = url;
    this.#server = server;
    this.#core = core;
  }

  async lightBlock(height: number | null): Promise<Outcome<LightBlock>> {
    const url = `${this.name}/v1/light-blocks/${height ?? "latest"}`;
    const bytes = await this.#bytes(url, lightBlockBytesMax);
    if (bytes === null) return this.#byRpc(height);
    return bytes.ok ? readOne(url, bytes.value, height) : bytes;
  }

  async range(from: number, to: number): Promise<Outcome<readonly LightBlock[]>> {
    const heights = Array.from({ length: Math.min(rangeMax, Math.max(0, to - from + 1)) }, (_, i) => from + i);
    if (heights.at(-1) !== to) throw new RangeError(`${from} to ${to} is not a range of at most ${rangeMax} heights`);
    const url = `${this.name}/v1/light-blocks?from=${from}&to=${to}`;
    const bytes = await this.#bytes(url, rangeBytesMax);
    if (bytes !== null) return bytes.ok ? readMany(url, bytes.value, heights) : bytes;
    const blocks: LightBlock[] = [];
    while (blocks.length < heights.length) {
      const some = heights.slice(blocks.length, blocks.length + atOnce);
      for (const block of await Promise.all(some.map((height) => this.#byRpc(height)))) {
        if (!block.ok) return block;
        blocks.push(block.value);
      }
    }
    return pass(blocks);
  }

  async report(evidence: Evidence): Promise<Outcome<void>> {
    const rpc = await this.#openRpc();
    return rpc.ok ? rpc.value.report(evidence) : rpc;
  }

  async #openRpc(): Promise<Outcome<CometRpc>> {
    this.#rpc ??= import("./comet-rpc.ts").then((rpc) => new rpc.CometRpc(this.#server, this.name, this.#core));
    try {
      return pass(await this.#rpc);
    } catch (error) {
      this.#rpc = null;
      return unanswered("server_must_answer", `code could not be loaded: ${(error as Error).message}`);
    }
  }

  async #byRpc(height: number | null): Promise<Outcome<LightBlock>> {
    const rpc = await this.#openRpc();
    if (!rpc.ok) return rpc;
    const block = await rpc.value.lightBlock(height);
    // Not by what it said of the route: what has no such route may say so in any words.
    if (block.ok) this.#hasLightBlocks = false;
    return block;
  }

  /** What the route answers; null when this server may have no such route. */
  async #bytes(url: string, bytesMax: number): Promise<Outcome<Uint8Array> | null> {
    if (this.#hasLightBlocks === false) return null;
    const answer = await this.#server.ask(url, bytesMax, { headers: { accept: mediaType } });
    if (!answer.ok) return answer;
    const { status, type, bytes } = answer.value;
    if (status === 200 && type === mediaType) {
      this.#hasLightBlocks = true;
      return pass(bytes);
    }
    if (this.#hasLightBlocks === undefined && status < 500 && status !== 429) return null;
    if (type === problemType && (status === 404 || status === 410))
      return unanswered("not_on_ledger", `${url}: status ${status}`);
    return unanswered("server_must_answer", `${url}: status ${status} with ${type.slice(0, 100) || "no media type"}`);
  }
}

function readOne(url: string, bytes: Uint8Array, height: number | null): Outcome<LightBlock> {
  let block: LightBlock;
  try {
    block = decodeLightBlock(bytes);
  } catch (error) {
    return fail("answer_must_be_well_formed", `${url}: ${(error as Error).message}`, { url, answer: kept(bytes) });
  }
  const told = block.header.height;
  const no = (detail: string) => fail("header_height_must_match", detail, { url, answer: kept(bytes) });
  if (height !== null && told !== BigInt(height)) return no(`asked for ${height}, got ${told}`);
  if (told < 1n || told > BigInt(Number.MAX_SAFE_INTEGER)) return no(`height ${told} cannot be`);
  if (Math.max(block.validators.length, block.commit.signatures.length) > validatorsMax)
    return fail("answer_must_be_well_formed", `there are more than ${validatorsMax} validators`, { url });
  return pass(block);
}

/** Each light block with its length, an unsigned varint, before it. */
function readMany(url: string, bytes: Uint8Array, heights: readonly number[]): Outcome<readonly LightBlock[]> {
  const blocks: LightBlock[] = [];
  const no = (detail: string) => fail("answer_must_be_well_formed", `${url}: ${detail}`, { url });
  let at = 0;
  for (const height of heights) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 21) return no("a length is cut off or too long");
      length |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0) return no("a length is longer than it must be");
      break;
    }
    if (length > lightBlockBytesMax || at + length > bytes.length) return no("a light block is cut off or too long");
    const block = readOne(url, bytes.subarray(at, at + length), height);
    if (!block.ok) return block;
    blocks.push(block.value);
    at += length;
  }
  return at === bytes.length ? pass(blocks) : no("there is more than was asked for");
}

/** As much of a malformed answer as is kept as evidence. */
function kept(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, 16_384);
}
