// Integers modulo L, the order of Ed25519's prime-order group (RFC 8032 section 5.1): L = 2^252 + delta, delta of 125 bits.
// Signed limbs of 28 bits: limb 9 weighs 2^252, so a limb q at 9 + j is the same as -q * delta at j. Variable time.

/** delta = 27742317777372353535851937790883648493. */
const delta: usize = memory.data<u64>([0xcf5d3ed, 0x12631a5, 0x79cd658, 0xf9dea2f, 0x14de]);
const limbMask: i64 = 0xfffffff;

/** L as words of 64 bits; the third is zero. */
export const L0: u64 = 0x5812631a5cf5d3ed;
export const L1: u64 = 0x14def9dea2f79cd6;
export const L3: u64 = 0x1000000000000000;

/** Limbs 0 to 18: 512 bits, or a product. */
const wide: usize = memory.data(19 * 8, 16);
const left: usize = memory.data(9 * 8, 16);
const right: usize = memory.data(9 * 8, 16);

/** True when the 32 bytes at `from` are less than L, as ZIP-215 demands of S. */
export function scalarIsCanonical(from: usize): bool {
  const top = load<u64>(from, 24);
  if (top != L3) return top < L3;
  if (load<u64>(from, 16) != 0) return false;
  const second = load<u64>(from, 8);
  return second < L1 || (second == L1 && load<u64>(from) < L0);
}

/** Writes the 64 bytes at `from` modulo L to the 32 at `to`. */
export function scalarReduce(from: usize, to: usize): void {
  unpack(from, wide, 16);
  // Limbs 16 and 17 begin at bytes 56 and 59; a load of eight bytes there would end beyond the 64.
  const end = load<u64>(from, 56);
  store<i64>(wide, end & limbMask, 16 * 8);
  store<i64>(wide, (end >>> 28) & limbMask, 17 * 8);
  store<i64>(wide, end >>> 56, 18 * 8);
  reduceWide(to);
}

/** Writes a * b + c modulo L to `to`. 32 bytes each; a, b and c less than 2^253. `to` may be one of them. */
export function scalarMultiplyAdd(a: usize, b: usize, c: usize, to: usize): void {
  unpackScalar(a, left);
  unpackScalar(b, right);
  unpackScalar(c, wide);
  memory.fill(wide + 72, 0, 80);
  // Nine products of at most 2^58 and what stands there: less than 2^62.
  for (let i: usize = 0; i < 72; i += 8) {
    const x = load<i64>(left + i);
    const row = wide + i;
    store<i64>(row, load<i64>(row, 0) + x * load<i64>(right, 0), 0);
    store<i64>(row, load<i64>(row, 8) + x * load<i64>(right, 8), 8);
    store<i64>(row, load<i64>(row, 16) + x * load<i64>(right, 16), 16);
    store<i64>(row, load<i64>(row, 24) + x * load<i64>(right, 24), 24);
    store<i64>(row, load<i64>(row, 32) + x * load<i64>(right, 32), 32);
    store<i64>(row, load<i64>(row, 40) + x * load<i64>(right, 40), 40);
    store<i64>(row, load<i64>(row, 48) + x * load<i64>(right, 48), 48);
    store<i64>(row, load<i64>(row, 56) + x * load<i64>(right, 56), 56);
    store<i64>(row, load<i64>(row, 64) + x * load<i64>(right, 64), 64);
  }
  carry(0, 18);
  reduceWide(to);
}

/** `count` limbs from bytes; the last load reaches eight bytes beyond its limb's first byte. */
function unpack(from: usize, to: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    store<i64>(to + (i << 3), (load<u64>(from + ((i * 7) >> 1)) >> ((i & 1) << 2)) & limbMask);
  }
}

/** Nine limbs from 32 bytes; the last takes all bits that are left. */
function unpackScalar(from: usize, to: usize): void {
  unpack(from, to, 7);
  const end = load<u64>(from, 24);
  store<i64>(to, (end >>> 4) & limbMask, 56);
  store<i64>(to, end >>> 32, 64);
}

/** Makes limbs `first` to `last` - 1 non-negative and less than 2^28; `last` takes what is carried on, with its sign. */
function carry(first: usize, last: usize): void {
  let over: i64 = 0;
  for (let at = wide + (first << 3), end = wide + (last << 3); at < end; at += 8) {
    const limb = load<i64>(at) + over;
    store<i64>(at, limb & limbMask);
    over = limb >> 28;
  }
  store<i64>(wide + (last << 3), load<i64>(wide + (last << 3)) + over);
}

/** Moves limb `index` (9 to 18) down to its place modulo L. */
function fold(index: usize): void {
  const at = wide + (index << 3);
  const q = load<i64>(at);
  store<i64>(at, 0);
  const low = at - 72;
  store<i64>(low, load<i64>(low, 0) - q * load<i64>(delta, 0), 0);
  store<i64>(low, load<i64>(low, 8) - q * load<i64>(delta, 8), 8);
  store<i64>(low, load<i64>(low, 16) - q * load<i64>(delta, 16), 16);
  store<i64>(low, load<i64>(low, 24) - q * load<i64>(delta, 24), 24);
  store<i64>(low, load<i64>(low, 32) - q * load<i64>(delta, 32), 32);
}

/** Writes the nineteen limbs modulo L. Limbs 0 to 17 are less than 2^28, limb 18 less than 2^30. */
function reduceWide(to: usize): void {
  for (let i: usize = 18; i >= 14; i--) fold(i);
  // The five limbs weighed less than 2^142 * 2^392 and count 2^125 / 2^252 of that: limb 14 gets at most 15 bits and a sign.
  carry(5, 14);
  for (let i: usize = 14; i >= 9; i--) fold(i);
  carry(0, 9);
  // Limb 9 has at most 15 bits: the next value lies between -2^140 and 2^252 + 2^140, so limb 9 is -1, 0 or 1 then.
  fold(9);
  carry(0, 9);
  // 1 gives a value from -delta to 2^140, 0 one from 0 to 2^252, -1 one from L - 2^140 to L.
  fold(9);
  carry(0, 9);
  if (load<i64>(wide, 72) < 0) {
    for (let i: usize = 0; i < 40; i += 8) store<i64>(wide + i, load<i64>(wide + i) + load<i64>(delta + i));
    store<i64>(wide, load<i64>(wide, 72) + 1, 72);
    carry(0, 9);
  }
  for (let i: usize = 0; i < 4; i++) {
    store<u64>(to + i * 7, load<u64>(wide + (i << 4)) | (load<u64>(wide + (i << 4), 8) << 28));
  }
  store<u32>(to, <u32>(load<u64>(wide, 64) | (load<u64>(wide, 72) << 28)), 28);
}
