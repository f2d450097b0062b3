// Loaded before a ledger to make it fail as $CLUSTER_FAIL says: "finalize:N" or "commit:N" ends the process by SIGKILL inside the N-th of
// these calls, "committed:N" right after it was synced, "app-hash:N" answers another state root for the N-th block from the start.

import { CometEngine } from "../../ledger/consensus/comet/comet-engine.ts";

const [what, number] = (process.env["CLUSTER_FAIL"] ?? ":").split(":") as [string, string];
const at = Number(number);
const { finalizeBlock, commit } = CometEngine.prototype;
let calls = 0;

const die = (): Promise<never> => {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
};

CometEngine.prototype.finalizeBlock = async function (block) {
  if (what === "finalize" && ++calls === at) {
    await finalizeBlock.call(this, block);
    return die();
  }
  const result = await finalizeBlock.call(this, block);
  if (what !== "app-hash" || ++calls !== at) return result;
  return { ...result, appHash: result.appHash.map((byte) => byte ^ 1) };
};

CometEngine.prototype.commit = async function () {
  if ((what !== "commit" && what !== "committed") || ++calls !== at) return commit.call(this);
  // The batch is on its way to the disk, or it is there.
  const written = commit.call(this);
  if (what === "committed") await written;
  return die();
};
