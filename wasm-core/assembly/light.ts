// Entry of the light module: what a light client needs of the core, for pages that have no more than that to check.

export { outputStart, reserveInput } from "./memory";
export { checkLightBlock, checkTrusting } from "./comet/block-exports";
export * from "./comet/exports";
export { verifyMembership, verifyNonMembership } from "./ics23/exports";
export {
  innerHash,
  treeBegin,
  treeDigest,
  treeFinish,
  treeHashes,
  treeLeaves,
  treePacked,
  verifyConsistency,
  verifyInclusion,
} from "./merkle/exports";
export * from "./sha256/exports";
