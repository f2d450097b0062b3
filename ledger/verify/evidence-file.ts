// What proves an attack, kept in a file beside the trust file: two signed headers that cannot both be true, and what was sent to whom.
// Bounds: one file for each pair of headers, its owner's alone; its content is what the light client bounds (200 reports).

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ShownAttack } from "../light/witnesses/attack.ts";
import { jsonOf } from "./report.ts";

/** Writes the evidence; one line that says where it is, or why it could not be kept. The verdict stands in either case. */
export function keepEvidence(trustFile: string, attack: ShownAttack): string {
  const { primary, witness } = attack;
  const name = `evidence-${primary.height}-${primary.hash.slice(0, 16)}-${witness.hash.slice(0, 16)}.json`;
  const file = join(dirname(trustFile), name);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${jsonOf(attack)}\n`, { mode: 0o600 });
    return `evidence of the attack is in ${file}`;
  } catch (error) {
    return `evidence of the attack could not be kept: ${(error as Error).message}`;
  }
}
