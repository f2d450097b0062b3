// A light block in few bytes: what follows from the rest (hashes of the header and of the validators, their addresses) is left out and
// computed again, so it cannot contradict. Bounds: 1,000 validators, hashes of at most 32 bytes.

import type { CommitSignature, HeaderFields, Timestamp } from "../../../wasm-core/bindings/comet.ts";
import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";
import { hex } from "../../protocol/bytes.ts";
import { validatorsMax } from "../../protocol/comet.ts";
import type { LightBlock, Validator } from "../light-block.ts";
import type { Coder } from "./coder.ts";

const hashBytes = 32;
const addressBytes = 20;
const keyBytes = 32;
const signatureBytes = 64;
const chainBytesMax = 50;
const partsMax = 0xffff_ffff;
const nanosMax = 999_999_999;
/** The last second of the year 9999: what RFC 3339 has no words for is no time here. */
const secondsMax = 253_402_300_799n;
const roundMax = 0x7fff_ffff;

/** A header with the commit that signs it and its validators. @throws {RangeError} */
export function codeLightBlock(coder: Coder, core: LightCore, block: LightBlock | undefined): LightBlock {
  const validators = codeValidators(coder, core, block?.validators);
  const header = codeHeader(coder, core, block?.header, { validators });
  const round = BigInt(coder.whole(roundMax, block && Number(block.commit.round)));
  const partsTotal = coder.whole(partsMax, block?.commit.blockId.partsTotal);
  const partsHash = coder.bytes(hashBytes, block?.commit.blockId.partsHash);
  const given = block?.commit.signatures;
  if (given !== undefined && given.length !== validators.length)
    throw new RangeError("a commit has a slot for each validator");
  const signatures = validators.map((validator, i) => codeSlot(coder, validator, header.time, given?.[i]));
  const blockId = { hash: core.headerHash(header), partsTotal, partsHash };
  return { header, commit: { height: header.height, round, blockId, signatures }, validators };
}

/** What a header shares with others that the bundle has already. */
interface Around {
  /** Its own, when they are there. */
  readonly validators?: readonly Validator[];
  /** The header that follows it. */
  readonly next?: HeaderFields;
}

/** A header alone. @throws {RangeError} */
export function codeHeader(
  coder: Coder,
  core: LightCore,
  header: HeaderFields | undefined,
  { validators, next }: Around,
): HeaderFields {
  const emptyRoot = core.merkleRoot([]);
  const usual = (likely: Uint8Array, value: Uint8Array | undefined) => codeUsual(coder, likely, value);
  const hash = (value: Uint8Array | undefined) => coder.bytes(hashBytes, value);
  const versionBlock = coder.long(header?.versionBlock);
  const versionApp = coder.long(header?.versionApp);
  const chainId = next?.chainId ?? coder.text(chainBytesMax, header?.chainId);
  const height = next === undefined ? coder.long(header?.height) : next.height - 1n;
  if (height > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError("a height is beyond all heights");
  const time = codeTime(coder, next?.time, header?.time);
  const lastBlockId = {
    hash: hash(header?.lastBlockId.hash),
    partsTotal: coder.whole(partsMax, header?.lastBlockId.partsTotal),
    partsHash: hash(header?.lastBlockId.partsHash),
  };
  const lastCommitHash = hash(header?.lastCommitHash);
  const dataHash = usual(emptyRoot, header?.dataHash);
  const validatorsHash =
    validators === undefined ? usual(next!.validatorsHash, header?.validatorsHash) : core.validatorsHash(validators);
  return {
    versionBlock,
    versionApp,
    chainId,
    height,
    time,
    lastBlockId,
    lastCommitHash,
    dataHash,
    validatorsHash,
    nextValidatorsHash: usual(validatorsHash, header?.nextValidatorsHash),
    consensusHash: usual(next?.consensusHash ?? emptyRoot, header?.consensusHash),
    appHash: hash(header?.appHash),
    lastResultsHash: usual(emptyRoot, header?.lastResultsHash),
    evidenceHash: usual(emptyRoot, header?.evidenceHash),
    proposerAddress: codeProposer(coder, validators ?? [], header?.proposerAddress),
  };
}

function codeValidators(
  coder: Coder,
  core: LightCore,
  validators: readonly Validator[] | undefined,
): readonly Validator[] {
  return coder.list(validatorsMax, validators, (validator) => {
    const publicKey = coder.fixed(keyBytes, validator?.publicKey);
    const power = coder.long(validator?.power);
    return { address: core.sha256(publicKey).slice(0, addressBytes), publicKey, power };
  });
}

/** One byte when it is what it usually is. */
function codeUsual(coder: Coder, likely: Uint8Array, value: Uint8Array | undefined): Uint8Array {
  const isUsual = coder.whole(1, value && Number(hex(value) === hex(likely))) === 1;
  return isUsual ? likely : coder.bytes(hashBytes, value);
}

/** The proposer's place among the validators, from 1 on; 0 when it is none of them. */
function codeProposer(coder: Coder, validators: readonly Validator[], address: Uint8Array | undefined): Uint8Array {
  const place = address && validators.findIndex((validator) => hex(validator.address) === hex(address)) + 1;
  const found = coder.whole(validators.length, place);
  return found === 0 ? coder.bytes(addressBytes, address) : validators[found - 1]!.address;
}

function codeTime(coder: Coder, near: Timestamp | undefined, time: Timestamp | undefined): Timestamp {
  const from = near?.seconds ?? 0n;
  const seconds = coder.signed(time && time.seconds - from) + from;
  if (seconds < 0n || seconds > secondsMax) throw new RangeError("a time is beyond all times");
  return { seconds, nanos: coder.whole(nanosMax, time?.nanos) };
}

/** What an absent validator's slot holds is the same for all. */
const absent: CommitSignature = {
  flag: 1,
  validatorAddress: new Uint8Array(),
  timestamp: { seconds: -62135596800n, nanos: 0 },
  signature: new Uint8Array(),
};

function codeSlot(
  coder: Coder,
  { address }: Validator,
  near: Timestamp,
  slot: CommitSignature | undefined,
): CommitSignature {
  const flag = coder.whole(3, slot?.flag);
  if (flag === 1) return absent;
  if (flag !== 2 && flag !== 3) throw new RangeError("a signature's flag is unknown");
  const timestamp = codeTime(coder, near, slot?.timestamp);
  return { flag, validatorAddress: address, timestamp, signature: coder.fixed(signatureBytes, slot?.signature) };
}
