// Scalars as sparse signed digits (width-w non-adjacent form, Solinas 2000): every digit that is not 0 is odd and below 2^(w - 1) in
// magnitude, and at least w - 1 zeros follow it. Digits of one position of all scalars lie together.

/** Scalar with zero bytes after it, for loads past its end. */
const padded: usize = memory.data(40, 8);

/**
 * Writes the digits of a scalar of `bytes` bytes (16 or 32), digit i to `to` + i * stride; where it writes none must be 0 already.
 * Digits have `width` bits (5 to 8). Returns the number of positions used: at most 8 * bytes + 1.
 */
export function writeDigits(to: usize, stride: u32, scalar: usize, bytes: u32, width: u32, negative: bool): u32 {
  memory.fill(padded, 0, 40);
  memory.copy(padded, scalar, bytes);
  const end: u32 = 8 * bytes + 1;
  const full: i32 = 1 << width;
  let carry: u32 = 0;
  let used: u32 = 0;
  for (let position: u32 = 0; position < end; ) {
    const bits = load<u32>(padded + (position >>> 3)) >>> (position & 7);
    // Bits that equal the carry make a digit 0 and leave the carry as it is. Of the bits loaded at least 25 are the scalar's.
    const zeros = min<u32>(ctz<u32>(carry ? ~bits : bits), 24);
    if (zeros > 0) {
      position += zeros;
      continue;
    }
    let digit = <i32>((bits & (full - 1)) + carry);
    carry = 0;
    if (digit >= full >>> 1) {
      digit -= full;
      carry = 1;
    }
    store<i8>(to + <usize>(position * stride), <i8>(negative ? -digit : digit));
    used = position + 1;
    position += width;
  }
  return used;
}
