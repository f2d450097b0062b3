// The rooms' pure parts: movement budget, interest, frames, words, places; drawn cases print their seed.

import { describe, expect, test } from "vitest";
import { randomStream } from "../simulation/random.ts";
import { spokenText } from "./chat-text.ts";
import { frameIsPlain } from "./frame-guard.ts";
import { enterMetres, InterestGrid, interestMax, leaveMetres } from "./interest.ts";
import { Movement } from "./movement.ts";
import { spawnPlace } from "./spawn-place.ts";

const seed = Number(process.env["GLASSTOWN_TEST_SEED"] ?? 7);
const bounds = [-100, -100, 100, 100] as const;

describe("movement", () => {
  const walk = (x: number): { x: number; y: number; gait: number; altitude: number } => ({
    x,
    y: 0,
    gait: 1,
    altitude: 0,
  });

  test("reports that come late and bunched are accepted, a faster walker is not", () => {
    const late = new Movement(0, 0, bounds, 0);
    for (let step = 1; step <= 10; step++) expect(late.accept(walk(step * 20), 1000)).toBe(null);
    const fast = new Movement(0, 0, bounds, 0);
    const refusals = Array.from({ length: 100 }, (_, i) => fast.accept(walk((i + 1) * 44), (i + 1) * 100));
    expect(refusals).toContain("speed");
  });

  test(`whatever is reported, nobody gets further than the fastest legal speed allows (seed ${seed})`, () => {
    const random = randomStream(seed);
    for (let round = 0; round < 50; round++) {
      const movement = new Movement(0, 0, [-1e6, -1e6, 1e6, 1e6], 0);
      let x = 0;
      let now = 0;
      for (let step = 0; step < 300; step++) {
        now += random.below(200);
        const wanted = x + random.below(300);
        if (movement.accept(walk(wanted), now) === null) x = wanted;
      }
      expect(x / 100).toBeLessThanOrEqual(2.2 * (1.1 * (now / 1000) + 1.5));
    }
  });

  test("bounds hold, the clock may go back, and reports are counted", () => {
    const movement = new Movement(0, 0, bounds, 5000);
    expect(movement.accept({ x: 10_001, y: 0, gait: 3, altitude: 9 }, 6000)).toBe("bounds");
    expect(movement.accept({ x: Number.MAX_SAFE_INTEGER, y: 0, gait: 3, altitude: 9 }, 6000)).toBe("bounds");
    for (let i = 0; i < 30; i++) movement.accept(walk(0), 0);
    expect(movement.accept(walk(0), 0)).toBe("rate");
  });
});

describe("interest", () => {
  test("the nearest are seen, at most so many, and the edge does not flicker", () => {
    const grid = new InterestGrid<number>();
    for (let i = 0; i < 200; i++) grid.place(i, { x: i * 1.5, y: 0 });
    const seen = grid.seenBy(0, { x: 0, y: 0 }, new Set());
    expect(seen.size).toBe(interestMax);
    expect(seen.has(0)).toBe(false);
    expect(Math.max(...seen)).toBe(interestMax);
    const pair = new InterestGrid<string>();
    pair.place("b", { x: enterMetres + 5, y: 0 });
    expect(pair.seenBy("a", { x: 0, y: 0 }, new Set()).size).toBe(0);
    expect(pair.seenBy("a", { x: 0, y: 0 }, new Set(["b"])).size).toBe(1);
    pair.place("b", { x: leaveMetres + 1, y: 0 });
    expect(pair.seenBy("a", { x: 0, y: 0 }, new Set(["b"])).size).toBe(0);
    pair.remove("b");
    expect(pair.within({ x: leaveMetres, y: 0 }, 50)).toEqual([]);
  });
});

describe("frames", () => {
  /** MessagePack of what clients send, written as the client's packer writes it. */
  const pack = (value: unknown): Buffer => {
    if (typeof value === "number") {
      if (value >= 0 && value < 64) return Buffer.from([value]);
      const bytes = Buffer.from([0xd2, 0, 0, 0, 0]);
      bytes.writeInt32BE(value, 1);
      return bytes;
    }
    if (typeof value === "string") {
      const bytes = Buffer.from(value);
      return Buffer.concat([
        Buffer.from(value.length < 16 ? [0xa0 | bytes.length] : [0xda, bytes.length >> 8, bytes.length & 255]),
        bytes,
      ]);
    }
    if (Array.isArray(value))
      return Buffer.concat([Buffer.from([0xdc, value.length >> 8, value.length & 255]), ...value.map(pack)]);
    const entries = Object.entries(value as object);
    return Buffer.concat([Buffer.from([0x80 | entries.length]), ...entries.flat().map(pack)]);
  };
  const data = (name: string, body?: unknown): Uint8Array =>
    Buffer.concat([
      Buffer.from([13, 0xa0 | name.length]),
      Buffer.from(name),
      body === undefined ? Buffer.alloc(0) : pack(body),
    ]);
  const asRecord = (name: string, body: object): Uint8Array =>
    Buffer.concat([
      data(name),
      Buffer.from([0xd4, 0x72, 0x40, 0x90 | Object.keys(body).length]),
      ...[...Object.keys(body), ...Object.values(body)].map(pack),
    ]);

  test("what clients send passes", () => {
    expect(frameIsPlain(Buffer.from([10]))).toBe(true);
    expect(frameIsPlain(data("move", { x: -123456, y: 70000, heading: 3599, gait: 2, altitude: 0 }))).toBe(true);
    expect(frameIsPlain(data("chat", { text: "Grüße 🌆".repeat(30) }))).toBe(true);
    expect(
      frameIsPlain(data("prove", { account: "a".repeat(40), key: "b".repeat(64), signature: "c".repeat(128) })),
    ).toBe(true);
    expect(frameIsPlain(asRecord("move", { x: 64, y: -127, heading: 3599, gait: 2, altitude: 127 }))).toBe(true);
    expect(frameIsPlain(asRecord("gesture", { gesture: "nod" }))).toBe(true);
    expect(frameIsPlain(data("gesture"))).toBe(true);
  });

  test(`what they do not send does not, and nothing throws (seed ${seed})`, () => {
    const tail = (bytes: number[]): Uint8Array => Buffer.concat([data("move"), Buffer.from(bytes)]);
    // Extensions (a date, a second record), binary, arrays and strings longer than the frame, __proto__ as a key.
    for (const odd of [
      [0xd6, 0xff, 0, 0, 0, 1],
      [0xd4, 0x72, 0x41, 0x90],
      [0xc4, 1, 1],
      [0xdd, 1, 255, 255, 255],
      [0xd9, 200, 97],
    ])
      expect(frameIsPlain(tail(odd))).toBe(false);
    for (const odd of [[[[[[[1]]]]]], new Array(100).fill(1), { ["__proto__"]: 1 }])
      expect(frameIsPlain(data("move", odd))).toBe(false);
    // 41 is the number 65 in plain MessagePack and a record once there are records.
    expect(frameIsPlain(tail([0x81, 0xa1, 0x78, 0x41]))).toBe(true);
    expect(frameIsPlain(tail([0xd4, 0x72, 0x40, 0x91, 0xa1, 0x78, 0x41]))).toBe(false);
    expect(frameIsPlain(data("Move", {}))).toBe(false);
    expect(frameIsPlain(Buffer.concat([data("move", {}), Buffer.from([1])]))).toBe(false);
    const random = randomStream(seed, 3);
    const whole = data("move", { x: 1, y: 2, heading: 3, gait: 4, altitude: 5 });
    for (let i = 0; i < 3000; i++) {
      const frame = Uint8Array.from(whole.subarray(0, 1 + random.below(whole.length)));
      frame[random.below(frame.length)] = random.below(256);
      expect(typeof frameIsPlain(frame)).toBe("boolean");
    }
    for (let cut = 1; cut < whole.length; cut++)
      if (cut !== 6) expect(frameIsPlain(whole.subarray(0, cut))).toBe(false);
  });
});

test("words lose what could deceive and keep what people write", () => {
  expect(spokenText("안녕 👩‍👩‍👧 ¡hola! שלום")).toBe("안녕 👩‍👩‍👧 ¡hola! שלום");
  expect(spokenText("a\u202eb\u2066c\u0007\u0085d")).toBe("abcd");
  expect(spokenText("\ud800x")).toBe("x");
  expect(spokenText("\u0000 \u202e")).toBe(null);
  for (const unseen of ["\u200b", "\u3164\u3164", "\u2800 \u00ad", "\u0301"]) expect(spokenText(unseen)).toBe(null);
  expect(spokenText(`a${"\u0301".repeat(50)}`)?.length).toBeLessThan(7);
});

test("arrivals stand apart and within the bounds", () => {
  const world = { spawn: { x: 99, y: 0, heading: 10 }, bounds };
  const places = Array.from({ length: 48 }, (_, i) => spawnPlace(world, i));
  for (const place of places) expect(place.x).toBeLessThanOrEqual(100);
  const open = Array.from({ length: 48 }, (_, i) => spawnPlace({ ...world, spawn: { x: 0, y: 0, heading: 0 } }, i));
  for (const [i, a] of open.entries())
    for (const b of open.slice(0, i)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(1);
  expect(spawnPlace(world, 48)).toEqual(places[0]);
});
