// Hashing workers of browsers, from the page or from a worker of it. All share the compiled core.

import { compiledCore, loadCore } from "./browser.ts";
import { type HashingAnswer, HashingPool, type SpawnHashingWorker, threadsFor } from "./parallel.ts";

/** @param threads one for each processor unless given; at most 8. Close the pool when it is no longer needed. */
export async function openHashingPool(threads?: number): Promise<HashingPool> {
  const [module] = await Promise.all([compiledCore(), loadCore()]);
  return new HashingPool(loadCore, spawnWebWorker(module), threadsFor(navigator.hardwareConcurrency, threads));
}

function spawnWebWorker(module: WebAssembly.Module): SpawnHashingWorker {
  return ({ answered, ended }) => {
    const worker = new Worker(new URL("./parallel-web.worker.ts", import.meta.url), { type: "module" });
    const end = (reason: string): void => {
      worker.terminate();
      ended(reason);
    };
    worker.onmessage = ({ data }: MessageEvent<HashingAnswer>) => answered(data);
    // What a worker throws does not end it, but its task is lost; a script that does not load has no message.
    worker.onerror = ({ message }) => end(message || "its script does not load");
    worker.onmessageerror = () => end("a message could not be read");
    worker.postMessage(module);
    return {
      post: (task, transfer) => worker.postMessage(task, [...transfer]),
      terminate: () => worker.terminate(),
    };
  };
}
