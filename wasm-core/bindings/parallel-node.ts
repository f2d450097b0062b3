// Hashing workers of Node: worker threads that share the compiled core. A pool without work does not keep the process alive.

import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { compiledModule, loadCore } from "./node.ts";
import { type HashingAnswer, HashingPool, type SpawnHashingWorker, threadsFor } from "./parallel.ts";

/** @param threads one for each processor unless given; at most 8. Close the pool when it is no longer needed. */
export function openHashingPool(threads?: number): HashingPool {
  return new HashingPool(loadCore, spawnNodeWorker, threadsFor(availableParallelism(), threads));
}

export const spawnNodeWorker: SpawnHashingWorker = ({ answered, ended }) => {
  const worker = new Worker(new URL("./parallel-node.worker.ts", import.meta.url), {
    workerData: compiledModule("core"),
  });
  worker.unref();
  worker.on("message", (answer: HashingAnswer) => {
    worker.unref();
    answered(answer);
  });
  // An error is followed by the end, whose code says less.
  let reason: string | undefined;
  worker.on("error", (error) => {
    reason = String(error);
  });
  worker.on("messageerror", (error) => {
    reason = String(error);
    void worker.terminate();
  });
  worker.on("exit", (code) => ended(reason ?? `code ${code}`));
  return {
    post: (task, transfer) => {
      worker.postMessage(task, transfer);
      worker.ref();
    },
    terminate: () => {
      worker.removeAllListeners();
      worker.on("error", () => undefined);
      void worker.terminate();
    },
  };
};
