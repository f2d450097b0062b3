// Constants of edwards25519 (RFC 7748, section 4.1; RFC 8032, section 5.1) as pairs of field elements, made from their encodings at
// first use.

import { fromBytes } from "./encoding";
import { pairBytes } from "./field";

/** d = -121665 / 121666. */
const dBytes: usize = memory.data<u8>([
  0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
  0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52,
]);
/** A square root of -1: 2^((p - 1) / 4). */
const rootBytes: usize = memory.data<u8>([
  0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f,
  0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00, 0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b,
]);

/** (1, 1) */
export const one: usize = memory.data(192, 16);
/** (d, d) */
export const curveD: usize = memory.data(192, 16);
/** (2d, 2): from (T, Z) to the second half of a cached point. */
export const cachedFactors: usize = memory.data(192, 16);
/** (sqrt(-1), sqrt(-1)) */
export const rootOfMinusOne: usize = memory.data(192, 16);

/** Makes the constants. */
export function prepareConstants(): void {
  store<f64>(one, 1, 0);
  store<f64>(one, 1, 8);
  fromBytes(curveD, dBytes);
  fromBytes(curveD + 8, dBytes);
  fromBytes(rootOfMinusOne, rootBytes);
  fromBytes(rootOfMinusOne + 8, rootBytes);
  for (let limb: usize = 0; limb < pairBytes; limb += 16) {
    store<f64>(cachedFactors + limb, 2 * load<f64>(curveD + limb));
  }
  store<f64>(cachedFactors, 2, 8);
}
