// The city room with real clients: entering, moving, seeing, speaking, and everything a hostile client may try.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { closeCodes } from "../protocol/city-room.ts";
import { type TestCity, testCitizen, testCity, until, type Visitor } from "./room-fixture.ts";

let city: TestCity;
const [anna, bela, cleo, stranger] = [testCitizen(1), testCitizen(2), testCitizen(3), testCitizen(9)] as const;

beforeAll(async () => {
  city = await testCity(1500);
  for (const [citizen, name] of [
    [anna, "Anna"],
    [bela, "Béla"],
    [cleo, "Cleo"],
  ] as const)
    city.names.set(citizen.account, { name, key: citizen.key });
});
afterAll(() => city.close());

const leave = async (...visitors: Visitor[]): Promise<void> => {
  for (const visitor of visitors) if (visitor.closed === null) await visitor.room.leave();
};
const move = (visitor: Visitor, x: number, y: number, gait = 1, altitude = 0): void =>
  visitor.room.send("move", { x: Math.round(x * 100), y: Math.round(y * 100), heading: 0, gait, altitude });
const names = (visitor: Visitor): string[] =>
  [...(visitor.room.state.citizens?.values() ?? [])].map((citizen) => citizen.name).sort();
/** Flies in legal steps; the clock is the test's. */
async function fly(visitor: Visitor, fromX: number, toX: number): Promise<void> {
  for (let x = fromX; x !== toX; ) {
    x += Math.sign(toX - x) * Math.min(30, Math.abs(toX - x));
    city.pass(1000);
    move(visitor, x, 0, 3, 20);
    // The answer to a ping comes after the move was handled.
    await new Promise<void>((done) => visitor.room.ping(() => done()));
  }
}

describe("entering", () => {
  test("with the right signature, one is welcomed near the spawn under the ledger's name", async () => {
    const visitor = await city.enter(bela);
    const [welcome] = visitor.of("welcome");
    expect(Math.hypot(Number(welcome?.["x"]), Number(welcome?.["y"]))).toBeLessThan(12);
    expect(welcome?.["session"]).toBe(visitor.room.sessionId);
    await until("the crowd", () => visitor.room.state.crowd === 12);
    expect(visitor.room.state.crowdSeed).toBe(0x00c0ffee);
    const other = await city.enter(anna);
    await until("seeing each other", () => names(visitor).includes("Anna") && names(other).includes("Béla"));
    await leave(other);
    await until("seeing the other leave", () => !names(visitor).includes("Anna"));
    await leave(visitor);
  });

  test.each([
    ["a nonce of another join", { nonce: "ab".repeat(32) }, anna, "world_signature_must_be_valid"],
    ["another chain", { chain: "other" }, anna, "world_signature_must_be_valid"],
    ["another room", { room: "elsewhere" }, anna, "world_signature_must_be_valid"],
    ["an account that is not there", {}, stranger, "world_account_must_exist"],
  ] as const)("a proof for %s is refused", async (_, change, citizen, refusal) => {
    const visitor = await city.visit();
    visitor.room.send("prove", city.proof(visitor, citizen, change));
    await until("the close", () => visitor.closed !== null);
    expect(visitor.of("refused")).toEqual([{ name: refusal }]);
    expect(visitor.closed).toBe(closeCodes.joinRefused);
  });

  test("a key that is not the account's is refused", async () => {
    const visitor = await city.visit();
    const own = city.proof(visitor, { ...stranger, account: anna.account });
    visitor.room.send("prove", own);
    await until("the close", () => visitor.closed !== null);
    expect(visitor.of("refused")).toEqual([{ name: "world_key_must_belong_to_account" }]);
  });

  test("a proof that worked once does not work again, in this or another connection", async () => {
    const first = await city.visit();
    const proof = city.proof(first, anna);
    first.room.send("prove", proof);
    await until("the welcome", () => first.of("welcome").length > 0);
    first.room.send("prove", proof);
    await until("the refusal", () => first.of("refused").length > 0);
    expect(first.of("welcome")).toHaveLength(1);
    const second = await city.visit();
    second.room.send("prove", proof);
    await until("the close", () => second.closed !== null);
    expect(second.of("refused")).toEqual([{ name: "world_signature_must_be_valid" }]);
    expect(first.closed).toBe(null);
    await leave(first);
  });

  test("who does not prove anything sees nobody, may do nothing, and is closed in time", async () => {
    const inside = await city.enter(anna);
    const silent = await city.visit();
    silent.room.send("move", { x: 0, y: 0, heading: 0, gait: 0, altitude: 0 });
    silent.room.send("chat", { text: "let me in" });
    await until("the close", () => silent.closed !== null);
    expect(silent.closed).toBe(closeCodes.joinTimedOut);
    expect(silent.of("refused")).toEqual([
      { name: "world_join_must_be_proved" },
      { name: "world_join_must_be_proved" },
    ]);
    expect(names(silent)).toEqual([]);
    expect(inside.of("chat")).toEqual([]);
    await leave(inside);
  });

  test("a second session replaces the first", async () => {
    const first = await city.enter(anna);
    const second = await city.enter(anna);
    await until("the first to be closed", () => first.closed !== null);
    expect(first.closed).toBe(closeCodes.replaced);
    const other = await city.enter(bela);
    await until("one Anna", () => names(other).length === 1);
    expect(names(other)).toEqual(["Anna"]);
    await leave(second, other);
  });

  test("nobody enters while the ledger is away", async () => {
    city.ledgerAway = true;
    city.pass(60_000);
    await expect(city.visit()).rejects.toThrow(/ledger/);
    city.ledgerAway = false;
    await leave(await city.enter(anna));
  });
});

describe("moving", () => {
  test("walking is shared with others, too fast is corrected, out of bounds too", async () => {
    const [walker, watcher] = [await city.enter(anna), await city.enter(bela)];
    await until("the other", () => names(watcher).includes("Anna"));
    const start = walker.of("welcome")[0] as { x: number; y: number };
    city.pass(1000);
    move(walker, start.x + 1.2, start.y);
    const seen = (): number => watcher.room.state.citizens.get(walker.room.sessionId)?.x ?? 0;
    await until("the step", () => Math.abs(seen() - (start.x + 1.2) * 100) <= 1);
    move(walker, start.x + 40, start.y);
    await until("the correction", () => walker.of("correct").length === 1);
    expect(walker.of("correct")[0]).toMatchObject({ reason: "speed" });
    expect(Number(walker.of("correct")[0]?.["x"])).toBeCloseTo(start.x + 1.2, 1);
    city.pass(1000);
    move(walker, 5000, 0, 3, 50);
    await until("the correction", () => walker.of("correct").length === 2);
    expect(walker.of("correct")[1]).toMatchObject({ reason: "bounds" });
    await leave(walker, watcher);
  });

  test("only those near are in the state, and they come and go with distance", async () => {
    const [flyer, watcher] = [await city.enter(anna), await city.enter(bela)];
    await until("the other", () => names(watcher).includes("Anna"));
    await fly(flyer, 0, 300);
    await until("out of sight", () => names(watcher).length === 0 && names(flyer).length === 0);
    await fly(flyer, 300, 160);
    const third = await city.enter(cleo);
    await until("the third", () => names(watcher).includes("Cleo"));
    expect(names(watcher)).toEqual(["Cleo"]);
    await fly(flyer, 160, 100);
    await until("back in sight", () => names(watcher).includes("Anna") && names(flyer).length === 2);
    await leave(flyer, watcher, third);
  });
});

describe("speaking", () => {
  test("those near hear, cleaned of controls, with the ledger's name; those far do not", async () => {
    const [speaker, near, far] = [await city.enter(anna), await city.enter(bela), await city.enter(cleo)];
    await fly(far, 0, 300);
    city.pass(5000);
    speaker.room.send("chat", { text: "  \u202egood\u0000 morning\nall  " });
    speaker.room.send("gesture", { gesture: "wave" });
    await until("hearing", () => near.of("chat").length === 1 && near.of("gesture").length === 1);
    expect(near.of("chat")[0]).toMatchObject({
      name: "Anna",
      text: "good morning all",
      session: speaker.room.sessionId,
    });
    expect(speaker.of("chat")).toHaveLength(1);
    expect(far.of("chat")).toEqual([]);
    await leave(speaker, near, far);
  });

  test("too much, too long and too empty is refused", async () => {
    const speaker = await city.enter(anna);
    for (const text of ["x".repeat(281), "\u0000\u202e", "   ", 7, null]) {
      city.pass(2000);
      const before = speaker.of("refused").length;
      speaker.room.send("chat", { text });
      await until("the refusal", () => speaker.of("refused").length > before);
      expect(speaker.of("refused").at(-1)).toEqual({ name: "world_message_must_match_schema" });
    }
    city.pass(10_000);
    for (let i = 0; i < 8; i++) speaker.room.send("chat", { text: `line ${i}` });
    await until("the refusals", () => speaker.of("refused").length === 8);
    expect(speaker.of("chat")).toHaveLength(5);
    expect(speaker.of("refused").at(-1)).toEqual({ name: "world_rate_must_not_exceed_limit" });
    await leave(speaker);
  });
});

describe("hostile clients", () => {
  test("unknown messages and wrong forms are refused, and the room goes on", async () => {
    const visitor = await city.enter(anna);
    const odd: [string, unknown][] = [
      ["teleport", { x: 1 }],
      ["move", { x: 1.5, y: 0, heading: 0, gait: 0, altitude: 0 }],
      ["move", { x: 0, y: 0, heading: 0, gait: 9, altitude: 0 }],
      ["move", { x: 0, y: 0, heading: 0, gait: 0, altitude: 0, name: "King" }],
      ["move", "north"],
      ["gesture", { gesture: "bow" }],
      ["constructor", {}],
      ["move", undefined],
    ];
    for (const [type, message] of odd) {
      city.pass(2000);
      const before = visitor.of("refused").length;
      visitor.room.send(type, message);
      await until(`the refusal of ${type}`, () => visitor.of("refused").length > before);
      expect(visitor.of("refused").at(-1)).toEqual({ name: "world_message_must_match_schema" });
    }
    expect(visitor.closed).toBe(null);
    await leave(visitor);
  });

  test("above thirty messages a second are dropped", async () => {
    const visitor = await city.enter(anna);
    for (let i = 0; i < 40; i++) visitor.room.send("gesture", { gesture: "nod" });
    await until("the notice", () => visitor.of("refused").length >= 30);
    expect(visitor.of("gesture").length).toBe(3);
    expect(visitor.closed).toBe(null);
    await leave(visitor);
  });

  test("a flood is closed", async () => {
    const visitor = await city.enter(anna);
    for (let i = 0; i < 400; i++) visitor.room.send("move", { x: 0, y: 0, heading: 0, gait: 0, altitude: 0 });
    await until("the close", () => visitor.closed !== null);
    expect(visitor.closed).toBe(closeCodes.flooded);
  });

  test("bytes that are no message close that connection and nothing else", async () => {
    const inside = await city.enter(bela);
    const frames = [
      Buffer.alloc(0),
      Buffer.from([13]),
      Buffer.from([13, 0xa4]),
      Buffer.from([13, 0xa4, 0x6d, 0x6f, 0x76, 0x65, 0xdd, 0x01, 0xff, 0xff, 0xff]),
      Buffer.from([13, 0xa4, 0x6d, 0x6f, 0x76, 0x65, 0xc7, 0x01, 0x72, 0x00]),
      Buffer.from([17, 0xa4, 0x6d, 0x6f, 0x76, 0x65]),
      Buffer.from([21, 1, 0xa4, 0x6d, 0x6f, 0x76, 0x65]),
      Buffer.alloc(3000, 0x0d),
      "text",
    ];
    for (const frame of frames) {
      const visitor = await city.visit();
      const socket = (visitor.room.connection.transport as unknown as { ws: WebSocket }).ws;
      socket.send(frame);
      await until("the close", () => visitor.closed !== null);
    }
    expect(inside.closed).toBe(null);
    await leave(inside);
  });

  test("sockets without a seat get nowhere, and matchmaking does nothing but what it is for", async () => {
    const socket = new WebSocket(`${city.url.replace("http", "ws")}/abc/def?sessionId=made-up`);
    const code = await new Promise((done) => socket.once("close", done));
    expect(code).toBe(4002);
    const post = (path: string, body = "{}", method = "POST"): Promise<number> =>
      fetch(`${city.url}${path}`, { method, ...(method === "POST" ? { body } : {}) }).then((answer) => answer.status);
    expect(await post("/matchmake/create/city")).toBe(404);
    expect(await post("/matchmake/reconnect/city")).toBe(404);
    expect(await post("/matchmake/joinOrCreate/constructor")).toBe(404);
    expect(await post("/matchmake/joinById/nowhere")).toBe(503);
    expect(await post("/matchmake/joinOrCreate/city", "", "GET")).toBe(405);
    expect(await post("/matchmake/joinOrCreate/city", "x".repeat(5000))).toBe(413);
  });
});

test("when the city closes, everyone is told", async () => {
  const visitor = await city.enter(anna);
  await city.rooms.close();
  await until("the close", () => visitor.closed !== null);
  expect(visitor.closed).toBe(closeCodes.shutdown);
});
