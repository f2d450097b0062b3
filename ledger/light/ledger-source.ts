// State entries as the ledger tells them by CometBFT's RPC, in checked form. Nothing is verified here.

import { hex, utf8 } from "../protocol/bytes.ts";
import { base64Text, fromBase64 } from "../protocol/comet.ts";
import { list, members, nullable, optional, text, whole } from "../protocol/json-form.ts";
import { fail, type Outcome, pass, unanswered } from "./outcome.ts";
import type { Server } from "./server.ts";

const base64 = base64Text(300_000);
const heightText = text(16, /^[0-9]+$/);
const stateAnswerSchema = members({
  response: members({
    code: whole(0, 0xffff_ffff),
    log: optional(nullable(text(10_000))),
    height: heightText,
    value: optional(nullable(base64)),
    proofOps: optional(nullable(members({ ops: list(4, members({ type: text(64), key: base64, data: base64 })) }))),
  }),
});

/** A state entry as the server tells it, with the proof that has yet to be checked. */
export interface ToldEntry {
  readonly name: string;
  /** Height whose state it is; its root stands in the next header. */
  readonly height: number;
  readonly value: Uint8Array | null;
  readonly proofType: string;
  readonly proofKey: Uint8Array;
  readonly proof: Uint8Array;
}

export class LedgerSource {
  readonly #server: Server;
  readonly #url: string;

  constructor(server: Server, ledgerUrl: string) {
    this.#server = server;
    this.#url = ledgerUrl;
  }

  /** The entry as it was after the block of this height. */
  async entry(name: string, height: number): Promise<Outcome<ToldEntry>> {
    const path = encodeURIComponent('"/state"');
    const url = `${this.#url}/abci_query?path=${path}&data=0x${hex(utf8(name))}&height=${height}&prove=true`;
    const answer = await this.#server.rpc(url, stateAnswerSchema);
    if (!answer.ok) return answer;
    const { response } = answer.value;
    if (response.code !== 0) {
      const detail = `code ${response.code}: ${response.log ?? ""}`;
      return { ok: false, state: "unverified", reason: "server_must_answer", detail };
    }
    const ops = response.proofOps?.ops ?? [];
    // Other applications answer every question without a proof. Nothing is claimed, so nothing is disproven.
    if (ops.length === 0 && !response.value) return unanswered("server_must_answer", `no proof of ${name} is told`);
    if (Number(response.height) !== height || ops.length !== 1)
      return fail("answer_must_be_well_formed", "not one proof of the height that was asked for", answer.value);
    const [op] = ops;
    // CometBFT writes an empty value as null, and no value of ours is empty.
    const value = response.value ? fromBase64(response.value) : null;
    return pass({
      name,
      height,
      value,
      proofType: op!.type,
      proofKey: fromBase64(op!.key),
      proof: fromBase64(op!.data),
    });
  }
}
