// What every method of CometBFT's RPC stands on: its declaration, its context, and the checks that methods share (rpc/core/env.go).

import { createHash } from "node:crypto";
import type { SignedHeader, StoredBlock, StoredResults } from "../storage/records.ts";
import { readBlock } from "./blocks-read.ts";
import type { LedgerContext } from "./context.ts";
import { methodFailed, type RpcError } from "./rpc-error.ts";
import type { GenesisChunks } from "./rpc-genesis.ts";
import { bytesHashJson } from "./rpc-json.ts";
import type { ParamKinds, Params } from "./rpc-params.ts";
import type { EventSearch } from "./rpc-search.ts";

export interface RpcContext {
  readonly ledger: LedgerContext;
  readonly genesis: GenesisChunks;
  readonly search: EventSearch;
  /** Takes reads from the caller's limit for what was done: its price was not known before. */
  readonly owe: Owe;
  /** Told of a transaction that was refused before it came to a block. */
  readonly refused: (refusal: string) => void;
}

export type Owe = (reads: number) => void;

export interface RpcMethod {
  /** In positional order. */
  readonly params: ParamKinds;
  /** Checks a transaction: it costs a write, by GET too. */
  readonly writes?: true;
  /** Reads that it costs, where one is too little. */
  readonly reads?: number;
  call(context: RpcContext, params: Params): unknown;
}
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

export const softwareVersion = "0.38.0-glasstown";
const perPageDefault = 30;
const perPageMax = 100;

/** A block and its commit without its transactions. */
export async function headerAt({ ledger }: RpcContext, height: number): Promise<SignedHeader> {
  const header = await ledger.store.signedHeader(height);
  if (header === null) throw notAvailable(height, ledger.store.lowest);
  return header;
}

export interface FoundBlock {
  readonly stored: StoredBlock;
  readonly results: StoredResults;
}

/** The height asked for, else the newest. `ahead` is 1 for what is known of the next block already. */
export function heightOf({ ledger }: RpcContext, params: Params, ahead: 0 | 1 = 0): number {
  const newest = ledger.engine.height + ahead;
  const height = numberOf(params, "height");
  if (height === undefined) return newest;
  if (height <= 0) throw methodFailed(`height must be greater than 0, but got ${height}`);
  if (height > newest)
    throw methodFailed(`height ${height} must be less than or equal to the current blockchain height ${newest}`);
  const lowest = ledger.store.lowest;
  if (height < lowest) throw notAvailable(height, lowest);
  return height;
}

export async function blockAt({ ledger }: RpcContext, height: number): Promise<FoundBlock> {
  const block = await readBlock(ledger.store, height);
  // It may have been pruned after its height was checked.
  if (block === null) throw notAvailable(height, ledger.store.lowest);
  return block;
}

function notAvailable(height: number, lowest: number): RpcError {
  return methodFailed(`height ${height} is not available, lowest height is ${lowest}`);
}

export interface Page {
  /** How many come before it. */
  readonly skip: number;
  readonly length: number;
}

/** The page that `page` (1 at first) and `per_page` (30, at most 100) name, of so many. */
export function pageOf(params: Params, total: number): Page {
  const perPage = perPageOf(params, "per_page");
  const page = numberOf(params, "page") ?? 1;
  const pages = Math.max(1, Math.ceil(total / perPage));
  if (page < 1 || page > pages) throw methodFailed(`page should be within [1, ${pages}] range, given ${page}`);
  const skip = (page - 1) * perPage;
  return { skip, length: Math.min(perPage, total - skip) };
}

export function perPageOf(params: Params, name: string): number {
  const asked = numberOf(params, name) ?? perPageDefault;
  return asked < 1 ? perPageDefault : Math.min(asked, perPageMax);
}

export function numberOf(params: Params, name: string): number | undefined {
  const value = params[name];
  return typeof value === "number" ? value : undefined;
}

export function bytesOf(params: Params, name: string): Uint8Array {
  const value = params[name];
  if (!(value instanceof Uint8Array)) throw methodFailed(`${name} is required`);
  return value;
}

export function textOf(params: Params, name: string): string {
  const value = params[name];
  return typeof value === "string" ? value : "";
}

export function hashOf(bytes: Uint8Array): string {
  return bytesHashJson(createHash("sha256").update(bytes).digest());
}
