// Header and commit of CometBFT v0.38 (proto/tendermint/types) from their protobuf bytes: the way back from
// wasm-core/bindings/comet-encoding.ts.

import type {
  BlockId,
  CommitFields,
  CommitSignature,
  HeaderFields,
  Timestamp,
} from "../../wasm-core/bindings/comet.ts";
import { ProtoReader, unknownField } from "./proto-reader.ts";

const none = new Uint8Array();

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** @throws {RangeError} when the bytes are no header. */
export function decodeHeader(bytes: Uint8Array): HeaderFields {
  const header: Writable<HeaderFields> = {
    versionBlock: 0n,
    versionApp: 0n,
    chainId: "",
    height: 0n,
    time: { seconds: 0n, nanos: 0 },
    lastBlockId: { hash: none, partsTotal: 0, partsHash: none },
    lastCommitHash: none,
    dataHash: none,
    validatorsHash: none,
    nextValidatorsHash: none,
    consensusHash: none,
    appHash: none,
    lastResultsHash: none,
    evidenceHash: none,
    proposerAddress: none,
  };
  const from = new ProtoReader(bytes);
  for (let field = from.field(); field !== null; field = from.field())
    switch (field) {
      case 1:
        from.message((inner, version) => {
          if (inner === 1) header.versionBlock = version.unsigned();
          else if (inner === 2) header.versionApp = version.unsigned();
          else throw unknownField("a version", inner);
        });
        break;
      case 2:
        header.chainId = from.text();
        break;
      case 3:
        header.height = from.signed();
        break;
      case 4:
        header.time = readTime(from);
        break;
      case 5:
        header.lastBlockId = readBlockId(from);
        break;
      default: {
        const name = hashFields[field];
        if (name === undefined) throw unknownField("a header", field);
        header[name] = from.bytes();
      }
    }
  return header;
}

const hashFields: Readonly<
  Record<
    number,
    | "lastCommitHash"
    | "dataHash"
    | "validatorsHash"
    | "nextValidatorsHash"
    | "consensusHash"
    | "appHash"
    | "lastResultsHash"
    | "evidenceHash"
    | "proposerAddress"
  >
> = {
  6: "lastCommitHash",
  7: "dataHash",
  8: "validatorsHash",
  9: "nextValidatorsHash",
  10: "consensusHash",
  11: "appHash",
  12: "lastResultsHash",
  13: "evidenceHash",
  14: "proposerAddress",
};

/** @throws {RangeError} when the bytes are no commit. */
export function decodeCommit(bytes: Uint8Array): CommitFields {
  const commit: Writable<CommitFields> = {
    height: 0n,
    round: 0n,
    blockId: { hash: none, partsTotal: 0, partsHash: none },
    signatures: [],
  };
  const signatures: CommitSignature[] = [];
  const from = new ProtoReader(bytes);
  for (let field = from.field(); field !== null; field = from.field())
    if (field === 1) commit.height = from.signed();
    else if (field === 2) commit.round = from.signed();
    else if (field === 3) commit.blockId = readBlockId(from);
    else if (field === 4) signatures.push(readSignature(from));
    else throw unknownField("a commit", field);
  return { ...commit, signatures };
}

function readSignature(from: ProtoReader): CommitSignature {
  const signature: Writable<CommitSignature> = {
    flag: 1,
    validatorAddress: none,
    timestamp: { seconds: 0n, nanos: 0 },
    signature: none,
  };
  from.message((field, inner) => {
    if (field === 1) signature.flag = Number(inner.unsigned()) as CommitSignature["flag"];
    else if (field === 2) signature.validatorAddress = inner.bytes();
    else if (field === 3) signature.timestamp = readTime(inner);
    else if (field === 4) signature.signature = inner.bytes();
    else throw unknownField("a commit's signature", field);
  });
  return signature;
}

function readBlockId(from: ProtoReader): BlockId {
  const id: Writable<BlockId> = { hash: none, partsTotal: 0, partsHash: none };
  from.message((field, inner) => {
    if (field === 1) id.hash = inner.bytes();
    else if (field === 2)
      inner.message((part, parts) => {
        if (part === 1) id.partsTotal = Number(parts.unsigned());
        else if (part === 2) id.partsHash = parts.bytes();
        else throw unknownField("a part set header", part);
      });
    else throw unknownField("a block id", field);
  });
  return id;
}

function readTime(from: ProtoReader): Timestamp {
  const time: Writable<Timestamp> = { seconds: 0n, nanos: 0 };
  from.message((field, inner) => {
    if (field === 1) time.seconds = inner.signed();
    else if (field === 2) time.nanos = Number(inner.signed());
    else throw unknownField("a time", field);
  });
  return time;
}
