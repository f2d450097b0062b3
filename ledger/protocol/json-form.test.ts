// Forms of JSON: each kind takes what it should and nothing else, and a reading's form is the schema that it stands for.

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import {
  anything,
  exactly,
  type Form,
  FormError,
  finite,
  list,
  members,
  nullable,
  oneOf,
  optional,
  text,
  whole,
} from "./json-form.ts";
import { type Reading, readingSchema } from "./telemetry-records.ts";

const odd = [
  null,
  undefined,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  Number.NaN,
  Infinity,
  "",
  "a",
  "1",
  "é",
  [],
  [1],
  {},
  { a: 1 },
];
const taken = (form: Form<unknown>): unknown[] => odd.filter((value) => form.safeParse(value).success);

describe("each kind takes what it should and nothing else", () => {
  test.each<[string, Form<unknown>, unknown[]]>([
    ["text", text(1), ["", "a", "1", "é"]],
    ["text by pattern", text(9, /^[a-z]$/), ["a"]],
    ["whole", whole(0, 1), [0]],
    ["whole of any sign", whole(-9), [0, -1]],
    ["finite", finite, [0, -1, 1.5, 2 ** 53]],
    ["one of", oneOf<"a" | 0>("a", 0), [0, "a"]],
    ["list", list(0, anything), [[]]],
    ["list of whole", list(2, whole(0)), [[], [1]]],
    ["members", members({ a: whole(1) }), [{ a: 1 }]],
    ["members that may be missing", members({ b: optional(whole(1)) }), [{}, { a: 1 }]],
    ["exactly", exactly({ b: optional(whole(1)) }), [{}]],
    ["nullable", nullable(whole(1, 1)), [null]],
    ["optional", optional(whole(1, 1)), [undefined]],
  ])("%s", (_, form, expected) => {
    expect(taken(form)).toEqual(expected);
  });

  test("members that are not named are left out, and inherited ones are none", () => {
    const form = members({ a: optional(whole(1)), constructor: optional(anything) });
    expect(form.parse(JSON.parse('{"a":1,"b":2,"__proto__":{"c":3}}'))).toEqual({ a: 1 });
    expect(Object.keys(form.parse({}))).toEqual([]);
    expect(exactly({ a: whole(1) }).safeParse(JSON.parse('{"a":1,"__proto__":{}}')).success).toBe(false);
  });

  test("what is wrong says where", () => {
    const form = members({ a: list(3, members({ b: whole(1) })) });
    expect(() => form.parse({ a: [{ b: 1 }, { b: 0 }] })).toThrow("a.1.b must be a whole number");
    expect(() => form.parse(7)).toThrow(FormError);
  });
});

test("a reading's form is that of the schema it stands for", () => {
  const hex = "0123456789abcdef";
  const schema: z.ZodType<Reading> = z.strictObject({
    device: z.string().regex(/^[a-z0-9][a-z0-9-]{0,47}$/),
    stream: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
    time: z.iso.datetime({ precision: 3 }),
    result: z.number(),
    sequence: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    signature: z.string().regex(/^[0-9a-f]{128}$/),
  });
  const reading: Reading = {
    device: "meter-0042",
    stream: "power",
    time: "2024-02-29T23:59:59.999Z",
    result: 1.5,
    sequence: 3,
    signature: hex.repeat(8),
  };
  const values: unknown[] = [
    ...odd,
    reading,
    ...odd.flatMap((value) => Object.keys(reading).map((name) => ({ ...reading, [name]: value }))),
    ...[
      "2023-02-29",
      "2024-02-30",
      "2024-04-31",
      "2024-13-01",
      "2024-00-10",
      "2024-01-00",
      "2100-02-29",
      "0000-01-01",
    ].map((day) => ({ ...reading, time: `${day}T00:00:00.000Z` })),
    ...["24:00:00.000Z", "23:60:00.000Z", "23:59:60.000Z", "23:59:59.99Z", "23:59:59Z", "23:59:59.999+00:00"].map(
      (time) => ({ ...reading, time: `2024-02-29T${time}` }),
    ),
    { ...reading, more: 1 },
    { ...reading, device: "a".repeat(48) },
    { ...reading, device: "a".repeat(49) },
    { ...reading, stream: `${"a".repeat(32)}` },
    { ...reading, stream: `${"a".repeat(33)}` },
    { ...reading, device: "a\n" },
  ];
  const seed = Date.now() % 0x7fff_ffff;
  const random = seededNumbers(seed);
  for (let i = 0; i < 2_000; i++) {
    const name = (["device", "stream", "time", "signature"] as const)[random(4)]!;
    const old = reading[name];
    const at = random(old.length);
    values.push({
      ...reading,
      [name]: old.slice(0, at) + "0123456789abz-:.TZ\n "[random(20)]! + old.slice(at + random(2)),
    });
  }
  for (const value of values)
    expect([seed, value, readingSchema.safeParse(value).success]).toEqual([
      seed,
      value,
      schema.safeParse(value).success,
    ]);
});
