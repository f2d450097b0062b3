// SHA-256 for the telemetry log, RFC 6962 §2.1 domain separation.

import { createHash } from "node:crypto";
import type { LogHasher } from "./tile-tree.ts";

const sha256 = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};
const leafPrefix = Uint8Array.of(0);
const innerPrefix = Uint8Array.of(1);

/** The platform's SHA-256: what the tests compare the WASM core with. */
export const nativeHasher: LogHasher = {
  sha256: (data) => sha256(data),
  leafHash: (leaf) => sha256(leafPrefix, leaf),
  innerHash: (left, right) => sha256(innerPrefix, left, right),
};
