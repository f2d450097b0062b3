// Power cuts at every step of a block, also while blocks are pruned: on a disk in memory that loses what was not synced, and on LevelDB's own files, cut and torn
// after the last acknowledged byte. Nothing acknowledged is lost, no height is signed twice, the state is that of a replay.

import { randomInt } from "node:crypto";
import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { hex } from "../protocol/bytes.ts";
import { transactionBytes } from "../protocol/transaction.ts";
import { removeBasesBelow } from "../storage/base-state.ts";
import type { KeyValue } from "../storage/key-value.ts";
import { keysOf, numberOfKey } from "../storage/keys.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { findDamage } from "../storage/level-files.ts";
import { MemoryKeyValue } from "../storage/memory-key-value.ts";
import { Pruner } from "../storage/pruner.ts";
import { restoreApplication } from "./open-chain.ts";
import { replayChain } from "./replay.ts";
import { SoloEngine } from "./solo.ts";
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
  until,
} from "./test-chain.ts";
import { ValidatorSigner } from "./validator-signer.ts";

const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));
const startMs = Date.UTC(2026, 0, 1);
let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

class PowerCut extends Error {}

/** Counts down over everything that reaches a disk; at zero the power is gone, before the step is on disk or right after. */
class Power {
  #steps: number;
  readonly #after: boolean;
  readonly #pending = new Set<Promise<unknown>>();

  constructor(steps: number, after: boolean) {
    this.#steps = steps;
    this.#after = after;
  }

  async step<T>(write: () => Promise<T>): Promise<T> {
    this.#steps--;
    if (this.#steps < 0 || (this.#steps === 0 && !this.#after)) throw new PowerCut();
    const writing = write();
    this.#pending.add(writing);
    const answer = await writing.finally(() => this.#pending.delete(writing));
    if (this.#steps <= 0) throw new PowerCut();
    return answer;
  }

  /** What was on its way to the disk is there, or is not: no machine writes when the next one is on. */
  async gone(): Promise<void> {
    this.#steps = 0;
    await Promise.allSettled(this.#pending);
  }
}

/** What the world has seen: acknowledged transactions and every signature that may have left the machine. */
class Witness {
  readonly acknowledged = new Map<string, { readonly height: number; readonly index: number }>();
  readonly signed = new Map<number, string>();
  doubleSigned: number | null = null;

  sees(height: number, signBytes: Uint8Array): void {
    const text = hex(signBytes);
    if ((this.signed.get(height) ?? text) !== text) this.doubleSigned ??= height;
    this.signed.set(height, text);
  }
}

interface Machine {
  readonly base: Awaited<ReturnType<typeof openTestChain>>;
  readonly disk: MemoryKeyValue;
  readonly clock: ManualClock;
  readonly witness: Witness;
  readonly random: (below: number) => number;
  /** Blocks that the ledger keeps; 0 keeps all. */
  readonly keep: number;
}

async function machine(keep = 0): Promise<Machine> {
  const clock = new ManualClock(startMs);
  // For the chain's files; its blocks go to the disk in memory.
  const base = await openTestChain({ folder, clock });
  await base.close();
  return { base, clock, disk: new MemoryKeyValue(), witness: new Witness(), random: seededNumbers(seed), keep };
}

/** From switching on to the power cut; false when the ledger refuses to start. */
async function life(cut: Machine, power: Power, honest: boolean): Promise<void> {
  const { base, disk, clock, witness, random, keep } = cut;
  const powered: KeyValue = new Proxy(disk, {
    get(target, name) {
      if (name === "write")
        return (operations: Parameters<KeyValue["write"]>[0], sync: boolean) => {
          if (random(4) === 0) target.beginLog();
          return power.step(() => target.write(operations, sync && honest));
        };
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const real = await ValidatorSigner.load(folder);
  const signer = new Proxy(real, {
    get(target, name) {
      if (name === "sign")
        return (height: number, bytes: Uint8Array) =>
          power.step(async () => {
            const signature = await target.sign(height, bytes);
            witness.sees(height, bytes);
            return signature;
          });
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const fatal: unknown[] = [];
  const { builder, genesis } = base;
  let pruner: Pruner | null = null;
  try {
    const store = await LedgerStore.over(join(folder, "store"), powered);
    const chain = { builder, genesis, store, signer };
    const application = newApplication();
    const position = await restoreApplication(chain, application);
    const onFatal = (error: unknown) => fatal.push(error);
    const engine = new SoloEngine({ ...chain, application, clock, heartbeatMs: 10_000, onFatal }, position);
    if (keep > 0) pruner = new Pruner(store, folder, keep, onFatal);
    engine.onBlock(({ height, results }) => {
      pruner?.advance();
      results.ids.forEach((id, index) => {
        witness.acknowledged.set(id, { height, index });
      });
    });
    await engine.start();
    while (fatal.length === 0) {
      const height = engine.height;
      const who = person();
      const message = register(who, `Citizen ${height} ${random(1e9)}`);
      await engine.submit(transactionBytes(await who.sign(genesis.chain, height + 100, [message])));
      clock.advance(200 + random(10_000));
      await until(() => engine.height > height || fatal.length > 0, `block ${height + 1}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw fatal[0];
  } catch (error) {
    for (let cause: unknown = error; !(cause instanceof PowerCut); cause = cause.cause)
      if (!(cause instanceof Error)) throw error;
  } finally {
    await pruner?.stop();
    await power.gone();
  }
}

async function survives(cut: Machine): Promise<void> {
  const { base, disk, witness } = cut;
  expect(witness.doubleSigned).toBeNull();
  const store = await LedgerStore.over(join(folder, "store"), disk);
  for (const [id, place] of witness.acknowledged)
    if (place.height >= store.lowest) expect(await store.place("id", id)).toEqual(place);
  if (store.head === null) return;
  if (store.lowest > 1) expect(store.head.height - store.lowest + 1).toBeGreaterThanOrEqual(cut.keep);
  expect(await replayChain(store, base.builder, newApplication())).toMatchObject({
    height: store.head.height,
    appHash: store.head.appHash,
    fault: null,
  });
}

describe(`a disk that loses what was not synced (seed ${seed})`, () => {
  test("nothing acknowledged is lost and no height is signed twice, over 60 power cuts", async () => {
    const cut = await machine();
    for (let round = 0; round < 60; round++) {
      const { random, disk } = cut;
      await life(cut, new Power(1 + random(16), random(2) === 0), true);
      disk.cutPower((unsynced) => random(unsynced + 1));
      // What a durable write leaves when it is cut before its rename.
      if (random(4) === 0) await writeFile(join(folder, `.new-1-${round}`), "{");
      if (round % 10 === 9) await survives(cut);
    }
    await survives(cut);
    expect(cut.witness.acknowledged.size).toBeGreaterThan(20);
  }, 120_000);

  test("pruning goes on after 40 power cuts, and nothing that is kept is lost", async () => {
    const cut = await machine(10);
    const { random, disk } = cut;
    let lowest = 1;
    for (let round = 0; round < 40; round++) {
      await life(cut, new Power(1 + random(60), random(2) === 0), true);
      disk.cutPower((unsynced) => random(unsynced + 1));
      // What a state before the lowest block leaves when it is cut before its rename.
      await mkdir(join(folder, "base"), { recursive: true });
      if (random(4) === 0) await writeFile(join(folder, "base", `${round}.state.unfinished`), "cut");
      const store = await LedgerStore.over(join(folder, "store"), disk);
      expect(store.lowest).toBeGreaterThanOrEqual(lowest);
      ({ lowest } = store);
      if (round % 10 === 9) await survives(cut);
    }
    expect(lowest).toBeGreaterThan(50);
    await survives(cut);
    // What the cuts brought back is removed again, all of it.
    const store = await LedgerStore.over(join(folder, "store"), disk);
    while ((await store.sweep(5)) > 0);
    for (const letter of ["b", "c", "r", "p"] as const)
      for await (const page of disk.pages(keysOf(letter)))
        for (const [key] of page) expect(numberOfKey(key)).toBeGreaterThanOrEqual(lowest);
    await removeBasesBelow(folder, lowest - 1);
    expect((await readdir(join(folder, "base"))).filter((name) => !name.endsWith(".state"))).toEqual([]);
  }, 120_000);

  test("and a disk that lies about syncing is found out: the ledger refuses to start", async () => {
    const cut = await machine();
    await life(cut, new Power(30, true), false);
    cut.disk.cutPower();
    await expect(life(cut, new Power(30, true), true)).rejects.toThrow(/the validator has signed block/);
    expect(cut.witness.doubleSigned).toBeNull();
  });
});

describe(`LevelDB's files (seed ${seed})`, () => {
  test("cut or torn anywhere after the last acknowledged byte, they open with all that was acknowledged", async () => {
    const clock = new ManualClock(startMs);
    const live = join(folder, "live");
    let logBytes = async (): Promise<number> => 0;
    const marks = { acknowledged: 0, proposed: 0 };
    const chain = await openTestChain({
      folder: live,
      clock,
      replace: ({ store }) => ({
        store: new Proxy(store, {
          get(target, name) {
            if (name === "putProposal")
              return async (proposal: Parameters<LedgerStore["putProposal"]>[0]) => {
                marks.acknowledged = await logBytes();
                await target.putProposal(proposal);
                marks.proposed = await logBytes();
              };
            const value = Reflect.get(target, name, target) as unknown;
            return typeof value === "function" ? value.bind(target) : value;
          },
        }),
      }),
    });
    const log = (await readdir(join(live, "store"))).find((name) => name.endsWith(".log"))!;
    logBytes = async () => (await stat(join(live, "store", log))).size;
    await chain.engine.start();
    const acknowledged: string[] = [];
    chain.engine.onBlock(({ results }) => acknowledged.push(...results.ids));
    const submit = async (count: number) => {
      for (let at = 0; at < count; at++) await submitSomeone(chain, `Citizen ${chain.engine.height} ${at}`);
      await advanceToBlock(chain, clock, 10_000);
    };
    for (let block = 0; block < 3; block++) await submit(2);
    const before = {
      ids: [...acknowledged],
      height: chain.engine.height,
      state: await readFile(join(live, "validator-state.json")),
    };
    await submit(40);
    const last = { hash: chain.store.head!.hash, state: await readFile(join(live, "validator-state.json")) };
    const whole = await readFile(join(live, "store", log));
    const files = join(folder, "files");
    await cp(live, files, { recursive: true });
    await chain.close();
    expect(whole.length).toBeGreaterThan(marks.proposed);
    expect(marks.proposed).toBeGreaterThan(marks.acknowledged);

    const random = seededNumbers(seed);
    for (let round = 0; round < 24; round++) {
      const at = marks.acknowledged + random(whole.length - marks.acknowledged + 1);
      const copy = join(folder, `copy-${round}`);
      await mkdir(copy);
      await cp(files, copy, { recursive: true });
      // The block is written after the proposal is synced, so where the proposal is torn there is no block yet.
      const torn = Buffer.from(at < marks.proposed ? whole.subarray(0, marks.proposed) : whole);
      // Cut off, never written (zeros), or torn within: a page is missing and later ones are there.
      const kind = random(3);
      if (kind === 1) torn.fill(0, at);
      if (kind === 2) for (let to = at; to < Math.min(at + 512, torn.length); to++) torn[to] = random(256);
      await writeFile(join(copy, "store", log), kind === 0 ? torn.subarray(0, at) : torn);
      // The sign state is written after the proposal is synced, so before that it is the old one.
      const signed = at >= marks.proposed && random(2) === 0;
      await writeFile(join(copy, "validator-state.json"), signed ? last.state : before.state);
      expect(await findDamage(join(copy, "store")), `round ${round}, byte ${at}, kind ${kind}`).toBeNull();
      const again = await openTestChain({ folder: copy, clock });
      try {
        for (const id of before.ids) expect(await again.store.place("id", id)).not.toBeNull();
        expect(again.store.head!.height).toBeGreaterThanOrEqual(before.height);
        const complete = again.store.head!.height > before.height;
        if (!signed && complete) continue;
        await again.engine.start();
        if (signed) expect(await again.store.heightOf(last.hash)).toBe(before.height + 1);
        const report = await replayChain(again.store, again.builder, newApplication());
        expect(report).toMatchObject({ height: again.engine.height, fault: null });
      } finally {
        await again.close();
      }
    }
  }, 120_000);
});
