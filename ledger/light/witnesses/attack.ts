// An attack as it is shown, sent on and remembered: two headers of which one must be a lie, and who signed both. Plain data, so that it
// crosses to the page and is kept in its storage.

import { hex } from "../../protocol/bytes.ts";
import { timestampText } from "../../protocol/comet.ts";
import { anything, Form, FormError, list, members, nullable, oneOf, text, whole } from "../../protocol/json-form.ts";
import type { LightBlock, Validator } from "../light-block.ts";
import type { Evidence } from "../provider.ts";
import { type AttackKind, attackKind } from "./evidence.ts";
import type { TraceBlock } from "./examine.ts";

/** One of the two headers. */
export interface ShownSide {
  /** Address of the server that told it. */
  readonly source: string;
  readonly height: number;
  /** Lower-case hex. */
  readonly hash: string;
  /** RFC 3339. */
  readonly time: string;
  readonly appHash: string;
  /** Addresses of the validators whose signatures stand behind it, lower-case hex. */
  readonly signers: readonly string[];
}

/** Evidence that was sent. */
export interface ShownReport {
  readonly against: "primary" | "witness";
  readonly to: string;
  /** Validators that it names, if the receiver's side is the true one. */
  readonly accused: readonly string[];
  readonly accepted: boolean;
  /** What the receiver said when it did not accept; empty otherwise. */
  readonly detail: string;
  readonly evidence: Evidence;
}

export interface ShownAttack {
  readonly chain: string;
  readonly foundAtMs: number;
  readonly kind: AttackKind;
  /** The last header that both have; null when none is known. */
  readonly common: { readonly height: number; readonly hash: string; readonly time: string } | null;
  readonly primary: ShownSide;
  readonly witness: ShownSide;
  /** Validators whose signatures stand behind both, with their power as decimal text. */
  readonly signedBoth: readonly { readonly address: string; readonly power: string }[];
  readonly reports: readonly ShownReport[];
}

/** @param primary the header that the primary told; `witness` the one that contradicts it. */
export function shownAttack(
  foundAtMs: number,
  common: TraceBlock | null,
  primary: { readonly source: string; readonly block: LightBlock },
  witness: { readonly source: string; readonly block: LightBlock },
): ShownAttack {
  const both = new Set(signersOf(primary.block));
  return {
    chain: primary.block.header.chainId,
    foundAtMs,
    kind: attackKind(witness.block, primary.block),
    common:
      common === null
        ? null
        : {
            height: Number(common.header.height),
            hash: hex(common.hash),
            time: timestampText(common.header.time),
          },
    primary: shownSide(primary),
    witness: shownSide(witness),
    signedBoth: signersOf(witness.block)
      .filter((address) => both.has(address))
      .map((address) => ({ address, power: String(powerOf(witness.block.validators, address)) })),
    reports: [],
  };
}

function shownSide({ source, block }: { readonly source: string; readonly block: LightBlock }): ShownSide {
  const { header, commit } = block;
  return {
    source,
    height: Number(header.height),
    hash: hex(commit.blockId.hash),
    time: timestampText(header.time),
    appHash: hex(header.appHash),
    signers: signersOf(block),
  };
}

function signersOf({ commit }: LightBlock): readonly string[] {
  return commit.signatures.filter(({ flag }) => flag === 2).map(({ validatorAddress }) => hex(validatorAddress));
}

function powerOf(validators: readonly Validator[], address: string): bigint {
  return validators.find((validator) => hex(validator.address) === address)?.power ?? 0n;
}

const truth = new Form<boolean>((value, at) => {
  if (typeof value === "boolean") return value;
  throw new FormError(`${at} must be true or false`);
});
const name = text(2_000);
const hash = text(64, /^[0-9a-f]*$/);
const address = text(40, /^[0-9a-f]{40}$/);
const height = whole(1);
const time = text(40);
const addresses = list(1_000, address);
const sideForm = members({ source: name, height, hash, time, appHash: text(512, /^[0-9a-f]*$/), signers: addresses });
const attackForm = members({
  chain: text(50),
  foundAtMs: whole(0),
  kind: oneOf("lunatic", "equivocation", "amnesia"),
  common: nullable(members({ height, hash, time })),
  primary: sideForm,
  witness: sideForm,
  signedBoth: list(1_000, members({ address, power: text(20, /^[0-9]+$/) })),
  reports: list(
    200,
    members({
      against: oneOf("primary", "witness"),
      to: name,
      accused: addresses,
      accepted: truth,
      detail: text(2_000),
      evidence: anything,
    }),
  ),
});

/** What was remembered; null when it has another form. */
export function readAttack(value: unknown): ShownAttack | null {
  const read = attackForm.safeParse(value);
  if (!read.success) return null;
  const reports = read.data.reports.map((report) => ({ ...report, evidence: report.evidence as Evidence }));
  return { ...read.data, reports };
}
