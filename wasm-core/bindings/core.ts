// The typed way into the core module: the same in Node, on a browser's main thread and in workers.
// All inputs are hostile: a verdict is returned, never a trap. Every function is synchronous; inputs are copied once into linear memory.

import type { BlockCheck } from "./block-check.ts";
import type { Comet } from "./comet.ts";
import type { Ics23 } from "./ics23.ts";
import type { IncrementalTrees } from "./incremental-tree.ts";
import type { Merkle } from "./merkle.ts";
import type { MerkleProofs } from "./merkle-proofs.ts";
import type { MerkleTrees } from "./merkle-tree.ts";
import type { MultiProofs } from "./multi-proof.ts";
import type { Sha256 } from "./sha256.ts";

export interface Core
  extends Sha256,
    Merkle,
    MerkleProofs,
    MerkleTrees,
    IncrementalTrees,
    MultiProofs,
    Comet,
    BlockCheck,
    Ics23 {}
