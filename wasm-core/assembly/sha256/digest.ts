// SHA-256 (FIPS 180-4), incremental over any length. One digest at a time: finish one before beginning the next.
// Eight rounds a turn are written out, so that the working variables never move.

const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const state: usize = memory.data(32, 16);
const schedule: usize = memory.data(256, 16);
const block: usize = memory.data(64, 16);
let blockLength: u32 = 0;
let totalLength: u64 = 0;

/** Starts a digest. */
export function sha256Begin(): void {
  store<u32>(state, 0x6a09e667, 0);
  store<u32>(state, 0xbb67ae85, 4);
  store<u32>(state, 0x3c6ef372, 8);
  store<u32>(state, 0xa54ff53a, 12);
  store<u32>(state, 0x510e527f, 16);
  store<u32>(state, 0x9b05688c, 20);
  store<u32>(state, 0x1f83d9ab, 24);
  store<u32>(state, 0x5be0cd19, 28);
  blockLength = 0;
  totalLength = 0;
}

/** Takes in bytes. */
export function sha256Update(from: usize, length: u32): void {
  totalLength += length;
  if (blockLength > 0) {
    const take = min<u32>(64 - blockLength, length);
    memory.copy(block + blockLength, from, take);
    blockLength += take;
    from += take;
    length -= take;
    if (blockLength < 64) return;
    compress(block);
    blockLength = 0;
  }
  while (length >= 64) {
    compress(from);
    from += 64;
    length -= 64;
  }
  if (length > 0) {
    memory.copy(block, from, length);
    blockLength = length;
  }
}

/** Takes in one byte. */
export function sha256Byte(byte: u32): void {
  store<u8>(block + blockLength, <u8>byte);
  blockLength++;
  totalLength++;
  if (blockLength == 64) {
    compress(block);
    blockLength = 0;
  }
}

/** Writes the digest's 32 bytes. */
export function sha256Finish(to: usize): void {
  const bits = totalLength << 3;
  store<u8>(block + blockLength, 0x80);
  blockLength++;
  if (blockLength > 56) {
    memory.fill(block + blockLength, 0, 64 - blockLength);
    compress(block);
    blockLength = 0;
  }
  memory.fill(block + blockLength, 0, 56 - blockLength);
  store<u64>(block, bswap<u64>(bits), 56);
  compress(block);
  blockLength = 0;
  store<u32>(to, bswap<u32>(load<u32>(state, 0)), 0);
  store<u32>(to, bswap<u32>(load<u32>(state, 4)), 4);
  store<u32>(to, bswap<u32>(load<u32>(state, 8)), 8);
  store<u32>(to, bswap<u32>(load<u32>(state, 12)), 12);
  store<u32>(to, bswap<u32>(load<u32>(state, 16)), 16);
  store<u32>(to, bswap<u32>(load<u32>(state, 20)), 20);
  store<u32>(to, bswap<u32>(load<u32>(state, 24)), 24);
  store<u32>(to, bswap<u32>(load<u32>(state, 28)), 28);
}

/** Digest of bytes that lie together. */
export function sha256Of(from: usize, length: u32, to: usize): void {
  sha256Begin();
  sha256Update(from, length);
  sha256Finish(to);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) | (z & (x | y));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sum0(x: u32): u32 {
  return rotr<u32>(x, 2) ^ rotr<u32>(x, 13) ^ rotr<u32>(x, 22);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sum1(x: u32): u32 {
  return rotr<u32>(x, 6) ^ rotr<u32>(x, 11) ^ rotr<u32>(x, 25);
}

function compress(from: usize): void {
  for (let t: usize = 0; t < 64; t += 4) store<u32>(schedule + t, bswap<u32>(load<u32>(from + t)));
  for (let t: usize = schedule; t < schedule + 192; t += 4) {
    const w1 = load<u32>(t, 4);
    const w14 = load<u32>(t, 56);
    const sigma0 = rotr<u32>(w1, 7) ^ rotr<u32>(w1, 18) ^ (w1 >>> 3);
    const sigma1 = rotr<u32>(w14, 17) ^ rotr<u32>(w14, 19) ^ (w14 >>> 10);
    store<u32>(t, load<u32>(t) + sigma0 + load<u32>(t, 36) + sigma1, 64);
  }
  let a = load<u32>(state, 0);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  let t: u32;
  for (let i: usize = 0; i < 256; i += 32) {
    const k = K + i;
    const w = schedule + i;
    t = h + sum1(e) + choose(e, f, g) + load<u32>(k, 0) + load<u32>(w, 0);
    d += t;
    h = t + sum0(a) + majority(a, b, c);
    t = g + sum1(d) + choose(d, e, f) + load<u32>(k, 4) + load<u32>(w, 4);
    c += t;
    g = t + sum0(h) + majority(h, a, b);
    t = f + sum1(c) + choose(c, d, e) + load<u32>(k, 8) + load<u32>(w, 8);
    b += t;
    f = t + sum0(g) + majority(g, h, a);
    t = e + sum1(b) + choose(b, c, d) + load<u32>(k, 12) + load<u32>(w, 12);
    a += t;
    e = t + sum0(f) + majority(f, g, h);
    t = d + sum1(a) + choose(a, b, c) + load<u32>(k, 16) + load<u32>(w, 16);
    h += t;
    d = t + sum0(e) + majority(e, f, g);
    t = c + sum1(h) + choose(h, a, b) + load<u32>(k, 20) + load<u32>(w, 20);
    g += t;
    c = t + sum0(d) + majority(d, e, f);
    t = b + sum1(g) + choose(g, h, a) + load<u32>(k, 24) + load<u32>(w, 24);
    f += t;
    b = t + sum0(c) + majority(c, d, e);
    t = a + sum1(f) + choose(f, g, h) + load<u32>(k, 28) + load<u32>(w, 28);
    e += t;
    a = t + sum0(b) + majority(b, c, d);
  }
  store<u32>(state, load<u32>(state, 0) + a, 0);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}
