// What a check or a block reads once and remembers.

import { expect, test } from "vitest";
import type { StateReader } from "../state/overlay.ts";
import { RememberingReader } from "./remembering-reader.ts";

function counting(records: Record<string, unknown>): StateReader & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: <T>(name: string) => {
      asked.push(name);
      return (records[name] ?? null) as T | null;
    },
    list: (prefix) => Object.keys(records).filter((name) => name.startsWith(prefix)),
  };
}

test("asks for each record once, absent ones too, and knows what an answer rests on", () => {
  const base = counting({ "a/b/1": { n: 1 } });
  const reader = new RememberingReader(base);
  for (let i = 0; i < 3; i++) {
    expect(reader.get("a/b/1")).toEqual({ n: 1 });
    expect(reader.get("a/b/2")).toBeNull();
    expect(reader.list("a/", 5)).toEqual(["a/b/1"]);
  }
  expect(base.asked).toEqual(["a/b/1", "a/b/2"]);
  expect([...reader.names]).toEqual(["a/b/1", "a/b/2"]);
  expect([...reader.prefixes]).toEqual(["a/"]);
});

test("whoever changes a record in place is a bug that shows", () => {
  const reader = new RememberingReader(counting({ "a/b/1": { list: [{ n: 1 }] } }));
  const record = reader.get<{ list: { n: number }[] }>("a/b/1")!;
  expect(() => {
    record.list[0]!.n = 2;
  }).toThrow(TypeError);
  expect(() => record.list.push({ n: 2 })).toThrow(TypeError);
});
