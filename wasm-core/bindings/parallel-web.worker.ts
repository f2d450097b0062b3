// A hashing worker on the web: its first message is the compiled core.

import type { HashingAnswer, HashingTask } from "./parallel.ts";
import { hashingTasks } from "./parallel-worker.ts";

let answer: ((task: HashingTask) => HashingAnswer) | undefined;

self.onmessage = ({ data }: MessageEvent<WebAssembly.Module | HashingTask>) => {
  if (data instanceof WebAssembly.Module) {
    answer = hashingTasks(data);
    return;
  }
  if (answer === undefined) throw new Error("the first message is the core's module");
  const answered = answer(data);
  self.postMessage(answered, { transfer: "root" in answered ? [answered.root.buffer] : [] });
};
