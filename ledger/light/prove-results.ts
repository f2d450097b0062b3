// Results of a block's transactions: their code, data and gas against the results hash in the header that follows
// (CometBFT v0.38: Merkle root over the deterministic part of ExecTxResult). Logs and events are not under it and not believed.

import { fromBase64 } from "../protocol/comet.ts";
import type { ToldResult } from "./ledger-source.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome, pass } from "./outcome.ts";

/** Codes of a block's transactions in order, proven; waits some seconds for the header that carries them. */
export async function proveCodes(
  parts: LightParts,
  height: number,
  count: number,
): Promise<Outcome<readonly number[]>> {
  // Nothing was executed, so there is nothing to wait for.
  if (count === 0) return pass([]);
  const told = await parts.source.results(height);
  if (!told.ok) return told;
  const header = await parts.headers.soon(height + 1);
  if (!header.ok) return header;
  const root = parts.core.merkleRoot(told.value.map(encodeResult));
  const { lastResultsHash } = header.value.header;
  if (told.value.length === count && root.every((byte, i) => byte === lastResultsHash[i]))
    return pass(told.value.map(({ code }) => code));
  return fail("transaction_must_be_in_block", `the results are not those that header ${height + 1} commits to`, {
    height,
    transactions: count,
    results: told.value,
  });
}

function encodeResult({ code, data, gas_wanted, gas_used }: ToldResult): Uint8Array {
  const bytes: number[] = [];
  const number = (field: number, value: bigint): void => {
    if (value !== 0n) bytes.push(field << 3, ...varint(value));
  };
  number(1, BigInt(code));
  const content = fromBase64(data ?? "");
  if (content.length > 0) bytes.push((2 << 3) | 2, ...varint(BigInt(content.length)), ...content);
  number(5, BigInt(gas_wanted ?? "0"));
  number(6, BigInt(gas_used ?? "0"));
  return Uint8Array.from(bytes);
}

/** Base-128, negative numbers as their 64-bit two's complement. */
function varint(value: bigint): number[] {
  let rest = BigInt.asUintN(64, value);
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}
