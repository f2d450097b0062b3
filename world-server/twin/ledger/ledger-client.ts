// What the twin asks of the ledger: REST /v1 for the chain and transactions, CometBFT's abci_query for state.
// Answers are bounded to 1 MiB and 15 s. An answer is not proved here: the citizen's browser does that.

import { z } from "zod";
import { fromUtf8, hex, utf8 } from "../../../ledger/protocol/bytes.ts";
import type { SubmitAnswer } from "../../../ledger/protocol/rest.ts";
import type { Transaction } from "../../../ledger/protocol/transaction.ts";

const answerBytesMax = 1024 * 1024;
const answerMs = 15_000;

const chainSchema = z.looseObject({
  chain: z.string().min(1).max(50),
  height: z.number().int().min(0),
  time: z.string(),
  slotSeconds: z.number().int().min(1),
});
export type Chain = z.infer<typeof chainSchema>;
const submitSchema = z.looseObject({
  height: z.number().int(),
  code: z.number().int(),
  refusal: z.string().optional(),
}) satisfies z.ZodType<Pick<SubmitAnswer, "height" | "code">>;
const problemSchema = z.looseObject({ code: z.number().int(), refusal: z.string().optional() });
const querySchema = z.looseObject({
  result: z.looseObject({ response: z.looseObject({ code: z.number().optional(), value: z.string().nullish() }) }),
});

/** The ledger is away or answers nonsense; trying again later may help. */
export class LedgerAwayError extends Error {
  override readonly name = "LedgerAwayError";
}

/** What became of a transaction: code 0 when applied. */
export interface Submitted {
  readonly code: number;
  readonly refusal?: string | undefined;
  readonly height: number;
}

export class LedgerClient {
  readonly #base: string;

  /** @param base such as `http://127.0.0.1:4001`, without a slash at the end. */
  constructor(base: string) {
    this.#base = base;
  }

  /** @throws {LedgerAwayError} */
  async chain(): Promise<Chain> {
    const { status, body } = await this.#request("/v1/chain");
    return this.#parsed(chainSchema, status, body);
  }

  /** GET of a REST resource. @throws {LedgerAwayError} when it is not a 200. */
  async resource<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
    const { status, body } = await this.#request(path);
    return this.#parsed(schema, status, body);
  }

  /** The value of a name in the newest state, or null when there is none. @throws {LedgerAwayError} */
  async state<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema> | null> {
    const { status, body } = await this.#request("/", {
      jsonrpc: "2.0",
      id: 1,
      method: "abci_query",
      params: { path: "/state", data: hex(utf8(name)), height: "0", prove: false },
    });
    const { response } = this.#parsed(querySchema, status, body).result;
    if (response.value === null || response.value === undefined || response.value === "") return null;
    return this.#parsed(schema, 200, parsedJson(Buffer.from(response.value, "base64")));
  }

  /** Sends a transaction and waits until it is in a block or refused. @throws {LedgerAwayError} when neither is known. */
  async submit(transaction: Transaction): Promise<Submitted> {
    const { status, body } = await this.#request("/v1/transactions?wait=commit", transaction);
    const answer = submitSchema.safeParse(body);
    if (status === 200 && answer.success) return answer.data;
    const problem = problemSchema.safeParse(body);
    if (problem.success) return { code: problem.data.code, refusal: problem.data.refusal, height: 0 };
    throw new LedgerAwayError(`the ledger answered ${status} to a transaction`);
  }

  #parsed<Schema extends z.ZodType>(schema: Schema, status: number, body: unknown): z.infer<Schema> {
    const parsed = schema.safeParse(body);
    if (status === 200 && parsed.success) return parsed.data;
    throw new LedgerAwayError(`the ledger answered ${status}${parsed.success ? "" : " in an unknown form"}`);
  }

  async #request(path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    try {
      const response = await fetch(`${this.#base}${path}`, {
        signal: AbortSignal.timeout(answerMs),
        redirect: "error",
        ...(body === undefined
          ? {}
          : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      return { status: response.status, body: JSON.parse(await boundedText(response)) as unknown };
    } catch (cause) {
      throw new LedgerAwayError(`the ledger at ${this.#base} does not answer: ${reasonOf(cause)}`, { cause });
    }
  }
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new LedgerAwayError("the ledger answered what is not JSON", { cause });
  }
}

async function boundedText(response: Response): Promise<string> {
  let bytes = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error("the answer is longer than 1 MiB");
    chunks.push(chunk);
  }
  return fromUtf8(Buffer.concat(chunks));
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
