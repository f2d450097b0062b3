// Who has to go when there is no room for what was not taken: on a clock that stands.

import { expect, test } from "vitest";
import { ManualClock } from "../consensus/test-chain.ts";
import { UnsentRoom } from "./unsent-room.ts";

const stalledMs = 2_000;
interface Client {
  readonly name: string;
}

function makeRoom(bytesMax = 100) {
  const clock = new ManualClock(1_000_000);
  const ended: string[] = [];
  const room: UnsentRoom<Client> = new UnsentRoom<Client>({
    bytesMax,
    stalledMs,
    clock,
    end: (client, atOnce) => {
      ended.push(`${client.name}${atOnce ? " at once" : ""}`);
      if (atOnce) room.leave(client);
    },
  });
  /** Moves the clock and lets the room judge. */
  const pass = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { room, ended, pass };
}
const [a, b, c, good]: readonly Client[] = ["a", "b", "c", "good"].map((name) => ({ name }));
const bytes = (count: number) => ({ bytes: count });

test("what several hold counts once, until the last lets it go, and as much as it has grown", () => {
  const { room } = makeRoom();
  const block = { bytes: 30 };
  const [first, second] = [room.hold(a!, block), room.hold(b!, block)];
  expect(room.bytes).toBe(30);
  block.bytes = 50;
  expect(room.bytes).toBe(30);
  room.recount(block);
  expect(room.bytes).toBe(50);
  first();
  first();
  expect(room.bytes).toBe(50);
  second();
  expect(room.bytes).toBe(0);
  room.recount(block);
  expect(room.bytes).toBe(0);
});

test("events have half of the room; what is larger goes when nothing else waits", () => {
  const { room } = makeRoom();
  expect(room.forEvents(bytes(1_000))).toBeNull();
  const block = bytes(40);
  const release = room.hold(a!, block);
  expect(room.forEvents(bytes(10))).toBeNull();
  expect(room.forEvents(bytes(11))).not.toBeNull();
  expect(room.forEvents(block)).toBeNull();
  release();
  expect(room.bytes).toBe(0);
});

test("who waits is woken as soon as there is room for it", async () => {
  const { room, ended, pass } = makeRoom();
  const release = room.hold(a!, bytes(40));
  const woken: number[] = [];
  void room.forEvents(bytes(20))!.then(() => woken.push(20));
  const more = room.hold(b!, bytes(5));
  void room.forEvents(bytes(45))!.then(() => woken.push(45));
  more();
  await pass(0);
  expect(woken).toEqual([]);
  release();
  await Promise.resolve();
  expect(woken).toEqual([20]);
  // It did not take its place: the next one is asked soon enough.
  await pass(stalledMs);
  expect(woken).toEqual([20, 45]);
  expect(ended).toEqual([]);
});

test("of those that wait, as many are woken as there is room for together; what is the same needs room once", async () => {
  const { room, pass } = makeRoom();
  const release = room.hold(a!, bytes(50));
  const woken: string[] = [];
  const block = bytes(30);
  for (const name of ["first", "second"]) void room.forEvents(block)!.then(() => woken.push(name));
  for (const name of ["third", "fourth"]) void room.forEvents(bytes(15))!.then(() => woken.push(name));
  release();
  await Promise.resolve();
  expect(woken).toEqual(["first", "second", "third"]);
  // Even if none of those takes its place, the next one gets its turn.
  await pass(0);
  expect(woken).toEqual(["first", "second", "third", "fourth"]);
});

test("nobody is ended who has taken something within two seconds; then the one furthest behind, and no more than needed", async () => {
  const { room, ended, pass } = makeRoom();
  room.hold(a!, bytes(20));
  await pass(10);
  room.hold(b!, bytes(20));
  await pass(10);
  const release = room.hold(good!, bytes(5));
  void room.forEvents(bytes(15));
  await pass(1_979);
  expect(ended).toEqual([]);
  // What keeps up holds something all the time, but nothing for long.
  release();
  room.hold(good!, bytes(6));
  await pass(1);
  expect(ended).toEqual(["a"]);
  await pass(60_000);
  expect(ended).toEqual(["a"]);
});

test("one that is being ended is not ended again, and its share counts as free; where that is not enough the next one goes", async () => {
  const { room, ended, pass } = makeRoom();
  for (const client of [a, b, c]) room.hold(client!, bytes(16));
  await pass(stalledMs);
  void room.forEvents(bytes(10));
  await pass(0);
  expect(ended).toEqual(["a"]);
  void room.forEvents(bytes(30));
  await pass(1);
  await pass(stalledMs);
  expect(ended).toEqual(["a", "b"]);
  room.leave(a!);
  room.leave(b!);
  expect(room.bytes).toBe(16);
});

test("what they share is not counted as free while another holds it", async () => {
  const { room, ended, pass } = makeRoom();
  const block = bytes(45);
  for (const client of [a, b]) room.hold(client!, block);
  await pass(stalledMs);
  const wait = room.forEvents(bytes(20));
  await pass(0);
  expect(ended).toEqual(["a", "b"]);
  for (const client of [a, b]) room.leave(client!);
  await wait;
});

test("for an answer the whole room is there; stalled ones go at once for it, others never", async () => {
  const { room, ended, pass } = makeRoom();
  room.hold(a!, bytes(40));
  room.hold(b!, bytes(40));
  expect(room.forAnswer(20)).toBe(true);
  expect(room.forAnswer(21)).toBe(false);
  await pass(stalledMs);
  room.hold(good!, bytes(20));
  expect(room.forAnswer(21)).toBe(true);
  expect(ended).toEqual(["a at once"]);
  expect(room.forAnswer(81)).toBe(false);
  expect(ended).toEqual(["a at once", "b at once"]);
  expect(room.bytes).toBe(20);
});
