// What this browser knows, and the verdict on a bundle by it: the light client's memory of this origin, and what a person was told.

import { type BundleTrust, type BundleVerdict, verifyBundle } from "../../ledger/light/bundle/verify-bundle.ts";
import { readCheckpoint } from "../../ledger/light/checkpoint.ts";
import type { VerifiedHeader } from "../../ledger/light/light-block.ts";
import { TrustMemory } from "../../ledger/light/trust-store.ts";
import { hex } from "../../ledger/protocol/bytes.ts";
import { loadLightCore } from "../../wasm-core/bindings/light-browser.ts";
import { fingerprintEntropy } from "../core/fingerprint-words.ts";
import { openLightDatabase } from "../workers/light-database.ts";

/** What a person types who was told of a checkpoint or of the validators. Null when it is neither. */
export async function readTold(text: string): Promise<Omit<BundleTrust, "headers"> | null> {
  const told = text.trim();
  if (told === "") return {};
  const at = told.indexOf("#checkpoint=");
  const checkpoint = readCheckpoint(at < 0 ? told : decoded(told.slice(at + "#checkpoint=".length)));
  if (checkpoint !== null) {
    const { chain, height, hash } = checkpoint;
    return { checkpoint: { chain, height, hash: hex(hash) } };
  }
  const digits = told.replaceAll(/\s/g, "").toLowerCase();
  if (/^(?:[0-9a-f]{32}){1,2}$/.test(digits)) return { validators: digits };
  const entropy = await fingerprintEntropy(told);
  return entropy === null ? null : { validators: entropy };
}

/** The newest header that the light client of this origin has verified; none in a browser that was never in the city. */
async function knownHeaders(): Promise<readonly VerifiedHeader[]> {
  try {
    const memory = new TrustMemory(openLightDatabase("glasstown-light"), await loadLightCore());
    const chain = await memory.chain();
    const header = chain === null ? null : await memory.header(chain);
    return header === null ? [] : [header];
  } catch {
    return [];
  }
}

export async function judge(bytes: Uint8Array, told: Omit<BundleTrust, "headers">): Promise<BundleVerdict> {
  const core = await loadLightCore();
  return verifyBundle(core, bytes, { ...told, headers: await knownHeaders() }, Date.now());
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
