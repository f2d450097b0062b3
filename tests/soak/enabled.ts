// All that the soak runs, one line a subject.

import type { Target } from "./target.ts";
import { blockTargets } from "./targets/blocks.ts";
import { cometRecordTargets } from "./targets/comet-records.ts";
import { digestListTarget } from "./targets/digest-lists.ts";
import { ed25519Target } from "./targets/ed25519.ts";
import { ed25519VerdictTargets } from "./targets/ed25519-verdicts.ts";
import { digestTarget, packedDigestTarget, packedRootTarget, rootTarget } from "./targets/equality.ts";
import { growingTreeTarget } from "./targets/growing-trees.ts";
import { ics23Targets } from "./targets/ics23.ts";
import { ics23BatchTarget } from "./targets/ics23-batches.ts";
import { inclusionBatchTarget } from "./targets/inclusion-batches.ts";
import { leavesTarget } from "./targets/leaves.ts";
import { merkleProofTargets } from "./targets/merkle-proofs.ts";
import { multiProofTarget } from "./targets/multi-proofs.ts";
import { stateLimitTarget } from "./targets/state-limits.ts";
import { stateTargets } from "./targets/state-trees.ts";
import { typedCallTarget } from "./targets/typed-calls.ts";

export const enabledTargets: readonly Target[] = [
  digestTarget,
  digestListTarget,
  packedDigestTarget,
  rootTarget,
  packedRootTarget,
  leavesTarget,
  ...merkleProofTargets,
  inclusionBatchTarget,
  multiProofTarget,
  ...ics23Targets,
  ics23BatchTarget,
  ...cometRecordTargets,
  ...blockTargets,
  ...stateTargets,
  stateLimitTarget,
  ed25519Target,
  ...ed25519VerdictTargets,
  growingTreeTarget,
  typedCallTarget,
];
