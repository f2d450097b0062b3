// What the command prints: a verdict in words, or as one JSON line; and the status that it ends with.

import type { Verdict } from "../light/verdict.ts";
import { hex } from "../protocol/bytes.ts";

export interface Report {
  /** What was asked, in words. */
  readonly question: string;
  /** On what the verdict stands, in words. */
  readonly trust: string;
  readonly verdict: Verdict;
  /** Other ledgers that showed the same block. */
  readonly witnesses: readonly string[];
}

const valueCharactersMax = 20_000;

/** 0 verified, 1 failed, 2 neither. */
export function statusOf({ state }: Verdict): 0 | 1 | 2 {
  return state === "verified" ? 0 : state === "failed" ? 1 : 2;
}

export function jsonReport(report: Report): string {
  return JSON.stringify(report, plain);
}

export function wordsOf({ question, trust, verdict, witnesses }: Report): string {
  const lines: [string, string][] = [["asked", question]];
  switch (verdict.state) {
    case "verified":
      lines.push(["value", valueText(verdict.value)]);
      lines.push(["block", `${verdict.height} of ${verdict.time}`]);
      lines.push(["signed", `by ${verdict.signers} of ${verdict.validators} validators`]);
      break;
    case "signed":
      lines.push(["value", valueText(verdict.value)]);
      lines.push(["why", "its device signed it; the ledger has not anchored it yet (it does about once a minute)"]);
      break;
    default:
      lines.push(["why", `${verdict.reason.replaceAll("_", " ")}: ${verdict.detail}`]);
      if (verdict.state === "failed") lines.push(["shown", valueText(verdict.evidence)]);
  }
  lines.push(["trust", trust]);
  for (const witness of witnesses) lines.push(["witness", `${witness} shows the same`]);
  const title = verdict.state === "signed" ? "NOT VERIFIED YET" : titles[verdict.state];
  return `${title}\n${lines.map(([name, text]) => `  ${name.padEnd(8)}${printable(text)}\n`).join("")}`;
}

const titles = { verified: "VERIFIED", failed: "FAILED", unverified: "NOT VERIFIED" } as const;

function valueText(value: unknown): string {
  if (value === null) return "there is none";
  const text = JSON.stringify(value, plain) ?? "nothing";
  return text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)} ... (--json shows all)` : text;
}

/** A server's words must not move the terminal's cursor. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

function plain(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  return typeof value === "bigint" ? String(value) : value;
}
