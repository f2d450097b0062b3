// Blocks of CometBFT v0.38 as raw bytes: one call gives a verdict, and the signatures that are left to be verified.
// Bytes are read only in the form in which CometBFT writes them. Bounds: 4 MiB a call, 10,000 validators, app hashes of 256 bytes.

import { type BlockFinding, type CommitVerdict, findingOf, inputMustFit } from "./block-rules.ts";
import type { BlockId, Timestamp } from "./comet.ts";
import type { InputRegion } from "./input-region.ts";
import { utf8Of } from "./utf8.ts";

/** A vote of a commit. Verify with ZIP-215; the views share one buffer. */
export interface SignatureToVerify {
  /** Its slot in the commit, from 0. */
  readonly slot: number;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** Canonical sign bytes. */
  readonly message: Uint8Array<ArrayBuffer>;
  readonly signature: Uint8Array<ArrayBuffer>;
}

export interface CommitFinding extends BlockFinding {
  readonly verdict: CommitVerdict;
  /** Power of the votes that count, if they are valid. */
  readonly signedPower: bigint;
  /** It must be exceeded. */
  readonly neededPower: bigint;
  /** How many votes count. */
  readonly signers: number;
  /** All of these must be valid, votes for nil as well. Empty where an earlier rule is broken. */
  readonly signatures: readonly SignatureToVerify[];
}

export interface LightBlockFinding extends CommitFinding {
  readonly height: bigint;
  readonly time: Timestamp;
  /** Hash of the header. 32 zeros where an earlier rule is broken; empty where the input does not fit. */
  readonly hash: Uint8Array<ArrayBuffer>;
  /** Hash of the validators given. 32 zeros where an earlier rule is broken; empty where the input does not fit. */
  readonly validatorsHash: Uint8Array<ArrayBuffer>;
}

export interface WholeBlockFinding extends BlockFinding {
  readonly height: bigint;
  readonly time: Timestamp;
  /** Header's hash and part set header; only of a sound block. */
  readonly id: BlockId;
  readonly transactions: number;
}

export interface BlockCheck {
  /**
   * A LightBlock {signed_header, validator_set}: well-formed, of the chain, header, commit and validators binding to each other, a slot
   * for each validator, more than two thirds of the power behind the block. Not checked: the signatures, time, trust.
   */
  checkLightBlock(lightBlock: Uint8Array, chain: string): LightBlockFinding;
  /**
   * Whether validators of a trusted ValidatorSet with more than numerator / denominator of its power stand behind a Commit, found by
   * address, none twice. @throws {RangeError} when the fraction is not above 0 and at most 1, of numbers below 2^32.
   */
  checkTrusting(
    trustedSet: Uint8Array,
    commit: Uint8Array,
    chain: string,
    level: { readonly numerator: number; readonly denominator: number },
  ): CommitFinding;
  /**
   * A Block: well-formed, of the chain, its header committing to its transactions, evidence and last commit. Not checked: signatures of
   * the last commit, what evidence proves, and what needs the state before the block (whether a block of any height that follows none is
   * the chain's first is for the genesis to say).
   */
  checkBlock(block: Uint8Array, chain: string): WholeBlockFinding;
  /** Number and Merkle root of a block's parts of 64 KiB. @throws {RangeError} beyond 4 MiB. */
  partSetHeader(block: Uint8Array): Pick<BlockId, "partsTotal" | "partsHash">;
}

export interface BlockCheckExports {
  readonly checkLightBlock: (chainLength: number, length: number) => number;
  readonly checkTrusting: (
    chainLength: number,
    setLength: number,
    commitLength: number,
    numerator: number,
    denominator: number,
  ) => number;
  readonly checkBlock: (chainLength: number, length: number) => number;
  readonly partSetHeader: (length: number) => number;
}

export const blockCheckExportNames = [
  "checkLightBlock",
  "checkTrusting",
  "checkBlock",
  "partSetHeader",
] as const satisfies readonly (keyof BlockCheckExports)[];

const inputBytesMax = 4 << 20;
const chainBytesMax = 50;
const nothing = new Uint8Array();
const entryHeadBytes = 104;

/** Places chain id and messages and calls; without a call when they are beyond the bounds. */
function judgeIn(region: InputRegion) {
  return (chain: string, parts: readonly Uint8Array[], call: (chainLength: number) => number): number => {
    // No character has fewer bytes than code units. A name without UTF-8 is no chain's.
    const chainId = chain.length > chainBytesMax ? null : utf8Of(chain);
    const length = parts.reduce((sum, part) => sum + part.length, chainId?.length ?? 0);
    if (chainId === null || chainId.length > chainBytesMax || length > inputBytesMax) return inputMustFit;
    region.placeAll([chainId, ...parts]);
    return call(chainId.length);
  };
}

function timeOf(view: DataView, at: number): { readonly height: bigint; readonly time: Timestamp } {
  return {
    height: view.getBigInt64(at + 4, true),
    time: { seconds: view.getBigInt64(at + 12, true), nanos: view.getUint32(at, true) },
  };
}
const noTime = { height: 0n, time: { seconds: 0n, nanos: 0 } };

/** What concerns light blocks alone. */
export type LightBlockCheck = Pick<BlockCheck, "checkLightBlock" | "checkTrusting">;
export type LightBlockCheckExports = Pick<BlockCheckExports, "checkLightBlock" | "checkTrusting">;

export function bindLightBlockCheck(exports: LightBlockCheckExports, region: InputRegion): LightBlockCheck {
  const judge = judgeIn(region);
  const unfit: CommitFinding = {
    ...findingOfCommit(inputMustFit, 0),
    signedPower: 0n,
    neededPower: 0n,
    signers: 0,
    signatures: [],
  };
  const commitFinding = (rule: number, found: DataView): CommitFinding => ({
    ...findingOfCommit(rule, found.getUint32(0, true)),
    signedPower: found.getBigUint64(16, true),
    neededPower: found.getBigUint64(24, true),
    signers: found.getUint32(32, true),
    signatures: signaturesOf(
      region.bytesAt(found.getUint32(4, true), found.getUint32(8, true)),
      found.getUint32(12, true),
    ),
  });

  return {
    checkLightBlock(lightBlock, chain) {
      const rule = judge(chain, [lightBlock], (chainLength) => exports.checkLightBlock(chainLength, lightBlock.length));
      if (rule === inputMustFit) return { ...unfit, ...noTime, hash: nothing, validatorsHash: nothing };
      const output = region.output(120);
      const found = new DataView(output.buffer);
      return {
        ...commitFinding(rule, found),
        ...timeOf(found, 36),
        hash: output.subarray(56, 88),
        validatorsHash: output.subarray(88, 120),
      };
    },
    checkTrusting(trustedSet, commit, chain, { numerator, denominator }) {
      const isWhole = (value: number): boolean => Number.isInteger(value) && value > 0 && value <= 0xffff_ffff;
      if (!isWhole(numerator) || !isWhole(denominator) || numerator > denominator)
        throw new RangeError(`${numerator}/${denominator} is not a fraction above 0 and at most 1`);
      const rule = judge(chain, [trustedSet, commit], (chainLength) =>
        exports.checkTrusting(chainLength, trustedSet.length, commit.length, numerator, denominator),
      );
      return rule === inputMustFit ? unfit : commitFinding(rule, new DataView(region.output(36).buffer));
    },
  };
}

export function bindBlockCheck(exports: BlockCheckExports, region: InputRegion): BlockCheck {
  const judge = judgeIn(region);
  return {
    ...bindLightBlockCheck(exports, region),
    checkBlock(block, chain) {
      const rule = judge(chain, [block], (chainLength) => exports.checkBlock(chainLength, block.length));
      if (rule === inputMustFit) {
        const id = { hash: nothing, partsTotal: 0, partsHash: nothing };
        return { ...findingOf(rule, 0), ...noTime, id, transactions: 0 };
      }
      const output = region.output(96);
      const found = new DataView(output.buffer);
      return {
        ...findingOf(rule, found.getUint32(0, true)),
        ...timeOf(found, 12),
        id: {
          hash: output.subarray(32, 64),
          partsTotal: found.getUint32(4, true),
          partsHash: output.subarray(64, 96),
        },
        transactions: found.getUint32(8, true),
      };
    },
    partSetHeader(block) {
      region.place(block);
      const partsTotal = exports.partSetHeader(block.length);
      return { partsTotal, partsHash: region.output(32) };
    },
  };
}

/** No rule of data or evidence is asked of a commit. */
function findingOfCommit(rule: number, at: number): BlockFinding & Pick<CommitFinding, "verdict"> {
  return findingOf(rule, at) as BlockFinding & Pick<CommitFinding, "verdict">;
}

function signaturesOf(list: Uint8Array<ArrayBuffer>, count: number): SignatureToVerify[] {
  const view = new DataView(list.buffer);
  const signatures: SignatureToVerify[] = [];
  for (let at = 0; signatures.length < count; ) {
    const end = at + entryHeadBytes + view.getUint32(at + 4, true);
    signatures.push({
      slot: view.getUint32(at, true),
      publicKey: list.subarray(at + 8, at + 40),
      signature: list.subarray(at + 40, at + entryHeadBytes),
      message: list.subarray(at + entryHeadBytes, end),
    });
    at = end;
  }
  return signatures;
}
