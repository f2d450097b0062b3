// SHA-256, handed in, so that the state machine runs on the WASM core as well as on any other implementation.

export interface Hasher {
  /** A fresh array of 32 bytes. The input is not kept. */
  sha256(data: Uint8Array): Uint8Array;
}
