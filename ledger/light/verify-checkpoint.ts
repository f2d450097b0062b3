// Subjective start: what this browser trusts, as a checkpoint that two people can compare, and trust that begins from one.

import { hex } from "../protocol/bytes.ts";
import { type Checkpoint, checkpointText, readCheckpoint } from "./checkpoint.ts";
import type { VerifiedHeader } from "./light-block.ts";
import type { LightParts } from "./light-parts.ts";
import { fail, type Outcome, pass } from "./outcome.ts";
import type { CustodyStep, ShownCheckpoint, Verdict } from "./verdict.ts";
import { headerStep, verdictOf, verified } from "./verdict-building.ts";

const asked: readonly CustodyStep[] = ["block", "signatures"];

interface Proven {
  readonly header: VerifiedHeader;
  readonly checkpoint: Checkpoint;
}

/** The trusted chain's block of this height, or its newest; the value is a `ShownCheckpoint`. */
export async function ownCheckpoint(parts: LightParts, height?: number): Promise<Verdict> {
  return answered(await prove(parts, height));
}

/** Whether a checkpoint lies on the trusted chain. */
export async function compareCheckpoint(parts: LightParts, text: string): Promise<Verdict> {
  const told = read(text);
  if (!told.ok) return answered(told);
  const { chain, height, hash, genesis } = told.value;
  const head = await parts.headers.latest();
  if (!head.ok) return answered(head);
  const trusted = head.value.header.chainId;
  if (trusted !== chain)
    return answered(fail("header_chain_must_match", `the checkpoint is of ${chain}, trusted here is ${trusted}`, text));
  const own = await prove(parts, height);
  if (!own.ok) return answered(own);
  const { checkpoint } = own.value;
  const same = hex(checkpoint.hash) === hex(hash) && hex(checkpoint.genesis) === hex(genesis);
  if (same) return answered(own);
  const evidence = { given: text, trusted: checkpointText(checkpoint) };
  return answered(
    fail("checkpoint_must_match", `block ${height} of ${chain} is another on the trusted chain`, evidence),
  );
}

/** Begins trust anew from a checkpoint. Its first block is proven too, under the chain's newest header. */
export async function beginFrom(parts: LightParts, text: string): Promise<Verdict> {
  const told = read(text);
  if (!told.ok) return answered(told);
  const begun = await parts.headers.begin(told.value);
  return begun.ok ? compareCheckpoint(parts, text) : answered(begun);
}

function read(text: string): Outcome<Checkpoint> {
  const checkpoint = readCheckpoint(text);
  return checkpoint === null
    ? fail("checkpoint_must_be_well_formed", "this is no checkpoint, or a part of it is missing", text.slice(0, 1_000))
    : pass(checkpoint);
}

async function prove(parts: LightParts, height?: number): Promise<Outcome<Proven>> {
  const header = await (height === undefined ? parts.headers.latest() : parts.headers.at(height));
  if (!header.ok) return header;
  const genesis = await genesisOf(parts);
  if (!genesis.ok) return genesis;
  const { chainId } = header.value.header;
  const checkpoint = {
    chain: chainId,
    height: Number(header.value.header.height),
    hash: header.value.hash,
    genesis: genesis.value,
  };
  return pass({ header: header.value, checkpoint });
}

/** Hash of the first header: by the ledger's history, which knows it even when the block itself is pruned, else by going back to it. */
async function genesisOf(parts: LightParts): Promise<Outcome<Uint8Array>> {
  const head = await parts.headers.latest();
  if (!head.ok) return head;
  const leaf = await parts.history.leaf(1, head.value);
  if (leaf.ok) return pass(leaf.value.headerHash);
  if (leaf.state === "failed") return leaf;
  const first = await parts.headers.at(1);
  return first.ok ? pass(first.value.hash) : first;
}

function answered(outcome: Outcome<Proven>): Verdict {
  if (!outcome.ok) return verdictOf(outcome, headerStep(outcome), asked, []);
  const { header, checkpoint } = outcome.value;
  const value: ShownCheckpoint = {
    text: checkpointText(checkpoint),
    chain: checkpoint.chain,
    height: checkpoint.height,
    hash: hex(checkpoint.hash),
    genesis: hex(checkpoint.genesis),
  };
  return verified(header, asked, value);
}
