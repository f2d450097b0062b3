// Roots hashed by several workers equal one core's, and nothing that happens to a worker leaves a caller waiting.

import { afterAll, describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { compiledModule, loadCore } from "./node.ts";
import {
  type HashingAnswer,
  HashingPool,
  type HashingTask,
  type HashingWorker,
  type HashingWorkerEvents,
  leavesRoom,
  ParallelHashingFailed,
  type SpawnHashingWorker,
  threadsFor,
} from "./parallel.ts";
import { openHashingPool, spawnNodeWorker } from "./parallel-node.ts";
import { hashingTasks } from "./parallel-worker.ts";

const core = loadCore();
const seed = Date.now() & 0x7fff_ffff;
console.log(`parallel hashing: seed ${seed}`);
const random = seededNumbers(seed);

function fill(leaves: Uint8Array): Uint8Array {
  for (let i = 0; i < leaves.length; i += 1 + random(64)) leaves[i] = random(256);
  return leaves;
}

/** By the definition of RFC 6962, from leaf hashes of one core. */
function rootOf(leaves: Uint8Array, leafBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < leaves.length; at += leafBytes) parts.push(leaves.subarray(at, at + leafBytes));
  return core.merkleRoot(parts);
}

/** A thread's entry is TypeScript, which Node runs from version 22.18 on; vitest itself may run on an older one. */
const runsTypeScript = Boolean(process.features.typescript);

describe.skipIf(!runsTypeScript).each([1, 2, 3])("a pool of %i worker threads", (threads) => {
  const pool = openHashingPool(threads);
  afterAll(() => pool.close());

  // One subtree of 32-byte leaves has at least 2,048 of them.
  test.each([0, 1, 2, 3, 2047, 2048, 2049, 4096, 4097, 12_345, 100_000])("hashes %i leaves", async (count) => {
    const own = fill(new Uint8Array(count * 32));
    const shared = leavesRoom(own.length);
    shared.set(own);
    const root = rootOf(own, 32);
    expect(await pool.merkleRootOfPacked(own, 32)).toEqual(root);
    expect(await pool.merkleRootOfPacked(shared, 32)).toEqual(root);
    expect(own.length).toBe(count * 32);
  });

  test("hashes leaves of other lengths, from the middle of a buffer, several trees at once", async () => {
    const trees = Array.from({ length: 12 }, () => {
      const leafBytes = [1, 7, 33, 64, 1000, 65_536][random(6)]!;
      const count = 1 + random(Math.ceil(2_000_000 / leafBytes));
      const room = random(2) === 0 ? leavesRoom(count * leafBytes + 9) : new Uint8Array(count * leafBytes + 9);
      return { leafBytes, leaves: fill(room).subarray(9) };
    });
    // A byte a leaf makes millions of leaves: enough is enough.
    const few = trees.map(({ leafBytes, leaves }) => ({ leafBytes, leaves: leaves.subarray(0, leafBytes * 70_000) }));
    const roots = await Promise.all(few.map(({ leaves, leafBytes }) => pool.merkleRootOfPacked(leaves, leafBytes)));
    expect(roots).toEqual(few.map(({ leaves, leafBytes }) => rootOf(leaves, leafBytes)));
  });
});

describe.skipIf(!runsTypeScript)("leaves that are not the caller's alone", () => {
  test("of a Buffer stay the caller's", async () => {
    const pool = openHashingPool(2);
    const leaves = Buffer.alloc(32 * 5000, 7);
    expect(await pool.merkleRootOfPacked(leaves, 32)).toEqual(rootOf(new Uint8Array(leaves), 32));
    expect(leaves.length).toBe(32 * 5000);
    pool.close();
  });
});

/** A worker without a thread: its tasks wait until the test answers them, or ends it. */
class FakeWorker implements HashingWorker {
  readonly events: HashingWorkerEvents;
  readonly tasks: HashingTask[] = [];
  terminated = false;
  readonly #answer = hashingTasks(compiledModule("core"));

  constructor(events: HashingWorkerEvents) {
    this.events = events;
  }

  post(task: HashingTask): void {
    this.tasks.push(task);
  }

  terminate(): void {
    this.terminated = true;
  }

  answer(answer: HashingAnswer = this.#answer(this.tasks[0]!)): void {
    this.tasks.shift();
    this.events.answered(answer);
  }
}

function fakePool(threads: number): { readonly pool: HashingPool; readonly workers: FakeWorker[] } {
  const workers: FakeWorker[] = [];
  const spawn: SpawnHashingWorker = (events) => {
    const worker = new FakeWorker(events);
    workers.push(worker);
    return worker;
  };
  return { pool: new HashingPool(() => core, spawn, threads), workers };
}

/** Lets the workers answer until none has a task. */
function answerAll(workers: readonly FakeWorker[]): void {
  while (workers.some(({ tasks }) => tasks.length > 0))
    for (const worker of workers) if (worker.tasks.length > 0) worker.answer();
}

const large = fill(new Uint8Array(32 * 5000));
const largeRoot = rootOf(large, 32);

describe("the pool", () => {
  test("takes 1 to 8 threads", () => {
    expect([undefined, 1, 3, 8, 9, 1e9, 0, -1, Number.NaN, 2.9].map((asked) => threadsFor(64, asked))).toEqual([
      8, 1, 3, 8, 8, 8, 1, 1, 1, 2,
    ]);
    expect(threadsFor(2)).toBe(2);
  });

  test("starts no more workers than there are subtrees, and gives each one at a time", async () => {
    const { pool, workers } = fakePool(8);
    const root = pool.merkleRootOfPacked(large, 32);
    expect(workers.map(({ tasks }) => tasks.length)).toEqual([1, 1, 1]);
    const second = pool.merkleRootOfPacked(large, 32);
    expect(workers.length).toBe(6);
    const third = pool.merkleRootOfPacked(large, 32);
    expect(workers.map(({ tasks }) => tasks.length)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    answerAll([...workers].reverse());
    expect(await Promise.all([root, second, third])).toEqual([largeRoot, largeRoot, largeRoot]);
    expect(workers.length).toBe(8);
  });

  test("refuses what is no list of leaves", async () => {
    const { pool, workers } = fakePool(2);
    for (const leafBytes of [0, -1, 1.5, Number.NaN, 65_537, 33])
      await expect(pool.merkleRootOfPacked(large, leafBytes)).rejects.toThrow(RangeError);
    expect(workers).toEqual([]);
  });

  test("refuses a tree whose worker ended; the others go on with a new worker", async () => {
    const { pool, workers } = fakePool(2);
    const first = pool.merkleRootOfPacked(large, 32);
    const second = pool.merkleRootOfPacked(large, 32);
    workers[0]!.events.ended("out of memory");
    await expect(first).rejects.toThrow(new ParallelHashingFailed("a hashing worker ended: out of memory"));
    expect(workers.length).toBe(3);
    answerAll(workers.slice(1));
    expect(await second).toEqual(largeRoot);
    workers[0]!.events.ended("twice");
    expect(workers.length).toBe(3);
  });

  test("refuses a tree with a subtree that failed; its worker goes on", async () => {
    const { pool, workers } = fakePool(1);
    const first = pool.merkleRootOfPacked(large, 32);
    const second = pool.merkleRootOfPacked(large, 32);
    workers[0]!.answer({ failure: "CoreTrapped" });
    await expect(first).rejects.toThrow("a hashing worker failed: CoreTrapped");
    answerAll(workers);
    expect(await second).toEqual(largeRoot);
    expect(workers.length).toBe(1);
  });

  test("refuses a tree when no worker can be started, and tries again for the next", async () => {
    let tries = 0;
    const workers: FakeWorker[] = [];
    const spawn: SpawnHashingWorker = (events) => {
      if (++tries === 1) throw new Error("no threads left");
      workers.push(new FakeWorker(events));
      return workers.at(-1)!;
    };
    const pool = new HashingPool(() => core, spawn, 1);
    await expect(pool.merkleRootOfPacked(large, 32)).rejects.toThrow(/could not be given work: Error: no threads left/);
    const second = pool.merkleRootOfPacked(large, 32);
    answerAll(workers);
    expect(await second).toEqual(largeRoot);
  });

  test("refuses a tree whose leaves are moved away before all were taken", async () => {
    const { pool, workers } = fakePool(1);
    const leaves = large.slice();
    const first = pool.merkleRootOfPacked(leaves, 32);
    const second = pool.merkleRootOfPacked(large, 32);
    structuredClone(leaves.buffer, { transfer: [leaves.buffer] });
    answerAll(workers);
    await expect(first).rejects.toThrow("resized or moved away");
    expect(await second).toEqual(largeRoot);
  });

  test("joins with a core that lives: one that trapped was replaced", async () => {
    const dead = {
      merkleRootOfHashes: () => {
        throw new Error("trapped");
      },
    };
    const cores = [dead, Promise.resolve(core), core];
    const workers: FakeWorker[] = [];
    const spawn: SpawnHashingWorker = (events) => {
      workers.push(new FakeWorker(events));
      return workers.at(-1)!;
    };
    const pool = new HashingPool(() => cores.shift()!, spawn, 1);
    for (const trapped of [true, false, false]) {
      const tree = pool.merkleRootOfPacked(large, 32);
      answerAll(workers);
      if (trapped) await expect(tree).rejects.toThrow("trapped");
      else expect(await tree).toEqual(largeRoot);
    }
  });

  test("gives up an aborted tree at once, and drops what its workers still answer", async () => {
    const { pool, workers } = fakePool(1);
    const reason = new Error("no longer wanted");
    await expect(pool.merkleRootOfPacked(large, 32, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(workers).toEqual([]);
    const abort = new AbortController();
    const first = pool.merkleRootOfPacked(large, 32, abort.signal);
    const second = pool.merkleRootOfPacked(large, 32);
    abort.abort(reason);
    await expect(first).rejects.toBe(reason);
    expect(workers[0]!.tasks.length).toBe(1);
    answerAll(workers);
    expect(await second).toEqual(largeRoot);
  });

  test("refuses more than 64 trees at once, and takes more when some are done", async () => {
    const { pool, workers } = fakePool(2);
    const trees = Array.from({ length: 64 }, () => pool.merkleRootOfPacked(large, 32));
    await expect(pool.merkleRootOfPacked(large, 32)).rejects.toThrow("64 trees are under way already");
    answerAll(workers);
    for (const root of await Promise.all(trees)) expect(root).toEqual(largeRoot);
    const another = pool.merkleRootOfPacked(large, 32);
    answerAll(workers);
    expect(await another).toEqual(largeRoot);
  });

  test("closes: workers end, trees under way and later ones are refused", async () => {
    const { pool, workers } = fakePool(2);
    const tree = pool.merkleRootOfPacked(large, 32);
    pool.close();
    pool.close();
    await expect(tree).rejects.toThrow(new ParallelHashingFailed("the pool was closed"));
    await expect(pool.merkleRootOfPacked(large, 32)).rejects.toThrow(new ParallelHashingFailed("the pool is closed"));
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
    workers[0]!.answer();
    workers[1]!.events.ended("late");
    expect(workers.length).toBe(2);
  });
});

describe("a worker thread", () => {
  test("that is given no core answers why, task by task", async () => {
    const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    const answer = hashingTasks(empty);
    for (let i = 0; i < 2; i++)
      expect(answer({ leaves: large, leafBytes: 32 })).toEqual({
        failure: "TypeError: the module does not export reserveInput",
      });
  });

  test.skipIf(!runsTypeScript)("that throws ends with its error", async () => {
    const reason = await new Promise<string>((resolve) => {
      const worker = spawnNodeWorker({ answered: () => resolve("answered"), ended: resolve });
      // A worker takes tasks only: what is none makes it throw.
      worker.post(null as unknown as HashingTask, []);
    });
    expect(reason).toMatch(/TypeError/);
  });
});
