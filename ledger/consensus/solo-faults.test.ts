// The solo engine when things go wrong: a disk that fails or is slow, listeners that throw, clocks that jump, an end under load, and
// what of the mempool comes back after it.

import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { msOfTimestamp, timestampFromText } from "../protocol/comet.ts";
import { type Message, transactionBytes } from "../protocol/transaction.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import type { EngineReport } from "./engine-report.ts";
import { Mempool, mempoolLimits } from "./mempool.ts";
import { MempoolJournal } from "./mempool-journal.ts";
import {
  advanceToBlock,
  ManualClock,
  makeTestFolder,
  newApplication,
  openTestChain,
  person,
  register,
  removeTestFolder,
  submitSomeone,
  type TestChain,
  type TestChainOptions,
  until,
} from "./test-chain.ts";

let folder: string;
let clock: ManualClock;
let reports: EngineReport[];
const opened: TestChain[] = [];
beforeEach(async () => {
  folder = await makeTestFolder();
  clock = new ManualClock(Date.UTC(2026, 0, 1));
  reports = [];
});
afterEach(async () => {
  for (const chain of opened.splice(0)) await chain.close();
  await removeTestFolder(folder);
});

/** A started chain with a journal. */
async function started(replace: TestChainOptions["replace"] = () => ({})): Promise<TestChain> {
  const chain = await openTestChain({
    folder,
    clock,
    replace: (options) => ({
      journal: new MempoolJournal(join(folder, "mempool.journal"), () => undefined),
      report: (report) => reports.push(report),
      ...replace(options),
    }),
  });
  opened.push(chain);
  await chain.engine.start();
  return chain;
}

/** A store whose `append` goes through the given function. */
function appendingBy(store: LedgerStore, append: (write: () => Promise<void>) => Promise<void>): LedgerStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "append")
        return (record: Parameters<LedgerStore["append"]>[0]) => append(() => target.append(record));
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A disk whose writes, while it is slow, wait until they may go. */
function slowDisk() {
  const disk = {
    isSlow: false,
    writing: 0,
    /** Most blocks that were written at once. */
    most: 0,
    go: (): void => undefined,
    under: (store: LedgerStore): LedgerStore =>
      appendingBy(store, async (write) => {
        disk.most = Math.max(disk.most, ++disk.writing);
        if (disk.isSlow)
          await new Promise<void>((resolve) => {
            disk.go = resolve;
          });
        await write();
        disk.writing--;
      }),
  };
  return disk;
}

describe("a disk that is full in the middle of a block", () => {
  test("stops the engine once, with nothing announced, and the restart makes the same block", async () => {
    let full = false;
    const chain = await started(({ store }) => ({
      store: appendingBy(store, (write) =>
        full ? Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })) : write(),
      ),
    }));
    const announced: number[] = [];
    chain.engine.onBlock(({ height }) => announced.push(height));
    const id = await submitSomeone(chain, "Alice");
    const outcome = chain.engine.outcomeOf(id, 60_000);
    full = true;
    const before = chain.application.appHash;
    clock.advance(200);
    await until(() => chain.fatal.length > 0, "the end");
    expect(chain.fatal).toHaveLength(1);
    expect(announced).toEqual([]);
    expect(await outcome).toBeNull();
    expect(chain.engine.height).toBe(1);
    expect(chain.application.appHash).toEqual(before);
    expect(chain.store.head?.height).toBe(1);
    const who = person();
    expect(await chain.engine.submit(await chain.bytesOf(who, register(who, "Bob")))).toMatchObject({
      name: "transaction_ledger_must_be_running",
    });
    clock.advance(60_000);
    expect(chain.fatal).toHaveLength(1);
    await chain.close();
    const again = await started();
    expect((await again.store.results(2))!.ids).toEqual([id]);
    expect(reports.filter(({ kind }) => kind === "dropped")).toEqual([]);
  });
});

describe("a disk that is slow", () => {
  test("makes one block at a time, takes transactions meanwhile, and makes the next one for them", async () => {
    const disk = slowDisk();
    const chain = await started(({ store }) => ({ store: disk.under(store) }));
    disk.isSlow = true;
    const first = await submitSomeone(chain, "First");
    clock.advance(200);
    await until(() => disk.writing === 1, "a block under way");
    const second = await submitSomeone(chain, "Second");
    for (let i = 0; i < 10; i++) clock.advance(1_000);
    expect(chain.engine.height).toBe(1);
    expect(chain.engine.mempool.has(first)).toBe(true);
    disk.isSlow = false;
    disk.go();
    await until(() => chain.engine.height === 2, "block 2");
    await new Promise((resolve) => setImmediate(resolve));
    // The time has long come: the next block waits for nothing more.
    await advanceToBlock(chain, clock, 0);
    expect((await chain.store.results(2))!.ids).toEqual([first]);
    expect((await chain.store.results(3))!.ids).toEqual([second]);
    expect(disk.most).toBe(1);
  });

  test("does not let what stands in the block under way be pushed out: whoever waits for it hears that it is committed", async () => {
    const disk = slowDisk();
    // Room for three citizens' transactions.
    const { anchors, servicesReserve } = mempoolLimits;
    const transactionsMax = anchors.transactions + servicesReserve.transactions + 3;
    const chain = await started(({ store }) => ({
      store: disk.under(store),
      mempool: new Mempool({ ...mempoolLimits, transactionsMax }),
    }));
    const [alice, bob] = [person(), person()];
    const submit = async (by: typeof alice, ...messages: Message[]) =>
      chain.engine.submit(await chain.bytesOf(by, ...messages));
    for (const [who, name] of [
      [alice, "Alice"],
      [bob, "Bob"],
    ] as const)
      expect(await submit(who, register(who, name))).toMatchObject({ ok: true });
    await advanceToBlock(chain, clock, 200);
    const pay = { type: "money/transfer", by: alice.id, to: bob.id, amount: "1" } as const;
    const submitted = [await submit(alice, pay), await submit(alice, pay), await submit(alice, pay)];
    const ids = submitted.map((each) => (each.ok ? each.id : each.name));
    const outcomes = ids.map((id) => chain.engine.outcomeOf(id, 60_000));
    disk.isSlow = true;
    clock.advance(200);
    await until(() => disk.writing === 1, "a block under way");
    const back = { type: "money/transfer", by: bob.id, to: alice.id, amount: "1" } as const;
    expect(await submit(bob, back)).toMatchObject({ name: "transaction_mempool_must_have_room" });
    expect(chain.engine.mempool.size).toBe(3);
    disk.isSlow = false;
    disk.go();
    expect(await Promise.all(outcomes)).toMatchObject(ids.map((_, index) => ({ kind: "committed", height: 3, index })));
    expect(reports.filter(({ kind }) => kind === "dropped")).toEqual([]);
    expect(await submit(bob, back)).toMatchObject({ ok: true });
  });
});

test("a listener that throws stops neither the engine nor the others, and is reported", async () => {
  const chain = await started();
  const heard: number[] = [];
  chain.engine.onBlock(() => {
    throw new Error("deaf");
  });
  chain.engine.onBlock(({ height }) => heard.push(height));
  const outcome = chain.engine.outcomeOf(await submitSomeone(chain, "Alice"), 60_000);
  await advanceToBlock(chain, clock, 200);
  await advanceToBlock(chain, clock, 200);
  expect(await outcome).toMatchObject({ kind: "committed" });
  expect(heard).toEqual([2, 3]);
  expect(reports.filter(({ kind }) => kind === "failed")).toHaveLength(2);
  expect(chain.fatal).toEqual([]);
});

test("a clock set back by a day neither stops blocks nor turns their time back", async () => {
  const chain = await started();
  await submitSomeone(chain, "Alice");
  await advanceToBlock(chain, clock, 200);
  await advanceToBlock(chain, clock, 200);
  clock.advance(-86_400_000);
  const outcome = chain.engine.outcomeOf(await submitSomeone(chain, "Bob"), 60_000);
  await advanceToBlock(chain, clock, 200);
  expect(await outcome).toMatchObject({ kind: "committed" });
  await advanceToBlock(chain, clock, 10_000);
  let last = 0;
  for (let height = 1; height <= chain.engine.height; height++) {
    const time = msOfTimestamp(timestampFromText((await chain.store.block(height))!.block.header.time));
    expect(time).toBeGreaterThan(last);
    last = time;
  }
});

describe("an end under load", () => {
  test("finishes the block under way, tells who waits, refuses who comes, and the restart takes up what waited, in order", async () => {
    const chain = await started();
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) ids.push(await submitSomeone(chain, `Citizen ${i}`));
    clock.advance(200);
    const more: string[] = [];
    for (let i = 30; i < 60; i++) more.push(await submitSomeone(chain, `Citizen ${i}`));
    const waiting = chain.engine.outcomeOf(more[0]!, 60_000);
    const late = person();
    const lateBytes = await chain.bytesOf(late, register(late, "Late"));
    const stopped = chain.engine.stop();
    expect(await chain.engine.submit(lateBytes)).toMatchObject({ name: "transaction_ledger_must_be_running" });
    await stopped;
    const outcome = await waiting;
    const inBlock = (await chain.store.results(chain.engine.height))!.ids;
    expect(inBlock.slice(0, 30)).toEqual(ids);
    expect(outcome === null).toBe(!inBlock.includes(more[0]!));
    await chain.close();

    const again = await started();
    const left = [...ids, ...more].filter((id) => !inBlock.includes(id));
    expect([...again.engine.mempool].map(({ id }) => id)).toEqual(left);
    await advanceToBlock(again, clock, 200);
    expect((await again.store.results(again.engine.height))!.ids).toEqual(left);
  });

  test("what was accepted and is not taken up again is reported with id and reason, and counted", async () => {
    const chain = await started();
    const { registrar, genesis } = chain;
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 200);
    await advanceToBlock(chain, clock, 200);
    const message = { type: "money/transfer", by: registrar.id, to: alice.id, amount: "1" } as const;
    // Good until the next block, which the restart makes before it looks into the journal.
    const expiring = transactionBytes(await registrar.sign(genesis.chain, chain.engine.height + 1, [message]));
    const lasting = transactionBytes(await registrar.sign(genesis.chain, chain.engine.height + 50, [message]));
    const [first, second] = [await chain.engine.submit(expiring), await chain.engine.submit(lasting)];
    if (!first.ok || !second.ok) throw new Error("refused");
    await chain.close();

    const again = await started();
    expect([...again.engine.mempool].map(({ id }) => id)).toEqual([second.id]);
    expect(reports).toMatchObject([
      { kind: "dropped", id: first.id, refusal: { name: "transaction_must_not_be_expired" }, restart: true },
      { kind: "recovered", taken: 1, inBlock: 0, dropped: 1, tornBytes: 0 },
    ]);
    expect(again.engine.mempool.figures.dropped).toEqual({ transaction_must_not_be_expired: 1 });
  });

  test("what is in a block already is not taken up again, though the journal still holds it", async () => {
    const chain = await started();
    const id = await submitSomeone(chain, "Alice");
    const journal = new MempoolJournal(join(folder, "mempool.journal"), () => undefined);
    await until(async () => (await journal.recover()).transactions.length === 1, "the journal");
    const { transactions } = await journal.recover();
    await advanceToBlock(chain, clock, 200);
    await chain.close();
    // As after a kill: the journal was not rewritten at the end.
    const killed = new MempoolJournal(join(folder, "mempool.journal"), () => undefined);
    await killed.close(transactions.map((bytes) => ({ bytes })));
    const again = await started();
    expect(again.engine.mempool.size).toBe(0);
    expect(reports).toMatchObject([{ kind: "recovered", taken: 0, inBlock: 1, dropped: 0 }]);
    expect((await again.store.results(2))!.ids).toEqual([id]);
  });

  test("what makes a module throw is left out, so that the ledger starts", async () => {
    const chain = await started();
    await submitSomeone(chain, "Alice");
    await chain.close();
    const inner = newApplication();
    const throwing = new Proxy(inner, {
      get(target, name) {
        if (name === "check")
          return () => {
            throw new Error("bug");
          };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const again = await openTestChain({
      folder,
      clock,
      application: throwing,
      replace: () => ({
        journal: new MempoolJournal(join(folder, "mempool.journal"), () => undefined),
        report: (report) => reports.push(report),
      }),
    });
    opened.push(again);
    await again.engine.start();
    expect(again.engine.mempool.size).toBe(0);
    expect(reports.map(({ kind }) => kind)).toEqual(["failed", "dropped", "recovered"]);
  });
});

test("a block drops what it made invalid and tells who waits why", async () => {
  const chain = await started();
  // An account with a role: a citizen's quota does not fill a block.
  const [alice, bob] = [chain.registrar, person()];
  await chain.engine.submit(await chain.bytesOf(bob, register(bob, "Bob")));
  await advanceToBlock(chain, clock, 200);
  await advanceToBlock(chain, clock, 200);
  const transfer = { type: "money/transfer", by: alice.id, to: bob.id, amount: "1" } as const;
  // The whole balance first; then more than a block takes, each of which is in order as long as the first is not in a block.
  const all = await chain.engine.submit(await chain.bytesOf(alice, { ...transfer, amount: "1020000000" }));
  if (!all.ok) throw new Error(all.name);
  const large = Array.from({ length: 100 }, () => ({ ...transfer, note: "x".repeat(140) }));
  const ids: string[] = [];
  for (let i = 0; i < 40; i++) {
    const submission = await chain.engine.submit(await chain.bytesOf(alice, ...large));
    if (!submission.ok) throw new Error(submission.name);
    ids.push(submission.id);
  }
  const last = chain.engine.outcomeOf(ids.at(-1)!, 60_000);
  await advanceToBlock(chain, clock, 200);
  const { ids: inBlock } = (await chain.store.results(chain.engine.height))!;
  expect(inBlock[0]).toBe(all.id);
  expect(inBlock.length).toBeLessThan(41);
  expect(await last).toMatchObject({ kind: "dropped", refusal: { name: "money_balance_must_suffice" } });
  expect(chain.engine.mempool.size).toBe(0);
  expect(chain.engine.mempool.figures.dropped).toEqual({ money_balance_must_suffice: 41 - inBlock.length });
});

describe("what waited, taken up at a start", () => {
  test("comes before those who ask meanwhile, and a kill in the middle loses none of it", async () => {
    const chain = await started();
    // More than one turn of the event loop takes up, and more bytes than the journal leaves unwritten.
    const many: Uint8Array[] = [];
    for (let i = 0; i < 130; i++) {
      const who = person();
      many.push(await chain.bytesOf(who, register(who, `Citizen ${i}`)));
    }
    await chain.close();
    const file = join(folder, "mempool.journal");
    await new MempoolJournal(file, () => undefined).close(many.map((bytes) => ({ bytes })));
    const size = (await stat(file)).size;

    const again = await openTestChain({
      folder,
      clock,
      replace: () => ({ journal: new MempoolJournal(file, () => undefined) }),
    });
    opened.push(again);
    const late = person();
    const lateBytes = await again.bytesOf(late, register(late, "Late"));
    const early = again.engine.submit(lateBytes);
    const begun = again.engine.start();
    expect(await early).toMatchObject({ name: "transaction_ledger_must_be_running" });
    await until(() => again.engine.mempool.size > 0, "the first of them");
    expect(again.engine.mempool.size).toBeLessThan(130);
    // Blocks go on meanwhile.
    clock.advance(200);
    expect((await stat(file)).size).toBe(size);
    await begun;
    const ids = (await again.engine.submit(lateBytes)).ok;
    expect(ids).toBe(true);
  });
});

test("a block whose execution throws stops the engine, and its transactions do not stop the next start", async () => {
  const chain = await started();
  const id = await submitSomeone(chain, "Poison");
  const outcome = chain.engine.outcomeOf(id, 60_000);
  const finalise = chain.application.finalise.bind(chain.application);
  chain.application.finalise = (block) => {
    if (block.transactions.length > 0) throw new Error("bug");
    return finalise(block);
  };
  clock.advance(200);
  await until(() => chain.fatal.length > 0, "the end");
  expect(await outcome).toMatchObject({ kind: "dropped" });
  expect(reports).toMatchObject([{ kind: "dropped", id, restart: false }]);
  expect(chain.store.head?.height).toBe(1);
  await chain.close();
  const again = await started();
  expect(again.engine.mempool.size).toBe(0);
  await submitSomeone(again, "Alice");
  await advanceToBlock(again, clock, 200);
  expect(again.fatal).toEqual([]);
});

test("genesis may be mended as long as the chain has not begun, and not later", async () => {
  const refusing = newApplication();
  refusing.initialise = () => {
    throw new Error("genesis breaks a rule");
  };
  await expect(openTestChain({ folder, clock, application: refusing })).rejects.toThrow("breaks a rule");
  const file = join(folder, "genesis.json");
  const mended = (await readFile(file, "utf8")).replace(
    '"treasury": "1000000000000000"',
    '"treasury": "2000000000000000"',
  );
  await writeFile(file, mended);
  const chain = await started();
  expect(chain.engine.height).toBe(1);
  await chain.close();
  await writeFile(file, mended.replace('"2000000000000000"', '"3000000000000000"'));
  await expect(openTestChain({ folder, clock })).rejects.toThrow("is not the one that the chain began with");
});
