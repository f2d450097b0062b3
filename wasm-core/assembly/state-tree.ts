// Entry of the state tree's module: the ledger's authenticated map from names to values, versions and proofs. What
// wasm-core/bindings/state-tree.ts calls. One instance holds one tree, in memory of at most 4 GiB.

export * from "./state/exports";
