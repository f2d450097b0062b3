// Damage to JSON that knows its structure: members, types, numbers, text, depth, order; and other ways to write the same value.
// Answers bytes, since much of it no JSON writer would write.

import { hex } from "../../ledger/protocol/bytes.ts";
import type { Random } from "./random.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Text put in as it is where a value stands. */
class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
type Damaged = Json | Raw | Damaged[] | { [name: string]: Damaged };

const depthMax = 12;
const encoder = new TextEncoder();

/** What stands for a number; the last ones are none in JSON. */
const oddNumbers = [
  "-0",
  "1e400",
  "-1e400",
  "1e21",
  "0.1",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "01",
  "+1",
  "1.",
  ".5",
  "1e3",
  "1.0",
  "0x10",
  "-1",
  "4294967296",
  "NaN",
  "Infinity",
  "1_000",
  "5e-324",
  "1E2",
  "0e0",
  "99999999999999999999999999",
];

const oddTexts = [
  "",
  "0",
  " ",
  "\u0000",
  "\ud800",
  "\udc00\ud800",
  "\ufeff",
  "é",
  "e\u0301",
  "\u202e",
  "１２３",
  "ﷺ",
  "\u{1f600}",
  "__proto__",
  "constructor",
  "toString",
  "a".repeat(5_000),
  "0".repeat(64),
  "f".repeat(128),
  "1".repeat(16),
  "-1",
  "1e3",
  "00",
  "null",
  "\u2028",
  "\\",
  '"',
  "İ",
  "ß",
  "ı",
  "\u00ad",
  "city:treasury",
  "energy:escrow",
  "../../etc",
  "%00",
  "<script>",
];

const oddValues: readonly Damaged[] = [
  null,
  true,
  false,
  0,
  "",
  [],
  {},
  [[]],
  { "": null },
  { __proto__: null, length: 1 } as Damaged,
];

/** Every place in the value where something stands, with a way to put something else there. */
interface Place {
  readonly value: Damaged;
  replace(value: Damaged): void;
  readonly parent: Damaged[] | { [name: string]: Damaged } | null;
  readonly key: string | number;
}

function placesOf(root: { value: Damaged }): Place[] {
  const places: Place[] = [];
  const walk = (value: Damaged, parent: Place["parent"], key: string | number, depth: number): void => {
    const holder = parent as Record<string | number, Damaged> | null;
    const replace = (other: Damaged): void => {
      if (holder === null) root.value = other;
      else holder[key] = other;
    };
    places.push({ value, replace, parent, key });
    if (depth > depthMax || value === null || typeof value !== "object" || value instanceof Raw) return;
    if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, value, index, depth + 1);
    else for (const [name, item] of Object.entries(value)) walk(item, value, name, depth + 1);
  };
  walk(root.value, null, "", 0);
  return places;
}

function oddText(random: Random, text: string): Damaged {
  switch (random.below(8)) {
    case 0:
      return random.pick(oddTexts);
    case 1:
      return text.toUpperCase();
    case 2:
      return text + random.pick(oddTexts);
    case 3:
      return text.slice(0, random.below(text.length + 1));
    case 4:
      return new Raw(random.pick(oddNumbers));
    case 5:
      return hex(random.bytes(text.length >> 1));
    case 6: {
      if (text.length === 0) return " ";
      const at = random.below(text.length);
      const other = random.oneIn(2) ? random.below(16).toString(16) : String.fromCharCode(random.below(0x250));
      return text.slice(0, at) + other + text.slice(at + 1);
    }
    default:
      return `${" ".repeat(random.below(3))}${text}${random.oneIn(2) ? " " : ""}`;
  }
}

/** What stands in a place afterwards, where only that changes. */
function otherValue(random: Random, value: Damaged, others: readonly Json[]): Damaged {
  switch (random.below(7)) {
    case 0:
      return structuredClone(random.pick(oddValues));
    case 1:
      return new Raw(random.pick(oddNumbers));
    case 2:
      return random.pick(placesOf({ value: structuredClone(random.pick(others)) as Damaged })).value;
    case 3: {
      const depth = random.oneIn(30) ? 20_000 : 1 + random.below(40);
      const nested = random.oneIn(2) ? ["[", "", "]"] : ['{"a":', "1", "}"];
      return new Raw(`${nested[0]!.repeat(depth)}${nested[1]}${nested[2]!.repeat(depth)}`);
    }
    default:
      if (typeof value === "string") return oddText(random, value);
      if (typeof value !== "number") return random.oneIn(2) ? [value] : random.pick(oddTexts);
      return random.oneIn(2) ? value + random.below(5) - 2 : new Raw(random.pick(oddNumbers));
  }
}

/** Changes one place of the value. `others` are values of the same kind, of which parts are taken. */
function damage(random: Random, root: { value: Damaged }, others: readonly Json[]): void {
  const { value, replace, parent, key } = random.pick(placesOf(root));
  const kind = random.below(10);
  if (kind === 0 && parent !== null) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  } else if (kind === 1 && parent !== null) {
    if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(value));
    else {
      parent[random.oneIn(2) ? random.pick(oddTexts) : `${key}x`] = structuredClone(value);
      if (random.oneIn(2)) delete parent[key];
    }
  } else if (kind === 2 && Array.isArray(value)) {
    const items: Damaged[] = value;
    const copies = 1 + random.below(random.oneIn(20) ? 400 : 4);
    for (let n = 0; n < copies; n++) items.push(structuredClone(items[random.below(items.length)] ?? null));
  } else replace(otherValue(random, value, others));
}

/** Writes with sorted members, as canonical JSON does, or in a way of its own. */
function write(random: Random, value: Damaged, loose: number): string {
  if (value instanceof Raw) return value.text;
  const space = (): string =>
    loose > 0 && random.oneIn(loose) ? random.pick([" ", "\n", "\t", "\r", "\u00a0", "/**/"]) : "";
  if (Array.isArray(value)) return `[${value.map((item) => space() + write(random, item, loose)).join(",")}${space()}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    if (loose > 0 && random.oneIn(loose)) names.reverse();
    const members = names.map(
      (name) => `${text(random, name, loose)}${space()}:${space()}${write(random, value[name]!, loose)}`,
    );
    if (loose > 0 && random.oneIn(loose) && members.length > 0) members.push(random.pick(members));
    if (loose > 0 && random.oneIn(4 * loose)) members.push("");
    return `{${space()}${members.join(",")}}`;
  }
  if (typeof value === "string") return text(random, value, loose);
  return loose > 0 && typeof value === "number" && random.oneIn(loose) ? value.toExponential() : JSON.stringify(value);
}

/** A string, some of its letters as escapes. */
function text(random: Random, value: string, loose: number): string {
  const plain = JSON.stringify(value);
  if (loose === 0 || value.length === 0 || !random.oneIn(loose)) return plain;
  const at = random.below(value.length);
  const code = value.charCodeAt(at).toString(16).padStart(4, "0");
  const escaped = `\\u${random.oneIn(2) ? code : code.toUpperCase()}`;
  return `${JSON.stringify(value.slice(0, at)).slice(0, -1)}${escaped}${JSON.stringify(value.slice(at + 1)).slice(1)}`;
}

function damageBytes(random: Random, bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes);
  switch (random.below(6)) {
    case 0:
      return out.subarray(0, random.below(out.length + 1));
    case 1:
      return Uint8Array.from([...random.pick([[0xef, 0xbb, 0xbf], [0], [0x20], [0xff, 0xfe]]), ...out]);
    case 2:
      return Uint8Array.from([...out, ...random.pick([[0], [0x20], [0x0a], [0xc3], [0x7d]])]);
    case 3:
      return random.bytes(random.below(200));
    default:
      for (let n = random.below(3); n >= 0; n--)
        if (out.length > 0)
          out[random.below(out.length)] = random.oneIn(2) ? random.below(256) : 0x20 + random.below(95);
      return out;
  }
}

/** Damages the value itself, in one to three places. */
export function damagedValue(random: Random, value: unknown, others: readonly unknown[]): unknown {
  const root = { value: structuredClone(value) as Damaged };
  for (let n = random.oneIn(3) ? random.below(3) : 0; n >= 0; n--) damage(random, root, others as readonly Json[]);
  return root.value;
}

/** Whether a damaged value is one that JSON can hold, so that it can be signed anew. */
export function isPlain(value: unknown): boolean {
  if (value instanceof Raw) return false;
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "object" && value !== null)
    return Object.keys(value).every(isPlain) && Object.values(value).every(isPlain);
  return true;
}

/** Writes a damaged value: mostly in canonical form, now and then loosely, now and then with damaged bytes. */
export function damagedBytes(random: Random, value: unknown): Uint8Array {
  const how = random.below(10);
  const loose = how < 2 ? 3 + random.below(30) : 0;
  const bytes = encoder.encode(write(random, value as Damaged, loose));
  return how === 2 ? damageBytes(random, bytes) : bytes;
}
