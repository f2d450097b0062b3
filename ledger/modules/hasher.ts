// SHA-256 and RFC 6962's trees, handed in, so that the state machine runs on the WASM core as well as on any other implementation.

export interface Hasher {
  /** A fresh array of 32 bytes. The input is not kept. */
  sha256(data: Uint8Array): Uint8Array;
  /** The hashes of all, one after the other. */
  sha256All(messages: readonly Uint8Array[]): Uint8Array;
  /** sha256(00 | leaf) */
  leafHash(leaf: Uint8Array): Uint8Array;
  /** sha256(01 | left | right) */
  innerHash(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** RFC 6962's root over leaves of any length; sha256("") when there are none. */
  merkleRoot(leaves: readonly Uint8Array[]): Uint8Array;
}
