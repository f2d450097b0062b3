// What one WebSocket client has subscribed to, with CometBFT's words for what is refused (rpc/core/events.go).

import type { RpcId } from "./rpc-dispatch.ts";
import { methodFailed, RpcError, rpcCodes } from "./rpc-error.ts";
import type { Params } from "./rpc-params.ts";
import { parseQuery, QueryError, queryText } from "./rpc-query.ts";
import { type MessageMatcher, messageMatcher } from "./rpc-query-match.ts";

/** Each event repeats the id, so that a long one would make every event as long. */
const idCharactersMax = 256;

export interface Subscription {
  readonly id: RpcId;
  /** The query in its one form: equal ones match equally. */
  readonly text: string;
  readonly matches: MessageMatcher;
  /** Height of the block after which it began. */
  readonly after: number;
  /** How each of its events begins: what follows are the members of the event, and two braces. */
  readonly head: Buffer;
}

export class Subscriptions {
  readonly #max: number;
  readonly #byText = new Map<string, Subscription>();
  #changes = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#byText.size;
  }

  /** Another number after every change. */
  get changes(): number {
    return this.#changes;
  }

  values(): Subscription[] {
    return [...this.#byText.values()];
  }

  /** @throws {RpcError} when it is one too many, there already, or no query. */
  add(id: RpcId, params: Params, after: number, refusal: string | null): void {
    if (this.size >= this.#max) throw methodFailed(`max_subscriptions_per_client ${this.#max} reached`);
    if (refusal !== null) throw methodFailed(refusal);
    if (typeof id === "string" && id.length > idCharactersMax)
      throw new RpcError(
        rpcCodes.invalidRequest,
        "Invalid Request",
        `the id of a subscription has at most ${idCharactersMax} characters`,
      );
    const { text, query, matches } = readQuery(params);
    if (this.#byText.has(text)) throw methodFailed("already subscribed");
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"query":${JSON.stringify(query)},`;
    this.#byText.set(text, { id, text, matches, after, head: Buffer.from(head) });
    this.#changes++;
  }

  /** @throws {RpcError} when there is none with this query. */
  remove(params: Params): void {
    if (!this.#byText.delete(readQuery(params).text)) throw methodFailed("subscription not found");
    this.#changes++;
  }

  /** @throws {RpcError} when there is none. */
  removeAll(): void {
    if (this.size === 0) throw methodFailed("subscription not found");
    this.clear();
  }

  clear(): void {
    this.#byText.clear();
    this.#changes++;
  }
}

function readQuery(params: Params): {
  readonly text: string;
  readonly query: string;
  readonly matches: MessageMatcher;
} {
  const query = typeof params["query"] === "string" ? params["query"] : "";
  try {
    const parsed = parseQuery(query);
    return { text: queryText(parsed), query, matches: messageMatcher(parsed) };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw methodFailed(`failed to parse query: ${error.message}`);
  }
}
