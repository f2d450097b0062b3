// What the command prints: a verdict in words, or as one JSON line; and the status that it ends with.

import type { BundleVerdict } from "../light/bundle/verify-bundle.ts";
import type { Verdict } from "../light/verdict.ts";
import type { ShownAttack } from "../light/witnesses/attack.ts";
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

export function jsonOf(report: object): string {
  return JSON.stringify(report, plain);
}

export function wordsOfBundle(file: string, verdict: BundleVerdict): string {
  const lines: [string, string][] = [["asked", `the bundle ${file}, with no server`]];
  if (verdict.state === "failed" || verdict.state === "unverified") {
    const reason = verdict.state === "failed" ? `${verdict.reason.replaceAll("_", " ")}: ` : "";
    lines.push(["why", `${reason}${verdict.detail}`]);
    return text(verdict.state === "failed" ? titles.failed : titles.unverified, lines);
  }
  const { claim, chain, height, time, signers, standing, fingerprint } = verdict;
  const signed = signers.filter((one) => one.signed).length;
  lines.push(["value", valueText(claim)]);
  lines.push(["block", `${height} of ${chain}, ${time}`]);
  lines.push(["signed", `by ${signed} of ${signers.length} validators, fingerprint ${fingerprint}`]);
  const none = standing.on === "none";
  const trust = {
    known: "what was verified before leads to it",
    checkpoint: "it is the checkpoint that was given",
    none: "none: it is sound in itself, and anybody can make such a one; compare the fingerprint, or give --api or --checkpoint",
  };
  lines.push(["trust", trust[standing.on]]);
  return text(none ? "SOUND, BUT NOT VERIFIED" : titles.verified, lines);
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
      if (verdict.state === "failed") {
        // Only the client's own finding has this reason; its evidence is the attack.
        if (verdict.reason === "sources_must_agree") lines.push(...attackLines(verdict.evidence as ShownAttack));
        else lines.push(["shown", valueText(verdict.evidence)]);
      }
  }
  lines.push(["trust", trust]);
  for (const witness of witnesses) lines.push(["witness", `${witness} shows the same`]);
  const isOld = verdict.state === "verified" && verdict.remembered !== undefined;
  const title = isOld ? "NOT VERIFIED NOW" : titles[verdict.state];
  return text(title, lines);
}

function attackLines(attack: ShownAttack): [string, string][] {
  const { kind, primary, witness, signedBoth, common, reports } = attack;
  const side = ({ source, height, hash, time, signers }: ShownAttack["primary"]) =>
    `${source}: block ${height} ${hash} of ${time}, signed by ${signers.length}`;
  return [
    ["attack", `${kind}; ${common === null ? "no common header is known" : `both have block ${common.height}`}`],
    ["ledger", side(primary)],
    ["witness", side(witness)],
    ["both", `signed by ${signedBoth.map(({ address }) => address).join(", ") || "nobody"}`],
    ...reports.map(({ to, against, accepted, detail }): [string, string] => [
      "sent",
      `evidence against the ${against === "primary" ? "ledger" : "witness"} to ${to}: ${accepted ? "accepted" : `not accepted, ${detail}`}`,
    ]),
  ];
}

const titles = {
  verified: "VERIFIED",
  signed: "NOT VERIFIED YET",
  failed: "FAILED",
  unverified: "NOT VERIFIED",
} as const;

function text(title: string, lines: readonly [string, string][]): string {
  return `${title}\n${lines.map(([name, words]) => `  ${name.padEnd(8)}${printable(words)}\n`).join("")}`;
}

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
