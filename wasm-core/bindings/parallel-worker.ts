// What a hashing worker does, in Node and on the web: a core from the compiled module that it is sent first, then task by task.

import { instantiateCoreSync } from "./instantiate.ts";
import { oneUntilTrap } from "./one-until-trap.ts";
import type { HashingAnswer, HashingTask } from "./parallel.ts";

/** Answers tasks; a task that fails, also by a trap, is answered with why, and the next has a core that lives. */
export function hashingTasks(module: WebAssembly.Module): (task: HashingTask) => HashingAnswer {
  const core = oneUntilTrap((discard) => instantiateCoreSync(module, discard));
  return ({ leaves, leafBytes }) => {
    try {
      return { root: core().merkleRootOfPacked(leaves, leafBytes) };
    } catch (error) {
      return { failure: String(error) };
    }
  };
}
