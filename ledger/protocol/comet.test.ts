// CometBFT JSON conversions, checked by round trips over real answers of CometBFT v0.38 nodes.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  blockJsonSchema,
  commitFromJson,
  commitToJson,
  fromBase64,
  headerFromJson,
  headerJsonSchema,
  headerToJson,
  msOfTimestamp,
  signedHeaderJsonSchema,
  timestampFromText,
  timestampOfMs,
  timestampText,
  toBase64,
} from "./comet.ts";

const fixtures = join(
  import.meta.dirname,
  "../../../shared/vectors/tendermint-rs-rpc-fixtures/rpc/tests/kvstore_fixtures/v0_38/incoming",
);
const read = (name: string) => JSON.parse(readFileSync(join(fixtures, name), "utf8")).result;

describe.skipIf(!existsSync(fixtures))("answers of real nodes (needs ../shared/vectors)", () => {
  test.each(["block_at_height_1.json", "block_at_height_10.json", "block_by_hash.json"])("%s", (name) => {
    const block = blockJsonSchema.parse(read(name).block);
    expect(headerToJson(headerFromJson(block.header))).toEqual(block.header);
    expect(commitToJson(commitFromJson(block.last_commit!))).toEqual(block.last_commit);
  });

  test("commit_at_height_10.json", () => {
    const signed = signedHeaderJsonSchema.parse(read("commit_at_height_10.json").signed_header);
    expect(commitToJson(commitFromJson(signed.commit))).toEqual(signed.commit);
  });
});

describe("times", () => {
  test("print as Go does: no trailing zeros in the fraction", () => {
    expect(timestampText({ seconds: 1684332768n, nanos: 347_696_215 })).toBe("2023-05-17T14:12:48.347696215Z");
    expect(timestampText({ seconds: 1684332768n, nanos: 300_000_000 })).toBe("2023-05-17T14:12:48.3Z");
    expect(timestampText({ seconds: 1684332768n, nanos: 0 })).toBe("2023-05-17T14:12:48Z");
  });

  test("read the zero time of Go", () => {
    expect(timestampFromText("0001-01-01T00:00:00Z")).toEqual({ seconds: -62135596800n, nanos: 0 });
  });

  test("convert from milliseconds and back", () => {
    for (const ms of [0, 1, 999, 1000, 1_700_000_000_123]) expect(msOfTimestamp(timestampOfMs(ms))).toBe(ms);
  });

  test.each(["2023-13-01T00:00:00Z", "2023-05-17T14:12:48", "2023-05-17T14:12:48.1234567890Z", "now"])(
    "refuse %s",
    (text) => {
      expect(() => timestampFromText(text)).toThrow(RangeError);
    },
  );
});

test("base64 round trip and refusal", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i & 255);
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
  for (const bad of ["a", "ab=c", "a-_=", "===="]) expect(() => fromBase64(bad)).toThrow();
});

test.each([
  ["height", "1e3"],
  ["app_hash", "xyz"],
  ["chain_id", "x".repeat(51)],
  ["time", "yesterday"],
])("a header with a wrong %s is refused", (field, value) => {
  const header = headerToJson({
    versionBlock: 11n,
    versionApp: 1n,
    chainId: "glasstown-00000000",
    height: 1n,
    time: timestampOfMs(0),
    lastBlockId: { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() },
    lastCommitHash: new Uint8Array(32),
    dataHash: new Uint8Array(32),
    validatorsHash: new Uint8Array(32),
    nextValidatorsHash: new Uint8Array(32),
    consensusHash: new Uint8Array(32),
    appHash: new Uint8Array(32),
    lastResultsHash: new Uint8Array(32),
    evidenceHash: new Uint8Array(32),
    proposerAddress: new Uint8Array(20),
  });
  expect(headerJsonSchema.safeParse(header).success).toBe(true);
  expect(headerJsonSchema.safeParse({ ...header, [field]: value }).success).toBe(false);
});
