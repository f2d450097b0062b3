// One thread of the soak: takes ranges of cases from run.ts and answers with tallies. What it is at stands in shared memory, so that
// a call that never returns can be told from a slow one, and its input be found.

import { parentPort, workerData } from "node:worker_threads";
import { enabledTargets } from "./enabled.ts";
import { type Outcome, runCases } from "./run-cases.ts";
import { openSubjects } from "./subject.ts";

/** A range of one target's cases. */
export interface Task {
  readonly target: number;
  readonly from: number;
  readonly to: number;
}

export interface Done extends Outcome {
  readonly task: Task;
  /** Of this thread's processor time, so that figures mean the same on a busy machine. */
  readonly milliseconds: number;
}

function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

const { seed, progress } = workerData as { seed: number; progress: Float64Array };
const subjects = openSubjects();
const prepared = new Set<number>();

parentPort?.on("message", (task: Task) => {
  const target = enabledTargets[task.target];
  if (target === undefined) throw new RangeError(`no target ${task.target}`);
  const started = cpuMilliseconds();
  if (!prepared.has(task.target)) target.prepare?.();
  prepared.add(task.target);
  const outcome = runCases(target, subjects, seed, task.from, task.to, progress);
  const done: Done = { ...outcome, task, milliseconds: cpuMilliseconds() - started };
  parentPort?.postMessage(done);
});
