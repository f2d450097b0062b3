// SHA-256 of single messages of any length (FIPS 180-4).

import type { InputRegion } from "./input-region.ts";
import { pieceBytes } from "./input-region.ts";

export interface Sha256 {
  sha256(data: Uint8Array): Uint8Array<ArrayBuffer>;
}

export interface Sha256Exports {
  readonly digestBegin: (leaf: number) => void;
  readonly digestUpdate: (from: number, length: number) => void;
  readonly digestFinish: () => void;
}

export const sha256ExportNames = [
  "digestBegin",
  "digestUpdate",
  "digestFinish",
] as const satisfies readonly (keyof Sha256Exports)[];

/** Takes a message in, as a Merkle leaf or plainly; the digest is then under way in the core. */
export function streamDigest(exports: Sha256Exports, region: InputRegion, data: Uint8Array, leaf: boolean): void {
  exports.digestBegin(leaf ? 1 : 0);
  for (let from = 0; from < data.length; from += pieceBytes) {
    const piece = data.subarray(from, from + pieceBytes);
    exports.digestUpdate(region.place(piece), piece.length);
  }
}

export function bindSha256(exports: Sha256Exports, region: InputRegion): Sha256 {
  return {
    sha256(data) {
      streamDigest(exports, region, data, false);
      exports.digestFinish();
      return region.output(32);
    },
  };
}
