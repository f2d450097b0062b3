// Entry of the ed25519 module: verification of Ed25519 signatures under ZIP-215. What wasm-core/bindings/ed25519.ts calls.
// A module of its own, because whoever verifies natively loads it only when native code has rejected a signature.

export { outputStart, reserveInput } from "./ed25519/memory";
export * from "./ed25519/exports";
// Parts that the tests compare with other arithmetic.
export { halfSize } from "./ed25519/half-size";
export { scalarIsCanonical, scalarMultiplyAdd, scalarReduce } from "./ed25519/scalar";
export { sha512Begin, sha512Finish, sha512Update } from "./ed25519/sha512";
