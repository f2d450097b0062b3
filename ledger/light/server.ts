// Asks a server and believes nothing but the shape of its answer: at most 1 MiB (blocks 4 MiB, results 16 MiB), at most 10 s, JSON of the form that is asked for.

import { anything, type Form, FormError, members, optional, text } from "../protocol/json-form.ts";
import { fail, type Outcome, pass, unanswered } from "./outcome.ts";

const answerBytesMax = 1_048_576;
/** A block of 1 MiB is a third longer in base64, and carries its last commit. */
export const blockAnswerBytesMax = 4 * 1_048_576;
/** Results carry their events: those of 2,000 transactions with 100 messages each, at worst. */
export const resultsAnswerBytesMax = 16 * 1_048_576;
const answerMsMax = 10_000;
/** How much of a malformed answer is kept as evidence. */
const evidenceTextMax = 16_384;
/** Requests under way at once; a page asks for a handful. */
const requestsMax = 128;

/** What is asked beside the address: nothing for a GET. */
export interface Question {
  readonly method?: "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` as it is handed in. */
export type Fetch = (url: string, init: Question & { readonly signal: AbortSignal }) => Promise<Response>;

/** An answer of any status. */
export interface Answer {
  readonly status: number;
  /** Media type without parameters, in lower case; empty when none is told. */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const rpcAnswerSchema = members({
  result: anything,
  error: optional(members({ message: text(10_000), data: optional(text(10_000)) })),
});

export class Server {
  readonly #fetch: Fetch;
  #underWay = 0;
  #answers = 0;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /** How many answers have come, of whatever kind; a gateway's word that nobody is behind it is none. */
  get answers(): number {
    return this.#answers;
  }

  /** A REST answer. Status 404 means that the server has not the data. */
  async json<T>(url: string, schema: Form<T>, bytesMax = answerBytesMax): Promise<Outcome<T>> {
    const answer = await this.ask(url, bytesMax);
    if (!answer.ok) return answer;
    const { status, bytes } = answer.value;
    if (status === 404) return unanswered("not_on_ledger", `${url}: status 404`);
    if (status < 200 || status > 299) return unanswered("server_must_answer", `${url}: status ${status}`);
    return parse(url, textOf(bytes), schema);
  }

  /** A CometBFT JSON-RPC answer. An error in it means that the server has not the data, whatever the status. */
  async rpc<T>(url: string, schema: Form<T>, bytesMax = answerBytesMax, question: Question = {}): Promise<Outcome<T>> {
    const answer = await this.ask(url, bytesMax, question);
    if (!answer.ok) return answer;
    const { status } = answer.value;
    const told = textOf(answer.value.bytes);
    const envelope = parse(url, told, rpcAnswerSchema);
    const success = status >= 200 && status <= 299;
    if (!envelope.ok) return success ? envelope : unanswered("server_must_answer", `${url}: status ${status}`);
    const { error, result } = envelope.value;
    if (error !== undefined) return unanswered("server_must_answer", `${url}: ${error.data || error.message}`);
    if (!success) return unanswered("server_must_answer", `${url}: status ${status}`);
    const parsed = schema.safeParse(result);
    return parsed.success ? pass(parsed.data) : malformed(url, told, parsed.error);
  }

  /** The answer as it came, whatever it says. */
  async ask(url: string, bytesMax: number, question: Question = {}): Promise<Outcome<Answer>> {
    if (this.#underWay >= requestsMax) return unanswered("server_must_answer", `${requestsMax} requests are under way`);
    this.#underWay++;
    try {
      const response = await this.#fetch(url, { ...question, signal: AbortSignal.timeout(answerMsMax) });
      if (![502, 503, 504].includes(response.status)) this.#answers++;
      const bytes = await readBounded(response, bytesMax);
      if (bytes === null)
        return fail("answer_must_be_well_formed", `the answer is longer than ${bytesMax} bytes`, { url });
      const [type = ""] = (response.headers.get("content-type") ?? "").split(";");
      return pass({ status: response.status, type: type.trim().toLowerCase(), bytes });
    } catch (error) {
      return unanswered("server_must_answer", `${url}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#underWay--;
    }
  }
}

async function readBounded(response: Response, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      return null;
    }
    pieces.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** What is no UTF-8 gets replacement characters, and is then judged by its form. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function parse<T>(url: string, told: string, schema: Form<T>): Outcome<T> {
  let value: unknown;
  try {
    value = JSON.parse(told);
  } catch (error) {
    return malformed(url, told, error as Error);
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? pass(parsed.data) : malformed(url, told, parsed.error);
}

function malformed(url: string, told: string, error: Error): Outcome<never> {
  const detail = error instanceof FormError ? error.message : "not JSON";
  // Kept as text: what is malformed may be nested too deep to be copied as a value.
  return fail("answer_must_be_well_formed", detail, { url, answer: told.slice(0, evidenceTextMax) });
}
