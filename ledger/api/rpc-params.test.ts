// Parameters of CometBFT's RPC in both forms, and what is refused.

import { describe, expect, test } from "vitest";
import { type ParamKind, paramsOfJson, paramsOfUri } from "./rpc-params.ts";

const uri = (kind: ParamKind, text: string) => paramsOfUri({ p: kind }, { p: text })["p"];
const json = (kind: ParamKind, value: unknown) => paramsOfJson({ p: kind }, { p: value })["p"];
const text = (value: string) => new TextEncoder().encode(value);

describe("in URIs", () => {
  test.each([
    ["int64", "5", 5],
    ["int64", '"5"', 5],
    ["int64", "", undefined],
    ["boolean", "true", true],
    ["string", '"/state"', "/state"],
    ["string", "0x2f7374617465", "/state"],
    ["bytes", "0x00fF", Uint8Array.of(0, 255)],
    ["bytes", '"a\\"b"', text('a"b')],
    ["hexBytes", "0x6162", text("ab")],
    ["hexBytes", '"ab"', text("ab")],
  ] as const)("%s %s", (kind, given, value) => expect(uri(kind, given)).toEqual(value));

  test.each([
    ["int64", "five"],
    ["int64", "99999999999999999999"],
    ["int64", "9007199254740993"],
    ["boolean", "yes"],
    ["string", "/state"],
    ["string", "0xff"],
    ["bytes", "0xabc"],
    ["bytes", "abc"],
    ["bytes", '"a'],
  ] as const)("%s %s is refused", (kind, given) => expect(() => uri(kind, given)).toThrow("Invalid params"));
});

describe("in JSON", () => {
  test.each([
    ["int64", "5", 5],
    ["int64", 5, 5],
    ["int64", null, undefined],
    ["boolean", false, false],
    ["string", "/state", "/state"],
    ["bytes", "YWI=", text("ab")],
    ["hexBytes", "6162", text("ab")],
  ] as const)("%s %s", (kind, given, value) => expect(json(kind, given)).toEqual(value));

  test.each([
    ["int64", 1.5],
    ["int64", {}],
    ["boolean", "true"],
    ["string", 5],
    ["bytes", "a"],
    ["hexBytes", "0x61"],
    ["hexBytes", ["61"]],
  ] as const)("%s %s is refused", (kind, given) => expect(() => json(kind, given)).toThrow("Invalid params"));

  test("by position, and unknown names are ignored", () => {
    expect(paramsOfJson({ a: "int64", b: "boolean" }, ["1", true])).toEqual({ a: 1, b: true });
    expect(paramsOfJson({ a: "int64" }, { a: "1", other: 2, __proto__: 3 })).toEqual({ a: 1 });
    expect(() => paramsOfJson({ a: "int64" }, ["1", "2"])).toThrow("Invalid params");
    expect(() => paramsOfJson({ a: "int64" }, "1")).toThrow("Invalid params");
  });
});
