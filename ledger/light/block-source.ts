// Blocks, their results and events as the ledger tells them by CometBFT's RPC, in checked form. Nothing is verified here.

import { type BlockJson, base64Text, blockJsonSchema } from "../protocol/comet.ts";
import { type FormOf, list, members, nullable, optional, text, whole } from "../protocol/json-form.ts";
import type { LedgerEvent } from "../protocol/ledger-event.ts";
import type { LightParts } from "./light-parts.ts";
import { type Outcome, pass } from "./outcome.ts";
import { blockAnswerBytesMax, resultsAnswerBytesMax } from "./server.ts";

const gas = optional(nullable(text(20, /^-?[0-9]{1,19}$/)));

const resultSchema = members({
  code: whole(0, 0xffff_ffff),
  data: optional(nullable(base64Text(3_072))),
  gas_wanted: gas,
  gas_used: gas,
});
const eventSchema = members({
  type: text(256),
  attributes: optional(nullable(list(1_000, members({ key: text(256), value: optional(nullable(text(65_536))) })))),
});
const toldEventsSchema = members({
  txs_results: optional(nullable(list(100_000, members({ events: optional(nullable(list(10_000, eventSchema))) })))),
});
/** The deterministic part of a transaction's result, in CometBFT's words. */
export type ToldResult = FormOf<typeof resultSchema>;
const resultsAnswerSchema = members({ txs_results: optional(nullable(list(100_000, resultSchema))) });
const blockAnswerSchema = members({ block: blockJsonSchema });

type Source = Pick<LightParts, "server" | "ledgerUrl">;

export function toldBlock(
  { server, ledgerUrl }: Source,
  height: number,
): Promise<Outcome<{ readonly block: BlockJson }>> {
  return server.rpc(`${ledgerUrl}/block?height=${height}`, blockAnswerSchema, blockAnswerBytesMax);
}

/** Results of a block's transactions, in order. */
export async function toldResults(
  { server, ledgerUrl }: Source,
  height: number,
): Promise<Outcome<readonly ToldResult[]>> {
  const url = `${ledgerUrl}/block_results?height=${height}`;
  const answer = await server.rpc(url, resultsAnswerSchema, resultsAnswerBytesMax);
  return answer.ok ? pass(answer.value.txs_results ?? []) : answer;
}

/** Events of a block's transactions, in order. No list of them is under any hash that CometBFT makes. */
export async function toldEvents(
  { server, ledgerUrl }: Source,
  height: number,
): Promise<Outcome<readonly (readonly LedgerEvent[])[]>> {
  const url = `${ledgerUrl}/block_results?height=${height}`;
  const answer = await server.rpc(url, toldEventsSchema, resultsAnswerBytesMax);
  if (!answer.ok) return answer;
  const eventsOf = ({ events }: { readonly events?: readonly FormOf<typeof eventSchema>[] | null | undefined }) =>
    (events ?? []).map(({ type, attributes }) => ({
      type,
      attributes: Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, value ?? ""])),
    }));
  return pass((answer.value.txs_results ?? []).map(eventsOf));
}
