// The solo engine: when it makes blocks, what stands in them, and what survives a crash.

import { copyFile, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Application } from "../modules/application.ts";
import { hex } from "../protocol/bytes.ts";
import { commitFromJson, headerFromJson, msOfTimestamp, timestampFromText } from "../protocol/comet.ts";
import { type Message, transactionBytes } from "../protocol/transaction.ts";
import { encodeHead } from "../storage/block-records.ts";
import { headKey } from "../storage/keys.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { sealRecord } from "../storage/record-codec.ts";
import { StoreError } from "../storage/store-error.ts";
import { blockRecord } from "../storage/test-blocks.ts";
import { restoreApplication } from "./open-chain.ts";
import { replayChain } from "./replay.ts";
import {
  advanceToBlock,
  ManualClock,
  makeTestFolder,
  newApplication,
  openTestChain,
  person,
  register,
  removeTestFolder,
  sha256Hex,
  type TestChain,
  type TestChainOptions,
  until,
} from "./test-chain.ts";
import { ValidatorSigner } from "./validator-signer.ts";

const startMs = Date.UTC(2026, 0, 1);
let folder: string;
let clock: ManualClock;
const opened: TestChain[] = [];

beforeEach(async () => {
  folder = await makeTestFolder();
  clock = new ManualClock(startMs);
});
afterEach(async () => {
  for (const chain of opened.splice(0)) await chain.close();
  await removeTestFolder(folder);
});

async function open(options: Partial<TestChainOptions> = {}): Promise<TestChain> {
  const chain = await openTestChain({ folder, clock, ...options });
  opened.push(chain);
  return chain;
}

async function started(options: Partial<TestChainOptions> = {}): Promise<TestChain> {
  const chain = await open(options);
  await chain.engine.start();
  return chain;
}

describe("when blocks are made", () => {
  test("the first at once, then one a heartbeat", async () => {
    const chain = await started();
    expect(chain.engine.height).toBe(1);
    clock.advance(9_999);
    expect(chain.engine.height).toBe(1);
    await advanceToBlock(chain, clock, 1);
    expect(chain.engine.height).toBe(2);
  });

  test("soon after a transaction, and once more so that the new state can be proven, then no more", async () => {
    const chain = await started();
    const alice = person();
    clock.advance(5_000);
    const submission = await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    expect(submission.ok).toBe(true);
    await advanceToBlock(chain, clock, 20);
    const results = await chain.store.results(2);
    expect(results?.transactions).toMatchObject([{ code: 0 }]);
    await advanceToBlock(chain, clock, 200);
    expect((await chain.store.results(3))?.transactions).toEqual([]);
    const header = headerFromJson((await chain.store.block(3))!.block.header);
    expect(hex(header.appHash)).toBe(results!.appHash);
    clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(chain.engine.height).toBe(3);
  });

  test("not more often than every 200 ms", async () => {
    const chain = await started();
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    clock.advance(199);
    await new Promise((resolve) => setImmediate(resolve));
    expect(chain.engine.height).toBe(1);
    await advanceToBlock(chain, clock, 1);
  });

  test("soon after the first of many transactions, however quickly others follow it", async () => {
    const chain = await started();
    clock.advance(5_000);
    for (let sent = 0; sent < 4; sent++) {
      const who = person();
      expect((await chain.engine.submit(await chain.bytesOf(who, register(who, `Citizen ${sent}`)))).ok).toBe(true);
      clock.advance(10);
    }
    await until(() => chain.engine.height === 2, "the block that the first asked for");
  });

  test("soon after a transaction, also when the clock was set back by an hour", async () => {
    const chain = await started();
    await advanceToBlock(chain, clock, 10_000);
    clock.advance(-3_600_000);
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 200);
    expect((await chain.store.results(3))?.transactions).toMatchObject([{ code: 0 }]);
  });

  test("when the application asks, until block time has passed the moment", async () => {
    const wakeAt = startMs + 3_000;
    let blockTimeMs = startMs;
    const inner = newApplication();
    const application: Application = wrapped(inner, {
      finalise: (block) => {
        blockTimeMs = block.timeMs;
        return inner.finalise(block);
      },
      wakeAtMs: () => (blockTimeMs >= wakeAt ? null : wakeAt),
    });
    const chain = await started({ application });
    await advanceToBlock(chain, clock, 3_000);
    expect(blockTimeMs).toBeLessThan(wakeAt);
    await advanceToBlock(chain, clock, 200);
    expect(blockTimeMs).toBe(wakeAt);
    expect(chain.engine.height).toBe(3);
  });
});

describe("what stands in them", () => {
  test("time grows by at least 1 ms, also when the clock goes back", async () => {
    const chain = await started();
    await advanceToBlock(chain, clock, 10_000);
    clock.advance(-9_000);
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 10_000);
    await advanceToBlock(chain, clock, 10_000);
    let last = -1;
    for (let height = 1; height <= chain.engine.height; height++) {
      const time = msOfTimestamp(timestampFromText((await chain.store.block(height))!.block.header.time));
      expect(time).toBeGreaterThan(last);
      last = time;
    }
  });

  test("a transaction that expires while it waits is dropped and its sender told", async () => {
    const chain = await started();
    const { registrar, genesis } = chain;
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 200);
    // More than one block takes, all for the next block or none.
    const transfer = { type: "money/transfer", by: registrar.id, to: alice.id, amount: "1", note: "x".repeat(140) };
    const messages = Array.from({ length: 100 }, () => transfer as Message);
    const outcomes = [];
    for (let count = 0; count < 40; count++) {
      const bytes = transactionBytes(await registrar.sign(genesis.chain, 3, messages));
      const submission = await chain.engine.submit(bytes);
      if (!submission.ok) throw new Error(JSON.stringify(submission));
      outcomes.push(chain.engine.outcomeOf(submission.id, 60_000));
    }
    await advanceToBlock(chain, clock, 200);
    const ends = (await Promise.all(outcomes)).map((outcome) =>
      outcome?.kind === "dropped" ? outcome.refusal.name : outcome?.kind,
    );
    const inBlock = (await chain.store.results(3))!.ids.length;
    expect(ends).toEqual([
      ...Array.from({ length: inBlock }, () => "committed"),
      ...Array.from({ length: 40 - inBlock }, () => "transaction_must_not_be_expired"),
    ]);
    expect(inBlock).toBeLessThan(40);
    expect(chain.engine.mempool.figures).toMatchObject({
      transactions: 0,
      bytes: 0,
      dropped: { transaction_must_not_be_expired: 40 - inBlock },
    });
  });

  test("two that exclude each other both enter the block; the later one is refused there", async () => {
    const chain = await started();
    const [alice, other] = [person(), person()];
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    const second = await chain.engine.submit(await chain.bytesOf(other, register(other, "ALICE")));
    if (!second.ok) throw new Error(second.name);
    const outcome = chain.engine.outcomeOf(second.id, 60_000);
    await advanceToBlock(chain, clock, 200);
    expect(await outcome).toMatchObject({
      kind: "committed",
      height: 2,
      index: 1,
      result: { refusal: "accounts_name_must_be_free", codespace: "accounts" },
    });
  });
});

describe("bounds", () => {
  test("a block stays within 1 MiB; what does not fit comes in the next, in order", async () => {
    const chain = await started();
    const { registrar } = chain;
    const transfer = { type: "money/transfer", by: registrar.id, to: person().id, amount: "1" } as const;
    const messages = Array.from({ length: 100 }, () => ({ ...transfer, note: "가".repeat(140) }));
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 200);
    const ids: string[] = [];
    for (let count = 0; count < 30; count++) {
      const to = messages.map((message) => ({ ...message, to: alice.id }));
      const submission = await chain.engine.submit(await chain.bytesOf(registrar, ...to));
      if (!submission.ok) throw new Error(JSON.stringify(submission));
      ids.push(submission.id);
    }
    await advanceToBlock(chain, clock, 200);
    await advanceToBlock(chain, clock, 200);
    const [second, third] = [(await chain.store.block(3))!, (await chain.store.block(4))!];
    expect(second.size).toBeGreaterThan(900_000);
    expect(second.size).toBeLessThanOrEqual(1_048_576);
    expect(second.block_id.parts.total).toBe(Math.ceil(second.size / 65_536));
    expect(third.block.data.txs!.length).toBeGreaterThan(0);
    const results = [(await chain.store.results(3))!, (await chain.store.results(4))!];
    expect(results.flatMap((result) => result.ids)).toEqual(ids);
    expect(results.flatMap((result) => result.transactions).every(({ code }) => code === 0)).toBe(true);
  });
});

describe("admission", () => {
  test("the same bytes are accepted again while they wait, and refused by name once they are in a block", async () => {
    const chain = await started();
    const alice = person();
    const bytes = await chain.bytesOf(alice, register(alice, "Alice"));
    const first = await chain.engine.submit(bytes);
    expect(await chain.engine.submit(bytes)).toEqual(first);
    expect(chain.engine.mempool.size).toBe(1);
    await advanceToBlock(chain, clock, 200);
    expect(await chain.engine.submit(bytes)).toMatchObject({ ok: false, name: "transaction_must_not_be_repeated" });
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["no JSON", new Uint8Array([0xff, 0x00])],
    ["too much", new Uint8Array(65_537)],
  ])("refuses %s", async (_, bytes) => {
    const chain = await started();
    expect((await chain.engine.submit(bytes)).ok).toBe(false);
    expect(chain.engine.mempool.size).toBe(0);
  });

  test("a caller that waits is told null when the time is over", async () => {
    const chain = await started();
    const waiting = chain.engine.outcomeOf("00".repeat(32), 50);
    clock.advance(50);
    expect(await waiting).toBeNull();
  });
});

describe("restart", () => {
  test("continues the chain, and replay from genesis agrees", async () => {
    const chain = await started();
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 200);
    const appHash = hex(chain.application.appHash);
    await chain.close();
    const again = await open();
    expect(again.engine.height).toBe(2);
    expect(hex(again.application.appHash)).toBe(appHash);
    await again.engine.start();
    expect(again.engine.height).toBe(3);
    const report = await replayChain(again.store, again.builder, newApplication());
    expect(report).toMatchObject({ height: 3, transactions: 1, fault: null });
  });

  test("after a crash between signing and storing, the very same block is signed again", async () => {
    const chain = await started({ replace: ({ store }) => ({ store: storeThatFails(store, 2) }) });
    const alice = person();
    const bytes = await chain.bytesOf(alice, register(alice, "Alice"));
    await chain.engine.submit(bytes);
    await advanceToBlock(chain, clock, 200);
    expect(chain.fatal).toHaveLength(1);
    expect(chain.engine.height).toBe(1);
    await chain.close();
    const signed = (await ValidatorSigner.load(folder)).height;
    expect(signed).toBe(2);
    clock.advance(60_000);
    const again = await open();
    await again.engine.start();
    expect(again.fatal).toEqual([]);
    expect(again.engine.height).toBe(2);
    expect(await again.store.place("hash", sha256Hex(bytes))).toEqual({ height: 2, index: 0 });
    const vote = (await again.store.block(2))!.commit.signatures[0]!;
    expect(msOfTimestamp(timestampFromText(vote.timestamp))).toBe(startMs + 200);
  });

  test("a bug in a module stops the engine before anything is signed or stored", async () => {
    const inner = newApplication();
    const application = wrapped(inner, {
      finalise: (block) => {
        if (block.transactions.length > 0) throw new Error("bug");
        return inner.finalise(block);
      },
    });
    const chain = await started({ application });
    const alice = person();
    await chain.engine.submit(await chain.bytesOf(alice, register(alice, "Alice")));
    await advanceToBlock(chain, clock, 200);
    expect(chain.fatal).toEqual([new Error("bug")]);
    expect(chain.signer.height).toBe(1);
    await chain.close();
    const again = await open();
    await again.engine.start();
    expect(again.engine.height).toBe(2);
  });

  test("a store older than the validator's signatures is refused: it must not sign twice", async () => {
    const chain = await started();
    await advanceToBlock(chain, clock, 10_000);
    await chain.close();
    await rm(join(folder, "store"), { recursive: true });
    const again = await open();
    await expect(again.engine.start()).rejects.toThrow(/the validator has signed block 2/);
  });

  test("a sign state that is gone or older than the store is refused: with an older store it would sign twice", async () => {
    const chain = await started();
    const early = await readFile(join(folder, "validator-state.json"));
    await advanceToBlock(chain, clock, 10_000);
    await chain.close();
    await rm(join(folder, "validator-state.json"));
    const without = await open();
    await expect(without.engine.start()).rejects.toThrow(/validator-state.json is missing or too old/);
    await without.close();
    await writeFile(join(folder, "validator-state.json"), early);
    const older = await open();
    await expect(older.engine.start()).rejects.toThrow(/validator-state.json is missing or too old/);
  });

  test("damaged state is found by its root", async () => {
    const chain = await started();
    const head = chain.store.head!;
    const changes = [{ name: "accounts/name/nobody", value: Uint8Array.of(0x31) }];
    const record = blockRecord(head.height + 1, startMs + 1, [], { changes });
    await chain.store.append({ ...record, head: { ...head, height: head.height + 1 } });
    await chain.close();
    await expect(open()).rejects.toThrow(/is damaged \(the state's root/);
  });

  test("a second process is told that the store is in use", async () => {
    await started();
    await expect(open()).rejects.toThrow(/in use by another process/);
  });

  test("another validator's key is refused", async () => {
    await (await started()).close();
    const other = await makeTestFolder();
    await ValidatorSigner.load(other);
    await copyFile(join(other, "validator.json"), join(folder, "validator.json"));
    await removeTestFolder(other);
    await expect(open()).rejects.toThrow(/validator.json is not the key/);
  });

  test.each(["genesis.json", "validator.json"])("a %s that is gone is not made anew", async (name) => {
    await (await started()).close();
    await rm(join(folder, name));
    await expect(open()).rejects.toThrow(`${name}: is missing, but the store holds chain`);
    await expect(stat(join(folder, name))).rejects.toThrow("ENOENT");
  });

  test("a commit of another block, or one that nobody signed, is found", async () => {
    const chain = await started();
    const [head, one] = [chain.store.head!, (await chain.store.block(1))!];
    const { positionBefore } = await import("./replay.ts");
    const block = chain.builder.build(positionBefore(one), []);
    const commit = commitFromJson(one.commit);
    const put = async (changed: typeof commit) => {
      const key = headKey(1);
      await chain.store.keyValue.write(
        [{ type: "put", key, value: sealRecord(encodeHead(block.encoded, changed)) }],
        true,
      );
    };
    const signature = { ...commit.signatures[0]!, signature: new Uint8Array(64) };
    await put({ ...commit, signatures: [signature] });
    await expect(restoreApplication(chain, newApplication())).rejects.toThrow(
      /the commit of block 1 is not the validator's/,
    );
    await put({ ...commit, blockId: { ...commit.blockId, hash: new Uint8Array(32) } });
    await expect(restoreApplication(chain, newApplication())).rejects.toThrow(/block 1 is not the one that was stored/);
    expect(head.height).toBe(1);
  });

  test.each(["genesis.json", "validator.json", "validator-state.json"])("a damaged %s is named", async (name) => {
    await (await started()).close();
    await writeFile(join(folder, name), '{"height":');
    await expect(open()).rejects.toThrow(StoreError);
    await expect(open()).rejects.toThrow(name);
  });

  test("the key and the sign state are for their owner only", async () => {
    await started();
    for (const name of ["validator.json", "validator-state.json"])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });
});

describe("the validator", () => {
  test("signs the same bytes again alike, other bytes at a height never, and remembers", async () => {
    const signer = await ValidatorSigner.load(folder);
    const first = await signer.sign(5, Uint8Array.of(1));
    expect(await signer.sign(5, Uint8Array.of(1))).toEqual(first);
    await expect(signer.sign(5, Uint8Array.of(2))).rejects.toThrow(/must not sign another/);
    await expect(signer.sign(4, Uint8Array.of(1))).rejects.toThrow(/must not sign another/);
    const again = await ValidatorSigner.load(folder);
    await expect(again.sign(5, Uint8Array.of(2))).rejects.toThrow(/must not sign another/);
    expect(await again.sign(5, Uint8Array.of(1))).toEqual(first);
  });
});

test("replay finds a block that was changed", async () => {
  const chain = await started();
  await advanceToBlock(chain, clock, 10_000);
  const second = (await chain.store.block(2))!;
  const forged = {
    ...second,
    commit: { ...second.commit, signatures: [(await chain.store.block(1))!.commit.signatures[0]!] },
  };
  const results = await chain.store.results(2);
  const lying = new Proxy(chain.store, {
    get: (store, name) => {
      if (name === "block") return (height: number) => (height === 2 ? Promise.resolve(forged) : store.block(height));
      const value = Reflect.get(store, name, store) as unknown;
      return typeof value === "function" ? value.bind(store) : value;
    },
  });
  expect(results).not.toBeNull();
  const report = await replayChain(lying, chain.builder, newApplication());
  expect(report.fault).toEqual({ height: 2, reason: "the commit's signature is not valid" });
});

function wrapped(inner: Application, changed: Partial<Application>): Application {
  return new Proxy(inner, {
    get(target, name) {
      const value = Object.hasOwn(changed, name)
        ? changed[name as keyof Application]
        : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function storeThatFails(store: LedgerStore, atHeight: number): LedgerStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === "append")
        return (record: Parameters<LedgerStore["append"]>[0]) =>
          record.head.height === atHeight ? Promise.reject(new Error("power cut")) : target.append(record);
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
