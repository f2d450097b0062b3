// Parameters of CometBFT's RPC, in its two forms: JSON values and URI texts (rpc/jsonrpc/server/http_uri_handler.go).
// In URIs, byte strings are 0x-hex or a quoted text; in JSON they are base64 ([]byte) or hex (HexBytes).

import { fromHex, utf8 } from "../protocol/bytes.ts";
import { fromBase64 } from "../protocol/comet.ts";
import { RpcError, rpcCodes } from "./rpc-error.ts";

export type ParamKind = "int64" | "bytes" | "hexBytes" | "string" | "boolean" | "json";
/** Any JSON value, of which only the presence counts. */
interface JsonValue {
  readonly json: unknown;
}
type ParamValue = number | Uint8Array | string | boolean | JsonValue;
export type ParamKinds = Readonly<Record<string, ParamKind>>;
export type Params = Readonly<Record<string, ParamValue | undefined>>;

/** Named or positional parameters of a JSON-RPC request. Unknown names are ignored, as CometBFT does. */
export function paramsOfJson(kinds: ParamKinds, given: unknown): Params {
  const names = Object.keys(kinds);
  const params: Record<string, ParamValue> = {};
  if (given === undefined || given === null) return params;
  if (typeof given !== "object") throw invalid("params must be an object or an array");
  if (Array.isArray(given) && given.length > names.length)
    throw invalid(`expected at most ${names.length} parameters, got ${given.length}`);
  const entries = Array.isArray(given) ? names.map((name, index) => [name, given[index]]) : Object.entries(given);
  for (const [name, value] of entries as [string, unknown][]) {
    if (!Object.hasOwn(kinds, name) || value === undefined || value === null) continue;
    params[name] = fromJson(name, kinds[name]!, value);
  }
  return params;
}

/** Query parameters of a GET. Empty ones count as not given. */
export function paramsOfUri(kinds: ParamKinds, query: Readonly<Record<string, string>>): Params {
  const params: Record<string, ParamValue> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const text = Object.hasOwn(query, name) ? query[name]! : "";
    if (text !== "") params[name] = fromUri(name, kind, text);
  }
  return params;
}

function fromJson(name: string, kind: ParamKind, value: unknown): ParamValue {
  switch (kind) {
    case "json":
      return { json: value };
    case "int64":
      return integer(name, value);
    case "boolean":
      if (typeof value === "boolean") return value;
      break;
    case "string":
      if (typeof value === "string") return value;
      break;
    case "bytes":
      if (typeof value === "string") return decode(name, () => fromBase64(value));
      break;
    case "hexBytes":
      if (typeof value === "string") return decode(name, () => fromHex(value));
      break;
  }
  throw invalid(`${name} is not a ${kind}`);
}

function fromUri(name: string, kind: ParamKind, text: string): ParamValue {
  const quoted = /^"(?:[^"\\]|\\.)*"$/.test(text);
  const hexText = /^0x/i.test(text) ? text.slice(2) : null;
  if (kind === "json") return { json: decode(name, () => JSON.parse(text) as unknown) };
  if (kind === "int64") return integer(name, quoted ? text.slice(1, -1) : text);
  if (kind === "boolean") {
    if (text === "true" || text === "false") return text === "true";
    throw invalid(`${name} is not a boolean`);
  }
  if (hexText !== null) {
    const bytes = decode(name, () => fromHex(hexText));
    return kind === "string" ? decode(name, () => new TextDecoder("utf-8", { fatal: true }).decode(bytes)) : bytes;
  }
  if (!quoted) throw invalid(`${name} must be 0x-hex or a quoted string`);
  const unquoted = decode(name, () => JSON.parse(text) as string);
  return kind === "string" ? unquoted : utf8(unquoted);
}

function integer(name: string, value: unknown): number {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?[0-9]{1,19}$/.test(text)) throw invalid(`${name} is not a whole number`);
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw invalid(`${name} is out of range`);
  return number;
}

function decode<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw invalid(`${name} cannot be decoded`);
  }
}

function invalid(data: string): RpcError {
  return new RpcError(rpcCodes.invalidParams, "Invalid params", data);
}
