// `npm run test:soak`: millions of hostile, damaged and random inputs against the core, with SIMD and without, on all processors.
// Prints its seed, a line every ten seconds, and a table; ends with status 1 and the failing input when something does not hold.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { hex } from "../../ledger/protocol/bytes.ts";
import { enabledTargets } from "./enabled.ts";
import { type Failure, inputOf, runCases } from "./run-cases.ts";
import { enabledPrograms, runPrograms } from "./run-programs.ts";
import { openSubjects } from "./subject.ts";
import type { Done, Task } from "./worker.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    only: { type: "string", default: "" },
    cases: { type: "string" },
    scale: { type: "string", default: "1" },
    threads: { type: "string" },
    case: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(`npm run test:soak -- [options]
  --seed N      the random numbers' seed; the clock's when left out
  --only TEXT   targets and programs whose name contains the text
  --cases N     cases a target, units a program, instead of its own number
  --scale X     that part of each target's own number
  --threads N   all processors when left out
  --case N      this case alone, of the one target that --only names, with its input`);
  process.exit(0);
}

const seed = Number(values.seed ?? Date.now() & 0x7fff_ffff);
const chosen = enabledTargets.flatMap((target, index) => (target.name.includes(values.only) ? [index] : []));
const casesOf = (index: number): number =>
  values.cases !== undefined
    ? Number(values.cases)
    : Math.max(1, Math.round((enabledTargets[index]?.cases ?? 0) * Number(values.scale)));
const programs = enabledPrograms.filter(({ name }) => name.includes(values.only));
if (chosen.length + programs.length === 0) throw new Error(`no target and no program is called ${values.only}`);

/** Cases handed to a thread at once. */
const taskCasesMax = 20_000;
/** A case that takes longer than this has no bound. */
const caseSecondsMax = 60;
const progressSeconds = 10;

function report(failure: Failure): void {
  const { target, index, why } = failure;
  console.log(`FAILED  ${target}: ${why}`);
  console.log(`        again: npm run test:soak -- --only ${target} --seed ${failure.seed} --case ${index}`);
  console.log(`        numbers ${failure.numbers.join(" ")}`);
  console.log(`        input ${failure.hex}`);
  console.log(`        as small as it fails ${failure.shrunkHex}`);
}

if (values.case !== undefined) {
  const target = enabledTargets[chosen[0] ?? -1];
  if (target === undefined || chosen.length > 1) throw new Error("--case needs --only with one target's whole name");
  target.prepare?.();
  const input = inputOf(target, seed, Number(values.case));
  console.log(`numbers ${[...input.numbers].join(" ")}\ninput ${hex(input.bytes())}`);
  const { failure, tally } = runCases(target, openSubjects(), seed, Number(values.case), Number(values.case) + 1);
  if (failure !== undefined) report(failure);
  else console.log(`holds: ${[...tally.keys()].join(", ")}`);
  process.exit(failure === undefined ? 0 : 1);
}

const programFailures = await runPrograms(programs, seed, ({ units }) =>
  values.cases !== undefined ? Number(values.cases) : Math.max(1, Math.round(units * Number(values.scale))),
);
if (chosen.length === 0) process.exit(programFailures > 0 ? 1 : 0);

interface Total {
  cases: number;
  milliseconds: number;
  readonly tally: Map<string, number>;
}

interface Thread {
  readonly worker: Worker;
  readonly progress: Float64Array;
  task: Task | undefined;
  /** The case that was under way when last looked at, and since when. */
  seen: number;
  since: number;
}

const totals = new Map<number, Total>(chosen.map((index) => [index, { cases: 0, milliseconds: 0, tally: new Map() }]));
const failures: Failure[] = [];
const started = performance.now();
let wanted = 0;

function* tasks(): Generator<Task> {
  for (const target of chosen) {
    const cases = casesOf(target);
    for (let from = 0; from < cases; from += taskCasesMax) {
      // After its first failure a target is left alone: the rest would mostly fail the same way.
      if (failures.some((failure) => failure.target === enabledTargets[target]?.name)) break;
      yield { target, from, to: Math.min(from + taskCasesMax, cases) };
    }
  }
}

for (const index of chosen) wanted += casesOf(index);
console.log(`soak: seed ${seed}, ${chosen.length} targets, ${wanted} cases`);

const queue = tasks();
const threads: Thread[] = [];
let finished: () => void = () => undefined;
const allDone = new Promise<void>((resolve) => {
  finished = resolve;
});

function advance(thread: Thread): void {
  const next = queue.next();
  thread.task = next.done ? undefined : next.value;
  thread.seen = -1;
  if (thread.task !== undefined) thread.worker.postMessage(thread.task);
  else if (threads.every(({ task }) => task === undefined)) finished();
}

function take(thread: Thread, done: Done): void {
  const total = totals.get(done.task.target);
  if (total !== undefined) {
    total.milliseconds += done.milliseconds;
    for (const [label, count] of done.tally) {
      total.tally.set(label, (total.tally.get(label) ?? 0) + count);
      total.cases += count;
    }
  }
  if (done.failure !== undefined) {
    failures.push(done.failure);
    report(done.failure);
  }
  advance(thread);
}

const count = Number(values.threads ?? availableParallelism());
for (let i = 0; i < count; i++) {
  const progress = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { seed, progress } });
  const thread: Thread = { worker, progress, task: undefined, seen: -1, since: 0 };
  worker.on("message", (done: Done) => take(thread, done));
  worker.on("error", (error) => {
    console.log(`FAILED  a thread ended at case ${progress[0]}: ${error.stack}`);
    process.exit(1);
  });
  threads.push(thread);
}
for (const thread of threads) advance(thread);

/** Ends the run when a case is under way for too long: its loop has no bound. */
function watch(): void {
  for (const thread of threads) {
    const at = thread.progress[0] ?? 0;
    if (thread.task === undefined) continue;
    if (thread.seen !== at) {
      thread.seen = at;
      thread.since = performance.now();
      continue;
    }
    const target = enabledTargets[thread.task.target];
    if (target === undefined || performance.now() - thread.since < caseSecondsMax * 1_000) continue;
    target.prepare?.();
    const input = inputOf(target, seed, at);
    const whole = hex(input.bytes());
    const why = `no answer within ${caseSecondsMax} s`;
    report({ target: target.name, seed, index: at, why, hex: whole, shrunkHex: whole, numbers: [...input.numbers] });
    process.exit(1);
  }
}

const ticker = setInterval(() => {
  watch();
  const cases = [...totals.values()].reduce((sum, total) => sum + total.cases, 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const now = new Set(threads.flatMap(({ task }) => (task === undefined ? [] : [enabledTargets[task.target]?.name])));
  console.log(`${seconds.padStart(6)} s  ${((100 * cases) / wanted).toFixed(1).padStart(5)} %  ${[...now].join(", ")}`);
}, progressSeconds * 1_000);

await allDone;
clearInterval(ticker);
await Promise.all(threads.map(({ worker }) => worker.terminate()));

for (const index of chosen) {
  const target = enabledTargets[index];
  const total = totals.get(index);
  if (target === undefined || total === undefined) continue;
  const shares = [...total.tally]
    .sort((a, b) => b[1] - a[1])
    .map(([label, cases]) => `${label} ${cases}`)
    .join(", ");
  const each = (1000 * total.milliseconds) / Math.max(1, total.cases);
  const seconds = (total.milliseconds / 1000).toFixed(1);
  console.log(
    `${target.name.padEnd(28)} ${total.cases} cases, ${seconds} s of a processor, ${each.toFixed(1)} us each: ${shares}`,
  );
}
console.log(`soak: seed ${seed}, ${failures.length} failures, ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = failures.length + programFailures > 0 ? 1 : 0;
