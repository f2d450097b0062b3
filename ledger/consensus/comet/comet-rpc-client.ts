// CometBFT's own RPC (v0.38, v0.39), as the ledger beside it asks it: blocks with their commits, sets of validators, transactions to spread,
// and anything else by name. One keep-alive connection pool (Node's fetch). Bounds: 10 s a request, 32 MiB an answer.

import type { CommitFields, HeaderFields } from "../../../wasm-core/bindings/comet.ts";
import { fromUtf8, hex } from "../../protocol/bytes.ts";
import {
  blockJsonSchema,
  commitFromJson,
  commitJsonSchema,
  fromBase64,
  headerFromJson,
  toBase64,
  validatorJsonSchema,
  validatorsMax,
} from "../../protocol/comet.ts";
import { anything, list, members, nullable, text, whole } from "../../protocol/json-form.ts";
import type { StoredValidator } from "../../storage/records.ts";

/** A block of 100 MiB is CometBFT's limit; ours have 1 MiB, evidence 1 MiB, in base64 and JSON. */
const answerBytesMax = 32 * 1_048_576;
const patienceMs = 10_000;
const validatorsPerPage = 100;

/** CometBFT answered an error. */
export class CometRefused extends Error {
  override readonly name = "CometRefused";
  readonly code: number;
  readonly reason: string;
  readonly data: string;

  constructor(code: number, reason: string, data: string) {
    super(`${reason}: ${data}`);
    this.code = code;
    this.reason = reason;
    this.data = data;
  }
}

/** CometBFT did not answer, or not in its form. */
export class CometUnreachable extends Error {
  override readonly name = "CometUnreachable";
}

export interface NetworkBlock {
  readonly header: HeaderFields;
  readonly lastCommit: CommitFields;
  readonly evidence: readonly unknown[];
  readonly size: number;
  /** Of this very block: from the next one, or what this node has seen. */
  readonly commit: CommitFields;
}

const digits = text(20, /^[0-9]+$/);
const answerSchema = members({
  id: whole(0),
  result: anything,
  error: nullable(members({ code: anything, message: anything, data: anything })),
});
const blockSchema = members({ block: blockJsonSchema });
const commitSchema = members({ signed_header: members({ commit: commitJsonSchema }) });
const metaSchema = members({ block_metas: list(1, members({ block_size: digits })) });
const validatorsSchema = members({ validators: list(validatorsPerPage, validatorJsonSchema), total: digits });

interface Call {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export class CometRpcClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Header, last commit and evidence of a block, with the commit of its own. @throws {CometUnreachable | CometRefused} */
  async block(height: number): Promise<NetworkBlock> {
    const at = { height: String(height) };
    const [block, commit, metas] = await this.#all([
      { method: "block", params: at },
      { method: "commit", params: at },
      { method: "blockchain", params: { minHeight: String(height), maxHeight: String(height) } },
    ]);
    return understood(() => {
      const read = blockSchema.parse(block).block;
      if (read.last_commit === null) throw new RangeError(`block ${height} has no last commit`);
      return {
        header: headerFromJson(read.header),
        lastCommit: commitFromJson(read.last_commit),
        evidence: read.evidence.evidence ?? [],
        size: Number(metaSchema.parse(metas).block_metas[0]?.block_size ?? 0),
        commit: commitFromJson(commitSchema.parse(commit).signed_header.commit),
      };
    });
  }

  /** The set of validators of a height, in CometBFT's order. @throws {CometUnreachable | CometRefused} */
  async validators(height: number): Promise<readonly StoredValidator[]> {
    const all: StoredValidator[] = [];
    for (let page = 1; page <= validatorsMax / validatorsPerPage; page++) {
      const params = { height: String(height), page: String(page), per_page: String(validatorsPerPage) };
      const answer = await this.call("validators", params);
      const { validators, total } = understood(() => validatorsSchema.parse(answer));
      for (const { pub_key, voting_power } of validators)
        all.push({ key: hex(fromBase64(pub_key.value)), power: voting_power });
      if (all.length >= Number(total) || validators.length === 0) break;
    }
    return all;
  }

  /**
   * Hands transactions to CometBFT's mempool, which asks the ledger to check each and spreads it. Answers for each why it was not
   * taken, null when it was. @throws {CometUnreachable}
   */
  async spread(transactions: readonly Uint8Array[]): Promise<readonly (CometRefused | null)[]> {
    return this.#each(
      transactions.map((bytes) => ({ method: "broadcast_tx_async", params: { tx: toBase64(bytes) } })),
    ).then((answers) => answers.map((answer) => (answer instanceof CometRefused ? answer : null)));
  }

  /** Any method. @throws {CometUnreachable | CometRefused} */
  async call(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    return (await this.#all([{ method, params }]))[0];
  }

  /** @throws {CometUnreachable | CometRefused} the first refusal. */
  async #all(calls: readonly Call[]): Promise<readonly unknown[]> {
    const answers = await this.#each(calls);
    for (const answer of answers) if (answer instanceof CometRefused) throw answer;
    return answers;
  }

  async #each(calls: readonly Call[]): Promise<readonly (CometRefused | unknown)[]> {
    if (calls.length === 0) return [];
    const requests = calls.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
    const body = await this.#post(JSON.stringify(requests.length === 1 ? requests[0] : requests));
    return understood(() => {
      const parsed: unknown = JSON.parse(body);
      const answers = list(calls.length, answerSchema).parse(
        Array.isArray(parsed) ? parsed.map(withMembers) : [withMembers(parsed)],
      );
      const byId = new Map(answers.map((answer) => [answer.id, answer]));
      return calls.map(({ method }, id) => {
        const answer = byId.get(id);
        if (answer === undefined) throw new RangeError(`no answer to ${method}`);
        const { error, result } = answer;
        return error === null
          ? result
          : new CometRefused(Number(error.code), String(error.message), String(error.data ?? ""));
      });
    });
  }

  async #post(body: string): Promise<string> {
    try {
      const answer = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(patienceMs),
      });
      return await boundedText(answer);
    } catch (cause) {
      if (cause instanceof CometUnreachable) throw cause;
      const { message } =
        (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error) : (cause as Error);
      throw new CometUnreachable(`${this.#url}: ${message}`, { cause });
    }
  }
}

async function boundedText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    if (bytes > answerBytesMax) throw new CometUnreachable(`an answer of more than ${answerBytesMax} bytes`);
    parts.push(part);
  }
  return fromUtf8(Buffer.concat(parts));
}

/** Members that JSON-RPC leaves out are null. */
function withMembers(answer: unknown): unknown {
  const { id = null, result = null, error = null } = (answer ?? {}) as Record<string, unknown>;
  return { id, result, error };
}

function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof SyntaxError)
      throw new CometUnreachable(`CometBFT's answer is not in its form: ${cause.message}`, { cause });
    throw cause;
  }
}
