// What is verified is what was told: fields that have no form of their own are refused before they are encoded.

import { describe, expect, test } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { madeLightBlock } from "../../wasm-core/bindings/testing/made-block.ts";
import { commitFromJson, headerFromJson } from "../protocol/comet.ts";
import { validatorFromJson } from "./comet-rpc.ts";
import { checkBinding, type LightBlock } from "./light-block.ts";

const core = loadCore();
const blockOf = (chain: string): LightBlock => {
  const { header, commit, validators } = madeLightBlock(core, [3n, 1n], [], chain);
  return {
    header: headerFromJson(header),
    commit: commitFromJson(commit),
    validators: validators.map(validatorFromJson),
  };
};

describe("a name without UTF-8", () => {
  const block = blockOf("city \ufffd");

  test("is not taken for the name that is signed", () => {
    expect(checkBinding(core, "city \ufffd", block).ok).toBe(true);
    for (const chainId of ["city \ud800", "city \udfff"]) {
      const other = { ...block, header: { ...block.header, chainId } };
      expect(checkBinding(core, chainId, other)).toMatchObject({ ok: false, reason: "answer_must_be_well_formed" });
      expect(checkBinding(core, "city \ufffd", other)).toMatchObject({ ok: false, reason: "header_chain_must_match" });
    }
  });
});

describe("numbers beyond their fields", () => {
  const block = blockOf("city");
  const { header, commit, validators } = block;
  const wrap = 2n ** 64n;
  test.each<[string, LightBlock]>([
    ["height", { ...block, header: { ...header, height: header.height + wrap } }],
    ["app version", { ...block, header: { ...header, versionApp: header.versionApp + wrap } }],
    ["seconds", { ...block, header: { ...header, time: { ...header.time, seconds: header.time.seconds - wrap } } }],
    ["nanoseconds", { ...block, header: { ...header, time: { ...header.time, nanos: header.time.nanos + 2 ** 32 } } }],
    ["height of the commit", { ...block, commit: { ...commit, height: commit.height + wrap } }],
    ["round", { ...block, commit: { ...commit, round: commit.round + wrap } }],
    [
      "number of parts",
      {
        ...block,
        commit: { ...commit, blockId: { ...commit.blockId, partsTotal: commit.blockId.partsTotal + 2 ** 32 } },
      },
    ],
    ["power", { ...block, validators: validators.map((one) => ({ ...one, power: one.power + wrap })) }],
  ])("%s", (_, changed) => {
    expect(checkBinding(core, "city", block).ok).toBe(true);
    expect(checkBinding(core, "city", changed)).toMatchObject({ ok: false, reason: "answer_must_be_well_formed" });
  });
});
