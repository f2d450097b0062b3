// Light blocks of any CometBFT node (v0.38), by its RPC: /commit, /validators in pages of 100, and /broadcast_evidence.
// Strict in form; nothing is verified here. Bounds: 1,000 validators, answers 1 MiB, 16 validator sets kept.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { fromHex, hex } from "../protocol/bytes.ts";
import {
  commitFromJson,
  fromBase64,
  headerFromJson,
  signedHeaderJsonSchema,
  type ValidatorJson,
  validatorJsonSchema,
  validatorsMax,
} from "../protocol/comet.ts";
import { list, members, text } from "../protocol/json-form.ts";
import type { LightBlock, Validator } from "./light-block.ts";
import { fail, type Outcome, pass } from "./outcome.ts";
import type { Evidence } from "./provider.ts";
import type { Server } from "./server.ts";

const validatorsPerPage = 100;
const setsMax = 16;
const answerBytesMax = 1_048_576;

const commitAnswerSchema = members({ signed_header: signedHeaderJsonSchema });
const validatorsAnswerSchema = members({
  validators: list(validatorsPerPage, validatorJsonSchema),
  total: text(4, /^[0-9]+$/),
});

export class CometRpc {
  readonly #server: Server;
  readonly #url: string;
  readonly #core: LightCore;
  /** By their hash, which was computed, not told: /validators is asked once for each set. */
  readonly #sets = new Map<string, readonly Validator[]>();

  constructor(server: Server, url: string, core: LightCore) {
    this.#server = server;
    this.#url = url;
    this.#core = core;
  }

  /** The light block of a height, or of the newest block. */
  async lightBlock(height: number | null): Promise<Outcome<LightBlock>> {
    const query = height === null ? "" : `?height=${height}`;
    const answer = await this.#server.rpc(`${this.#url}/commit${query}`, commitAnswerSchema);
    if (!answer.ok) return answer;
    const { signed_header } = answer.value;
    const told = readable(() => ({
      header: headerFromJson(signed_header.header),
      commit: commitFromJson(signed_header.commit),
    }));
    if (told === null) return fail("answer_must_be_well_formed", "a time in the header is no date", signed_header);
    const { header, commit } = told;
    if (height !== null && header.height !== BigInt(height))
      return fail("header_height_must_match", `asked for ${height}, got ${header.height}`, signed_header);
    // Before the height is used to ask on.
    if (header.height < 1n || header.height > BigInt(Number.MAX_SAFE_INTEGER))
      return fail("header_height_must_match", `height ${header.height} cannot be`, signed_header);
    const name = hex(header.validatorsHash);
    const known = this.#sets.get(name);
    if (known !== undefined) return pass({ header, commit, validators: known });
    const validators = await this.#validators(Number(header.height));
    if (!validators.ok) return validators;
    this.#keep(name, validators.value);
    return pass({ header, commit, validators: validators.value });
  }

  async report(evidence: Evidence): Promise<Outcome<void>> {
    const answer = await this.#server.rpc(`${this.#url}/`, members({ hash: text(64) }), answerBytesMax, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "broadcast_evidence", params: { evidence } }),
    });
    return answer.ok ? pass(undefined) : answer;
  }

  async #validators(height: number): Promise<Outcome<readonly Validator[]>> {
    const all: Validator[] = [];
    for (let page = 1; page <= validatorsMax / validatorsPerPage; page++) {
      const url = `${this.#url}/validators?height=${height}&page=${page}&per_page=${validatorsPerPage}`;
      const answer = await this.#server.rpc(url, validatorsAnswerSchema);
      if (!answer.ok) return answer;
      const { validators, total } = answer.value;
      all.push(...validators.map(validatorFromJson));
      if (all.length >= Number(total) || validators.length === 0) break;
    }
    return pass(all);
  }

  #keep(name: string, validators: readonly Validator[]): void {
    if (!this.#hashesTo(name, validators)) return;
    for (const oldest of this.#sets.keys()) {
      if (this.#sets.size < setsMax) break;
      this.#sets.delete(oldest);
    }
    this.#sets.set(name, validators);
  }

  #hashesTo(name: string, validators: readonly Validator[]): boolean {
    return readable(() => hex(this.#core.validatorsHash(validators))) === name;
  }
}

export function validatorFromJson(json: ValidatorJson): Validator {
  return {
    address: fromHex(json.address),
    publicKey: fromBase64(json.pub_key.value),
    power: BigInt(json.voting_power),
  };
}

function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
