// Whether bytes are a message in the one form in which CometBFT (gogoproto) writes it: ascending fields, shortest numbers, no defaults
// written, embedded messages that are not nullable always there.

/** What a field holds. `list` fields repeat; `nullable` messages may be missing. */
type Kind = "number" | "bytes" | { readonly of: Schema; readonly list?: boolean; readonly nullable?: boolean };
export type Schema = Readonly<Record<number, Kind | "bytes list" | "member">>;

const time: Schema = { 1: "number", 2: "number" };
const blockId: Schema = { 1: "bytes", 2: { of: { 1: "number", 2: "bytes" } } };
const slot: Schema = { 1: "number", 2: "bytes", 3: { of: time }, 4: "bytes" };
const commit: Schema = { 1: "number", 2: "number", 3: { of: blockId }, 4: { of: slot, list: true } };
// The key is the member of a oneof, which is there even when it is empty.
const validator: Schema = { 1: "bytes", 2: { of: { 1: "member" } }, 3: "number", 4: "number" };
const header: Schema = {
  1: { of: { 1: "number", 2: "number" } },
  2: "bytes",
  3: "number",
  4: { of: time },
  5: { of: blockId },
  ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [6 + i, "bytes"] as const)),
};

export const lightBlockSchema: Schema = {
  1: { of: { 1: { of: header }, 2: { of: commit } } },
  2: { of: { 1: { of: validator, list: true }, 2: { of: validator, nullable: true }, 3: "number" } },
};

const vote: Schema = {
  ...{ 1: "number", 2: "number", 3: "number", 4: { of: blockId }, 5: { of: time } },
  ...{ 6: "bytes", 7: "number", 8: "bytes", 9: "bytes", 10: "bytes" },
};
const duplicateVote: Schema = { 1: { of: vote }, 2: { of: vote }, 3: "number", 4: "number", 5: { of: time } };
const lightClientAttack: Schema = {
  ...{ 1: { of: lightBlockSchema }, 2: "number", 3: { of: validator, list: true }, 4: "number", 5: { of: time } },
};
const evidence: Schema = { 1: { of: duplicateVote, nullable: true }, 2: { of: lightClientAttack, nullable: true } };

export const blockSchema: Schema = {
  1: { of: header },
  2: { of: { 1: "bytes list" } },
  3: { of: { 1: { of: evidence, list: true } } },
  4: { of: commit },
};

/** False as soon as anything stands otherwise. */
export function isCanonical(bytes: Uint8Array, schema: Schema): boolean {
  let at = 0;
  let last = 0;
  const seen = new Set<number>();
  const number = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return byte === 0 && shift > 0n ? undefined : value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const field = tag >> 3;
    const kind = schema[field];
    const repeats = kind === "bytes list" || (typeof kind === "object" && kind.list === true);
    if (kind === undefined || field < last || (field === last && !repeats)) return false;
    if ((tag & 7) !== (kind === "number" ? 0 : 2)) return false;
    last = field;
    seen.add(field);
    const value = number();
    if (value === undefined) return false;
    if (kind === "number") {
      if (value === 0n || value >= 1n << 64n) return false;
      continue;
    }
    if (value > BigInt(bytes.length - at)) return false;
    const content = bytes.subarray(at, at + Number(value));
    at += content.length;
    if (kind === "bytes" && content.length === 0) return false;
    if (typeof kind === "object" && !isCanonical(content, kind.of)) return false;
  }
  return Object.entries(schema).every(
    ([field, kind]) =>
      seen.has(Number(field)) || (kind !== "member" && (typeof kind !== "object" || kind.list || kind.nullable)),
  );
}
