// What the room asks the ledger: which chain this is, and whose key a citizen holds. REST as in ledger/protocol/rest.ts.
// Limits: 3 s and 64 KiB an answer, 64 questions at once.

import { z } from "zod";
import { nameSchema } from "../../ledger/protocol/accounts.ts";
import { type KeyRecord, keyRecordSchema, keysMax, scopeCovers } from "../../ledger/protocol/keys.ts";
import { joinScope } from "../protocol/join-scope.ts";

const timeoutMs = 3000;
const answerBytesMax = 64 * 1024;
const questionsMax = 64;
/** The chain's name is asked again after this time: the ledger may have been set up anew. */
const chainKeptMs = 10_000;

const chainSchema = z.object({ chain: z.string().min(1).max(50) });
const accountSchema = z.object({
  account: z.object({
    name: nameSchema,
    keys: z.array(keyRecordSchema).max(keysMax),
  }),
});

export interface Citizen {
  readonly name: string;
  readonly keys: readonly string[];
}

/** The ledger did not answer, or not as it should. */
class LedgerAwayError extends Error {
  override readonly name = "LedgerAwayError";
}

export class LedgerDirectory {
  readonly #url: string;
  readonly #nowMs: () => number;
  #chain: { readonly name: string; readonly askedMs: number } | null = null;
  #questions = 0;

  /** `url` is the ledger's base, without a slash at the end. */
  constructor(url: string, nowMs: () => number) {
    this.#url = url;
    this.#nowMs = nowMs;
  }

  /** @throws {LedgerAwayError} */
  async chain(): Promise<string> {
    const now = this.#nowMs();
    if (this.#chain !== null && now - this.#chain.askedMs < chainKeptMs) return this.#chain.name;
    const answer = chainSchema.safeParse(await this.#ask("/v1/chain"));
    if (!answer.success) throw new LedgerAwayError("the ledger's answer to /v1/chain has another form");
    this.#chain = { name: answer.data.chain, askedMs: now };
    return answer.data.chain;
  }

  /** The account's name and the Ed25519 keys that may join now, null when there is no such account. @throws {LedgerAwayError} */
  async citizen(account: string): Promise<Citizen | null> {
    const answer = await this.#ask(`/v1/accounts/${account}`);
    if (answer === null) return null;
    const parsed = accountSchema.safeParse(answer);
    if (!parsed.success) throw new LedgerAwayError("the ledger's answer to /v1/accounts has another form");
    const { name, keys } = parsed.data.account;
    const mayJoin = ({ kind, scope }: KeyRecord): boolean =>
      kind === "ed25519" && (scope === undefined || (this.#nowMs() < scope.untilMs && scopeCovers(scope, joinScope)));
    return { name, keys: keys.filter(mayJoin).map(({ key }) => key) };
  }

  /** The parsed answer, null for 404. */
  async #ask(path: string): Promise<unknown> {
    if (this.#questions >= questionsMax) throw new LedgerAwayError("too many questions to the ledger at once");
    this.#questions++;
    try {
      const response = await fetch(`${this.#url}${path}`, {
        signal: AbortSignal.timeout(timeoutMs),
        redirect: "error",
        headers: { accept: "application/json" },
      });
      if (response.status === 404) {
        await response.body?.cancel();
        return null;
      }
      if (!response.ok || response.body === null) throw new LedgerAwayError(`the ledger answered ${response.status}`);
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of response.body) {
        size += chunk.length;
        if (size > answerBytesMax) throw new LedgerAwayError("the ledger's answer is too long");
        chunks.push(chunk);
      }
      return JSON.parse(Buffer.concat(chunks).toString("utf8"));
    } catch (cause) {
      if (cause instanceof LedgerAwayError) throw cause;
      throw new LedgerAwayError("the ledger does not answer", { cause });
    } finally {
      this.#questions--;
    }
  }
}
