// SHA-256's compression (FIPS 180-4 §6.2.2) of one message. The rounds are scalar, eight a turn, so that the working variables
// never move. The schedule is worked out eight words ahead of them, with SIMD four words a step, which hides both's latency.

import { initialState, roundConstants } from "./constants";

/** The schedule's 64 words, and behind them the same with the round constants added. */
const schedule: usize = memory.data(512, 16);
const prepared: usize = schedule + 256;

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

/** T1. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function first(e: u32, f: u32, g: u32, h: u32, word: u32): u32 {
  return h + word + (g ^ (e & (f ^ g))) + sum1(e);
}

/** T1 + T2. `before` is b ^ c, which was a ^ b in the round before, and `now` a ^ b: they give the majority of a, b and c. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function second(t: u32, a: u32, b: u32, before: u32, now: u32): u32 {
  return t + (b ^ (before & now)) + sum0(a);
}

/** Word t + 16 of a schedule from words t, t + 9, t + 1 and t + 14. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function expand(w0: u32, w9: u32, w1: u32, w14: u32): u32 {
  const sigma0 = rotr<u32>(w1, 7) ^ rotr<u32>(w1, 18) ^ (w1 >>> 3);
  const sigma1 = rotr<u32>(w14, 17) ^ rotr<u32>(w14, 19) ^ (w14 >>> 10);
  return w0 + w9 + sigma0 + sigma1;
}

/** Starts a digest: H(0) at `state`. */
export function stateBegin(state: usize): void {
  store<u64>(state, load<u64>(initialState, 0), 0);
  store<u64>(state, load<u64>(initialState, 8), 8);
  store<u64>(state, load<u64>(initialState, 16), 16);
  store<u64>(state, load<u64>(initialState, 24), 24);
}

/** Writes a finished state as the digest's 32 bytes. */
export function stateDigest(state: usize, to: usize): void {
  for (let i: usize = 0; i < 32; i += 4) store<u32>(to + i, bswap<u32>(load<u32>(state + i)));
}

/** Takes the block of 64 bytes at `from` into the state. */
export function compress(state: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) {
    for (let t: usize = 0; t < 64; t += 16) {
      const words = v128.load(from + t);
      storeWords(t, i8x16.shuffle(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    }
  } else {
    for (let t: usize = 0; t < 64; t += 4) storeWord(t, bswap<u32>(load<u32>(from + t)));
  }
  rounds(state, prepared, true);
}

/** Takes in a block whose schedule, constants added, stands at `words`. */
export function compressPrepared(state: usize, words: usize): void {
  rounds(state, words, false);
}

/** Makes the schedule of the 16 words at `words` (room for 64) and adds the round constants. */
export function prepare(words: usize): void {
  for (let t: usize = words; t < words + 192; t += 4)
    store<u32>(t, expand(load<u32>(t), load<u32>(t, 36), load<u32>(t, 4), load<u32>(t, 56)), 64);
  for (let t: usize = 0; t < 256; t += 4) store<u32>(words + t, load<u32>(words + t) + load<u32>(roundConstants + t));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function storeWord(t: usize, word: u32): void {
  store<u32>(schedule + t, word);
  store<u32>(prepared + t, word + load<u32>(roundConstants + t));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function storeWords(t: usize, words: v128): void {
  v128.store(schedule + t, words);
  v128.store(prepared + t, i32x4.add(words, v128.load(roundConstants + t)));
}

/** Works out the words 16 to 23 after those at `t` (bytes from the schedule's start). */
// @ts-ignore: a decorator of AssemblyScript
@inline
function expandEight(t: usize): void {
  const w = schedule + t;
  if (ASC_FEATURE_SIMD) {
    storeWords(t + 64, expandFour(w));
    storeWords(t + 80, expandFour(w + 16));
  } else {
    storeWord(t + 64, expand(load<u32>(w, 0), load<u32>(w, 36), load<u32>(w, 4), load<u32>(w, 56)));
    storeWord(t + 68, expand(load<u32>(w, 4), load<u32>(w, 40), load<u32>(w, 8), load<u32>(w, 60)));
    storeWord(t + 72, expand(load<u32>(w, 8), load<u32>(w, 44), load<u32>(w, 12), load<u32>(w, 64)));
    storeWord(t + 76, expand(load<u32>(w, 12), load<u32>(w, 48), load<u32>(w, 16), load<u32>(w, 68)));
    storeWord(t + 80, expand(load<u32>(w, 16), load<u32>(w, 52), load<u32>(w, 20), load<u32>(w, 72)));
    storeWord(t + 84, expand(load<u32>(w, 20), load<u32>(w, 56), load<u32>(w, 24), load<u32>(w, 76)));
    storeWord(t + 88, expand(load<u32>(w, 24), load<u32>(w, 60), load<u32>(w, 28), load<u32>(w, 80)));
    storeWord(t + 92, expand(load<u32>(w, 28), load<u32>(w, 64), load<u32>(w, 32), load<u32>(w, 84)));
  }
}

/** As `expand`, of four words from the 16 at `w`. The third and fourth depend on the first and second. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function expandFour(w: usize): v128 {
  // Loads across the vectors that were stored last would have to wait until these are in the cache: shuffles do not.
  const w0 = v128.load(w);
  const w8 = v128.load(w, 32);
  const w12 = v128.load(w, 48);
  const zero = i32x4.splat(0);
  const sum = i32x4.add(w0, sigma0Four(i32x4.shuffle(w0, v128.load(w, 16), 1, 2, 3, 4)));
  const most = i32x4.add(sum, i32x4.shuffle(w8, w12, 1, 2, 3, 4));
  const firstTwo = i32x4.add(most, sigma1Four(i32x4.shuffle(w12, zero, 2, 3, 4, 4)));
  return i32x4.add(firstTwo, sigma1Four(i32x4.shuffle(zero, firstTwo, 0, 0, 4, 5)));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function rotateFour(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sigma0Four(x: v128): v128 {
  return v128.xor(v128.xor(rotateFour(x, 7), rotateFour(x, 18)), i32x4.shr_u(x, 3));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sigma1Four(x: v128): v128 {
  return v128.xor(v128.xor(rotateFour(x, 17), rotateFour(x, 19)), i32x4.shr_u(x, 10));
}

/** The rounds over 64 prepared words, which `expanding` works out as they go. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function rounds(state: usize, words: usize, expanding: bool): void {
  let a = load<u32>(state, 0);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  let x = b ^ c;
  let y: u32;
  let t: u32;
  for (let w = words; w < words + 256; w += 32) {
    if (expanding) if (w < prepared + 192) expandEight(w - prepared);
    t = first(e, f, g, h, load<u32>(w, 0));
    d += t;
    y = a ^ b;
    h = second(t, a, b, x, y);
    t = first(d, e, f, g, load<u32>(w, 4));
    c += t;
    x = h ^ a;
    g = second(t, h, a, y, x);
    t = first(c, d, e, f, load<u32>(w, 8));
    b += t;
    y = g ^ h;
    f = second(t, g, h, x, y);
    t = first(b, c, d, e, load<u32>(w, 12));
    a += t;
    x = f ^ g;
    e = second(t, f, g, y, x);
    t = first(a, b, c, d, load<u32>(w, 16));
    h += t;
    y = e ^ f;
    d = second(t, e, f, x, y);
    t = first(h, a, b, c, load<u32>(w, 20));
    g += t;
    x = d ^ e;
    c = second(t, d, e, y, x);
    t = first(g, h, a, b, load<u32>(w, 24));
    f += t;
    y = c ^ d;
    b = second(t, c, d, x, y);
    t = first(f, g, h, a, load<u32>(w, 28));
    e += t;
    x = b ^ c;
    a = second(t, b, c, y, x);
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
