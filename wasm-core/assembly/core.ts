// Entry of the core module: hashes, Merkle trees and proofs, CometBFT's blocks. What wasm-core/bindings calls.
// All pointers lead into the input region that `reserveInput` gives. The module imports nothing, allocates nothing and holds no
// state between calls but a digest or a stream of leaves that is under way.

export { outputStart, reserveInput } from "./memory";
export * from "./comet/block-exports";
export * from "./comet/exports";
export * from "./ics23/exports";
export * from "./merkle/exports";
export * from "./sha256/exports";
