// A hashing worker in Node: `workerData` is the compiled core.

import { parentPort, workerData } from "node:worker_threads";
import type { HashingTask } from "./parallel.ts";
import { hashingTasks } from "./parallel-worker.ts";

const answer = hashingTasks(workerData as WebAssembly.Module);
parentPort?.on("message", (task: HashingTask) => {
  const answered = answer(task);
  parentPort?.postMessage(answered, "root" in answered ? [answered.root.buffer] : []);
});
