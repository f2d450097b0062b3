// Light blocks over HTTP: what comes is what CometBFT's own schema reads and what the core accepts; ranges have no gaps.

import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeLightBlock } from "../../wasm-core/bindings/comet-decoding.ts";
import { encodeLightBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { advanceToBlock, ManualClock } from "../consensus/test-chain.ts";
import { commitFromJson, headerFromJson } from "../protocol/comet.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import { lightBlockType } from "../protocol/light-blocks.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** CometBFT v0.38, proto/tendermint/{types/types,types/validator,crypto/keys,version/types}.proto; Timestamp is google's. */
const cometSchema = `
syntax = "proto3";
message LightBlock { SignedHeader signed_header = 1; ValidatorSet validator_set = 2; }
message SignedHeader { Header header = 1; Commit commit = 2; }
message Consensus { uint64 block = 1; uint64 app = 2; }
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message PartSetHeader { uint32 total = 1; bytes hash = 2; }
message BlockID { bytes hash = 1; PartSetHeader part_set_header = 2; }
message Header {
  Consensus version = 1; string chain_id = 2; int64 height = 3; Timestamp time = 4; BlockID last_block_id = 5;
  bytes last_commit_hash = 6; bytes data_hash = 7; bytes validators_hash = 8; bytes next_validators_hash = 9;
  bytes consensus_hash = 10; bytes app_hash = 11; bytes last_results_hash = 12; bytes evidence_hash = 13; bytes proposer_address = 14;
}
enum BlockIDFlag { UNKNOWN = 0; ABSENT = 1; COMMIT = 2; NIL = 3; }
message CommitSig { BlockIDFlag block_id_flag = 1; bytes validator_address = 2; Timestamp timestamp = 3; bytes signature = 4; }
message Commit { int64 height = 1; int32 round = 2; BlockID block_id = 3; repeated CommitSig signatures = 4; }
message PublicKey { oneof sum { bytes ed25519 = 1; bytes secp256k1 = 2; } }
message Validator { bytes address = 1; PublicKey pub_key = 2; int64 voting_power = 3; int64 proposer_priority = 4; }
message ValidatorSet { repeated Validator validators = 1; Validator proposer = 2; int64 total_voting_power = 3; }
`;
interface Foreign {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): Record<string, Record<string, unknown>>;
}
/** Read by a foreign library: the one that @confio/ics23 stands on. */
const foreign = ((): ((bytes: Uint8Array) => Record<string, Record<string, unknown>>) => {
  const required = createRequire(createRequire(import.meta.url).resolve("@confio/ics23"))("protobufjs") as {
    parse(text: string, options: object): { root: { lookupType(name: string): Foreign } };
  };
  const type = required.parse(cometSchema, { keepCase: true }).root.lookupType("LightBlock");
  return (bytes) => type.toObject(type.decode(bytes), { longs: String, bytes: String, enums: String });
})();

const core = loadCore();
const heights = 12;
let server: TestServer;
beforeAll(async () => {
  const clock = new ManualClock(Date.parse("2026-11-22T10:00:00Z"));
  server = await startTestServer(clock, {}, clock);
  while (server.chain.engine.height < heights) await advanceToBlock(server.chain, clock, 20_000);
});
afterAll(() => server.close());

async function bytesAt(path: string): Promise<Uint8Array> {
  const answer = await fetch(server.url + path, { headers: { accept: lightBlockType } });
  expect([path, answer.status, answer.headers.get("content-type")]).toEqual([path, 200, lightBlockType]);
  return new Uint8Array(await answer.arrayBuffer());
}

describe("one light block", () => {
  test("is accepted by the core, and its signatures are valid", async () => {
    for (const at of [1, 2, heights - 1, "latest"]) {
      const found = core.checkLightBlock(await bytesAt(`/v1/light-blocks/${at}`), server.chain.genesis.chain);
      expect(found).toMatchObject({ verdict: "sound", signers: 1, height: BigInt(at === "latest" ? heights : at) });
      const { block_id } = (await server.chain.store.signedHeader(Number(found.height)))!;
      expect(Buffer.from(found.hash).toString("hex").toUpperCase()).toBe(block_id.hash);
      for (const { publicKey, message, signature } of found.signatures)
        expect(verifyEd25519Sync(publicKey, message, signature)).toBe(true);
    }
  });

  test("says what /commit and /validators say, as CometBFT's schema reads it", async () => {
    const { signed_header: signed, validator_set: set } = foreign(await bytesAt("/v1/light-blocks/3"));
    const { body } = await server.get("/commit?height=3");
    const { header, commit } = body.result.signed_header;
    const upper = (text: unknown): string => Buffer.from(String(text), "base64").toString("hex").toUpperCase();
    const told = signed!["header"] as Record<string, unknown>;
    expect([told["chain_id"], told["height"], upper(told["app_hash"]), upper(told["proposer_address"])]).toEqual([
      header.chain_id,
      "3",
      header.app_hash,
      header.proposer_address,
    ]);
    const toldCommit = signed!["commit"] as { block_id: { hash: string }; signatures: Record<string, unknown>[] };
    expect(upper(toldCommit.block_id.hash)).toBe(commit.block_id.hash);
    expect(toldCommit.signatures).toMatchObject([
      { block_id_flag: "COMMIT", signature: commit.signatures[0].signature },
    ]);
    const [validator] = (await server.get("/validators?height=3")).body.result.validators;
    const expected = {
      address: Buffer.from(validator.address, "hex").toString("base64"),
      pub_key: { ed25519: validator.pub_key.value },
      voting_power: validator.voting_power,
    };
    expect(set).toEqual({ validators: [expected], proposer: expected });
  });

  test("is the bytes that our own decoder writes again, with the proposer that CometBFT asks for", async () => {
    const bytes = await bytesAt("/v1/light-blocks/5");
    const block = decodeLightBlock(bytes);
    expect(encodeLightBlock({ ...block, proposer: block.validators[0]! })).toEqual(new Uint8Array(bytes));
  });

  test("whose slot is absent has Go's zero time there", async () => {
    const { header, commit } = (await server.get("/commit?height=4")).body.result.signed_header;
    const absent = { block_id_flag: 1, validator_address: "", timestamp: "0001-01-01T00:00:00Z", signature: null };
    const { signatures, ...rest } = commit;
    const bytes = encodeLightBlock({
      header: headerFromJson(header),
      commit: commitFromJson({ ...rest, signatures: [...signatures, absent] }),
      validators: [],
    });
    const read = foreign(bytes)["signed_header"]!["commit"] as { signatures: unknown[] };
    expect(read.signatures[1]).toEqual({ block_id_flag: "ABSENT", timestamp: { seconds: "-62135596800" } });
  });

  test("never changes below the newest; the newest is asked for anew, and is 304 while it stays", async () => {
    const past = await server.get("/v1/light-blocks/2");
    expect(past.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    for (const path of [`/v1/light-blocks/${heights}`, "/v1/light-blocks/latest"]) {
      const { headers } = await server.get(path);
      expect(headers.get("cache-control")).toBe("public, no-cache");
      expect((await server.get(path, { "if-none-match": headers.get("etag")! })).status).toBe(304);
      expect((await server.get(path, { "if-none-match": past.headers.get("etag")! })).status).toBe(200);
    }
  });

  test("is open to pages of all origins, and counts as a read", async () => {
    const { headers } = await server.get("/v1/light-blocks/2", { origin: "https://elsewhere.example" });
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("ratelimit")).toContain('"read"');
    expect((await fetch(`${server.url}/v1/light-blocks/2`, { method: "HEAD" })).status).toBe(200);
  });

  test("is refused where there is none, by any wrong height and in any other form", async () => {
    const of = async (height: string, headers = {}) => {
      const { status, body } = await server.get(`/v1/light-blocks/${height}`, headers);
      return [status, body.type];
    };
    expect(await of(String(heights + 1))).toEqual([404, "urn:glasstown:problem:not-found"]);
    for (const wrong of ["0", "-1", "01", "1e0", "newest", "Latest", "9".repeat(17)])
      expect(await of(wrong)).toEqual([400, "urn:glasstown:problem:bad-request"]);
    expect(await of("1", { accept: "application/json" })).toEqual([406, "urn:glasstown:problem:not-acceptable"]);
  });
});

describe("a range", () => {
  /** Each with its length before it. */
  function split(bytes: Uint8Array): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++]!;
        length |= (byte & 127) << shift;
        if (byte < 128) break;
      }
      blocks.push(bytes.subarray(at, at + length));
      at += length;
    }
    return blocks;
  }

  test("is the same blocks in order, both ends included", async () => {
    for (const [from, to] of [
      [1, 1],
      [1, heights],
      [heights, heights],
      [4, 9],
    ] as const) {
      const blocks = split(await bytesAt(`/v1/light-blocks?from=${from}&to=${to}`));
      expect(blocks).toHaveLength(to - from + 1);
      for (const [at, block] of blocks.entries())
        expect(Buffer.from(block)).toEqual(Buffer.from(await bytesAt(`/v1/light-blocks/${from + at}`)));
    }
  });

  test("is final only below the newest block", async () => {
    const cached = async (to: number) =>
      (await server.get(`/v1/light-blocks?from=1&to=${to}`)).headers.get("cache-control");
    expect(await cached(heights - 1)).toContain("immutable");
    expect(await cached(heights)).toBe("public, no-cache");
  });

  test("is refused when it is none, too long, or not whole", async () => {
    const of = async (query: string) => {
      const { status, body } = await server.get(`/v1/light-blocks?${query}`);
      return [status, body.errors?.[0]?.parameter];
    };
    expect(await of("from=3&to=2")).toEqual([400, "to"]);
    expect(await of("from=1&to=101")).toEqual([400, "to"]);
    expect(await of("from=1&to=100")).toEqual([404, undefined]);
    expect(await of(`from=1&to=${heights + 1}`)).toEqual([404, undefined]);
    expect(await of("from=1")).toEqual([400, "to"]);
    expect(await of("to=1")).toEqual([400, "from"]);
    expect(await of("from=0&to=1")).toEqual([400, "from"]);
  });
});

describe("after pruning", () => {
  test("what is gone says so, and no range is answered around it", async () => {
    await server.chain.store.forgetBelow(4);
    await server.chain.store.sweep(10);
    const one = await server.get("/v1/light-blocks/3");
    expect([one.status, one.body.detail]).toEqual([410, "block 3 was pruned; the earliest kept is 4"]);
    expect((await server.get("/v1/light-blocks?from=3&to=6")).status).toBe(410);
    expect((await server.get("/v1/light-blocks?from=4&to=6")).status).toBe(200);
  });
});
