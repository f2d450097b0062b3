// Protobuf encodings of CometBFT v0.38 blocks and results, and the part set header over them
// (proto/tendermint/types/types.proto, block.proto; types/part_set.go: parts of 64 KiB).

import type { BlockId, HeaderFields, Timestamp } from "../../wasm-core/bindings/comet.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import type { TransactionResult } from "../modules/application.ts";
import { utf8 } from "../protocol/bytes.ts";
import type { CommitFields } from "../protocol/comet.ts";
import { bytesField, concatenate, messageField, varintField } from "./protobuf.ts";

const blockPartBytes = 65_536;

function encodeTimestamp(time: Timestamp): Uint8Array {
  return concatenate([varintField(1, time.seconds), varintField(2, BigInt(time.nanos))]);
}

function encodeBlockId(id: BlockId): Uint8Array {
  const parts = concatenate([varintField(1, BigInt(id.partsTotal)), bytesField(2, id.partsHash)]);
  return concatenate([bytesField(1, id.hash), messageField(2, parts)]);
}

function encodeHeader(header: HeaderFields): Uint8Array {
  return concatenate([
    messageField(1, concatenate([varintField(1, header.versionBlock), varintField(2, header.versionApp)])),
    bytesField(2, utf8(header.chainId)),
    varintField(3, header.height),
    messageField(4, encodeTimestamp(header.time)),
    messageField(5, encodeBlockId(header.lastBlockId)),
    bytesField(6, header.lastCommitHash),
    bytesField(7, header.dataHash),
    bytesField(8, header.validatorsHash),
    bytesField(9, header.nextValidatorsHash),
    bytesField(10, header.consensusHash),
    bytesField(11, header.appHash),
    bytesField(12, header.lastResultsHash),
    bytesField(13, header.evidenceHash),
    bytesField(14, header.proposerAddress),
  ]);
}

function encodeCommit(commit: CommitFields): Uint8Array {
  const signatures = commit.signatures.map((signature) =>
    messageField(
      4,
      concatenate([
        varintField(1, BigInt(signature.flag)),
        bytesField(2, signature.validatorAddress),
        messageField(3, encodeTimestamp(signature.timestamp)),
        bytesField(4, signature.signature),
      ]),
    ),
  );
  return concatenate([
    varintField(1, commit.height),
    varintField(2, commit.round),
    messageField(3, encodeBlockId(commit.blockId)),
    ...signatures,
  ]);
}

/** A whole block without evidence: header, data, empty evidence list, last commit. */
export function encodeBlock(
  header: HeaderFields,
  transactions: readonly Uint8Array[],
  lastCommit: CommitFields,
): Uint8Array<ArrayBuffer> {
  return concatenate([
    messageField(1, encodeHeader(header)),
    messageField(2, concatenate(transactions.map((transaction) => messageField(1, transaction)))),
    messageField(3, new Uint8Array()),
    messageField(4, encodeCommit(lastCommit)),
  ]);
}

/** The id of a block: its header's hash and its parts. */
export function blockIdOf(core: Core, header: HeaderFields, encodedBlock: Uint8Array): BlockId {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < encodedBlock.length; at += blockPartBytes)
    parts.push(encodedBlock.subarray(at, Math.min(at + blockPartBytes, encodedBlock.length)));
  return { hash: core.headerHash(header), partsTotal: parts.length, partsHash: core.merkleRoot(parts) };
}

/** Root over the deterministic part of the results (code, data, gas wanted, gas used): the next header's LastResultsHash. Gas is always 0. */
export function resultsHash(core: Core, results: readonly Pick<TransactionResult, "code" | "data">[]): Uint8Array {
  return core.merkleRoot(
    results.map((result) => concatenate([varintField(1, BigInt(result.code)), bytesField(2, result.data)])),
  );
}
