// All that the soak runs, one line a subject.

import type { Target } from "./target.ts";
import { blockTargets } from "./targets/blocks.ts";
import { cometRecordTargets } from "./targets/comet-records.ts";
import { digestListTarget } from "./targets/digest-lists.ts";
import { ed25519Target } from "./targets/ed25519.ts";
import { digestTarget, packedRootTarget, rootTarget } from "./targets/equality.ts";
import { growingTreeTarget } from "./targets/growing-trees.ts";
import { ics23Targets } from "./targets/ics23.ts";
import { inclusionBatchTarget } from "./targets/inclusion-batches.ts";
import { leavesTarget } from "./targets/leaves.ts";
import { merkleProofTargets } from "./targets/merkle-proofs.ts";
import { multiProofTarget } from "./targets/multi-proofs.ts";
import { stateTargets } from "./targets/state-trees.ts";
import { typedCallTarget } from "./targets/typed-calls.ts";

export const enabledTargets: readonly Target[] = [
  digestTarget,
  digestListTarget,
  rootTarget,
  packedRootTarget,
  leavesTarget,
  ...merkleProofTargets,
  inclusionBatchTarget,
  multiProofTarget,
  ...ics23Targets,
  ...cometRecordTargets,
  ...blockTargets,
  ...stateTargets,
  growingTreeTarget,
  typedCallTarget,
  ed25519Target,
];
