// Block ids (header hash and part set header) against real blocks of CometBFT v0.38.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodeBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { hex } from "../protocol/bytes.ts";
import {
  blockIdFromJson,
  blockJsonSchema,
  commitFromJson,
  fromBase64,
  headerFromJson,
  headerJsonSchema,
} from "../protocol/comet.ts";
import { blockIdOf, resultsHash } from "./block-encoding.ts";

const fixtures = join(
  import.meta.dirname,
  "../../../shared/vectors/tendermint-rs-rpc-fixtures/rpc/tests/kvstore_fixtures",
);
const core = loadCore();

describe.skipIf(!existsSync(fixtures))("ids of real blocks (needs ../shared/vectors)", () => {
  test.each(["block_at_height_1.json", "block_at_height_10.json", "block_by_hash.json"])("%s", (name) => {
    const answer = JSON.parse(readFileSync(join(fixtures, "v0_38/incoming", name), "utf8")).result;
    const block = blockJsonSchema.parse(answer.block);
    const header = headerFromJson(block.header);
    const encoded = encodeBlock(header, (block.data.txs ?? []).map(fromBase64), commitFromJson(block.last_commit!));
    expect(blockIdOf(core, header, encoded)).toEqual(blockIdFromJson(answer.block_id));
  });
});

test("a block of more than 64 KiB has several parts", () => {
  const header = headerFromJson(
    headerJsonSchema.parse({
      version: { block: "11", app: "1" },
      chain_id: "c",
      height: "1",
      time: "2026-01-01T00:00:00Z",
      last_block_id: { hash: "", parts: { total: 0, hash: "" } },
      last_commit_hash: "",
      data_hash: "",
      validators_hash: "",
      next_validators_hash: "",
      consensus_hash: "",
      app_hash: "",
      last_results_hash: "",
      evidence_hash: "",
      proposer_address: "",
    }),
  );
  const noCommit = { height: 0n, round: 0n, blockId: header.lastBlockId, signatures: [] };
  const id = (bytes: number) => blockIdOf(core, header, encodeBlock(header, [new Uint8Array(bytes)], noCommit));
  expect(id(10).partsTotal).toBe(1);
  expect(id(65_536).partsTotal).toBe(2);
  expect(id(200_000).partsTotal).toBe(4);
});

test("no results hash to the empty root", () => {
  expect(hex(resultsHash(core, []))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("results hash over code and data only: an applied result is an empty leaf", () => {
  const applied = { code: 0, data: new Uint8Array() };
  expect(hex(resultsHash(core, [applied]))).toBe(hex(core.leafHash(new Uint8Array())));
  const refused = { code: 205, data: Uint8Array.of(1) };
  expect(hex(resultsHash(core, [refused]))).toBe(hex(core.leafHash(Uint8Array.of(0x08, 0xcd, 0x01, 0x12, 0x01, 0x01))));
});
