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

/** 0 verified now, 1 failed, 2 neither: what was verified before is no answer to what is asked now. */
export function statusOf(verdict: Verdict): 0 | 1 | 2 {
  if (verdict.state === "failed") return 1;
  return verdict.state === "verified" && verdict.remembered === undefined ? 0 : 2;
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
      if (verdict.remembered !== undefined)
        lines.push(["why", `no answer now; this was verified at ${new Date(verdict.remembered.atMs).toISOString()}`]);
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
  const isOld = verdict.state === "verified" && verdict.remembered !== undefined;
  const title = isOld ? "NOT VERIFIED NOW" : titles[verdict.state];
  return `${title}\n${lines.map(([name, text]) => `  ${name.padEnd(8)}${printable(text)}\n`).join("")}`;
}

const titles = {
  verified: "VERIFIED",
  signed: "NOT VERIFIED YET",
  failed: "FAILED",
  unverified: "NOT VERIFIED",
} as const;

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
