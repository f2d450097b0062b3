// SHA-256's compression (FIPS 180-4 §6.2.2) of four messages at once: word i of every message stands in one vector, a message to
// a lane. State and schedule stay lane by lane, so that trees need no shuffles between levels. Eight rounds a turn: the working
// variables never move, and the loop stays far below the instruction cache. Only for the module with SIMD.

import { initialState, roundConstants } from "./constants";

/** Eight vectors: the state, and at the end the digest, of each lane. */
export const lanesState: usize = memory.data(128, 16);
/** 64 vectors: the message block's 16 words a lane, as big-endian numbers, and what the schedule makes of them. */
export const lanesSchedule: usize = memory.data(1024, 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sum0(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 2), rotate(x, 13)), rotate(x, 22));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function sum1(x: v128): v128 {
  return v128.xor(v128.xor(rotate(x, 6), rotate(x, 11)), rotate(x, 25));
}

/** Four words of each lane, a lane to a vector, become four vectors at `to`, a word to a vector. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function storeLanes(to: usize, lane0: v128, lane1: v128, lane2: v128, lane3: v128): void {
  const low01 = i32x4.shuffle(lane0, lane1, 0, 4, 1, 5);
  const low23 = i32x4.shuffle(lane2, lane3, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(lane0, lane1, 2, 6, 3, 7);
  const high23 = i32x4.shuffle(lane2, lane3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(low01, low23, 0, 2), 0);
  v128.store(to, i64x2.shuffle(low01, low23, 1, 3), 16);
  v128.store(to, i64x2.shuffle(high01, high23, 0, 2), 32);
  v128.store(to, i64x2.shuffle(high01, high23, 1, 3), 48);
}

/** T1. The tree of additions keeps the way from e to the next e short. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function first(e: v128, f: v128, g: v128, h: v128, word: v128): v128 {
  const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
  return add(add(h, word), add(choice, sum1(e)));
}

/** T1 + T2. `before` is b ^ c, which was a ^ b in the round before, and `now` a ^ b: they give the majority of a, b and c. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function second(t: v128, a: v128, b: v128, before: v128, now: v128): v128 {
  return add(add(t, v128.xor(b, v128.and(before, now))), sum0(a));
}

/** Word t + 16 of a schedule from words t, t + 9, t + 1 and t + 14. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function expand(w0: v128, w9: v128, w1: v128, w14: v128): v128 {
  const sigma0 = v128.xor(v128.xor(rotate(w1, 7), rotate(w1, 18)), i32x4.shr_u(w1, 3));
  const sigma1 = v128.xor(v128.xor(rotate(w14, 17), rotate(w14, 19)), i32x4.shr_u(w14, 10));
  return add(add(add(w0, w9), sigma0), sigma1);
}

/** Starts four digests. */
export function lanesBegin(): void {
  for (let i: usize = 0; i < 8; i++) v128.store(lanesState + (i << 4), v128.load32_splat(initialState + (i << 2)));
}

/** Takes in the block in `lanesSchedule`. The words for later rounds are worked out between the rounds, which hides both's latency. */
export function lanesCompress(): void {
  let a = v128.load(lanesState, 0);
  let b = v128.load(lanesState, 16);
  let c = v128.load(lanesState, 32);
  let d = v128.load(lanesState, 48);
  let e = v128.load(lanesState, 64);
  let f = v128.load(lanesState, 80);
  let g = v128.load(lanesState, 96);
  let h = v128.load(lanesState, 112);
  let x = v128.xor(b, c);
  let y: v128;
  let t: v128;
  let w: v128;
  let k = roundConstants;
  let q = lanesSchedule;
  for (; q < lanesSchedule + 768; q += 128) {
    w = v128.load(q, 0);
    t = first(e, f, g, h, add(w, v128.load32_splat(k, 0)));
    d = add(d, t);
    y = v128.xor(a, b);
    h = second(t, a, b, x, y);
    v128.store(q, expand(w, v128.load(q, 144), v128.load(q, 16), v128.load(q, 224)), 256);
    w = v128.load(q, 16);
    t = first(d, e, f, g, add(w, v128.load32_splat(k, 4)));
    c = add(c, t);
    x = v128.xor(h, a);
    g = second(t, h, a, y, x);
    v128.store(q, expand(w, v128.load(q, 160), v128.load(q, 32), v128.load(q, 240)), 272);
    w = v128.load(q, 32);
    t = first(c, d, e, f, add(w, v128.load32_splat(k, 8)));
    b = add(b, t);
    y = v128.xor(g, h);
    f = second(t, g, h, x, y);
    v128.store(q, expand(w, v128.load(q, 176), v128.load(q, 48), v128.load(q, 256)), 288);
    w = v128.load(q, 48);
    t = first(b, c, d, e, add(w, v128.load32_splat(k, 12)));
    a = add(a, t);
    x = v128.xor(f, g);
    e = second(t, f, g, y, x);
    v128.store(q, expand(w, v128.load(q, 192), v128.load(q, 64), v128.load(q, 272)), 304);
    w = v128.load(q, 64);
    t = first(a, b, c, d, add(w, v128.load32_splat(k, 16)));
    h = add(h, t);
    y = v128.xor(e, f);
    d = second(t, e, f, x, y);
    v128.store(q, expand(w, v128.load(q, 208), v128.load(q, 80), v128.load(q, 288)), 320);
    w = v128.load(q, 80);
    t = first(h, a, b, c, add(w, v128.load32_splat(k, 20)));
    g = add(g, t);
    x = v128.xor(d, e);
    c = second(t, d, e, y, x);
    v128.store(q, expand(w, v128.load(q, 224), v128.load(q, 96), v128.load(q, 304)), 336);
    w = v128.load(q, 96);
    t = first(g, h, a, b, add(w, v128.load32_splat(k, 24)));
    f = add(f, t);
    y = v128.xor(c, d);
    b = second(t, c, d, x, y);
    v128.store(q, expand(w, v128.load(q, 240), v128.load(q, 112), v128.load(q, 320)), 352);
    w = v128.load(q, 112);
    t = first(f, g, h, a, add(w, v128.load32_splat(k, 28)));
    e = add(e, t);
    x = v128.xor(b, c);
    a = second(t, b, c, y, x);
    v128.store(q, expand(w, v128.load(q, 256), v128.load(q, 128), v128.load(q, 336)), 368);
    k += 32;
  }
  for (; q < lanesSchedule + 1024; q += 128) {
    t = first(e, f, g, h, add(v128.load(q, 0), v128.load32_splat(k, 0)));
    d = add(d, t);
    y = v128.xor(a, b);
    h = second(t, a, b, x, y);
    t = first(d, e, f, g, add(v128.load(q, 16), v128.load32_splat(k, 4)));
    c = add(c, t);
    x = v128.xor(h, a);
    g = second(t, h, a, y, x);
    t = first(c, d, e, f, add(v128.load(q, 32), v128.load32_splat(k, 8)));
    b = add(b, t);
    y = v128.xor(g, h);
    f = second(t, g, h, x, y);
    t = first(b, c, d, e, add(v128.load(q, 48), v128.load32_splat(k, 12)));
    a = add(a, t);
    x = v128.xor(f, g);
    e = second(t, f, g, y, x);
    t = first(a, b, c, d, add(v128.load(q, 64), v128.load32_splat(k, 16)));
    h = add(h, t);
    y = v128.xor(e, f);
    d = second(t, e, f, x, y);
    t = first(h, a, b, c, add(v128.load(q, 80), v128.load32_splat(k, 20)));
    g = add(g, t);
    x = v128.xor(d, e);
    c = second(t, d, e, y, x);
    t = first(g, h, a, b, add(v128.load(q, 96), v128.load32_splat(k, 24)));
    f = add(f, t);
    y = v128.xor(c, d);
    b = second(t, c, d, x, y);
    t = first(f, g, h, a, add(v128.load(q, 112), v128.load32_splat(k, 28)));
    e = add(e, t);
    x = v128.xor(b, c);
    a = second(t, b, c, y, x);
    k += 32;
  }
  v128.store(lanesState, add(a, v128.load(lanesState, 0)), 0);
  v128.store(lanesState, add(b, v128.load(lanesState, 16)), 16);
  v128.store(lanesState, add(c, v128.load(lanesState, 32)), 32);
  v128.store(lanesState, add(d, v128.load(lanesState, 48)), 48);
  v128.store(lanesState, add(e, v128.load(lanesState, 64)), 64);
  v128.store(lanesState, add(f, v128.load(lanesState, 80)), 80);
  v128.store(lanesState, add(g, v128.load(lanesState, 96)), 96);
  v128.store(lanesState, add(h, v128.load(lanesState, 112)), 112);
}

/**
 * Takes in a block of each lane whose schedule, round constants added, stands at a place of its own: 64 words. They are brought
 * lane by lane eight rounds ahead, which hides the shuffles' latency.
 */
export function lanesCompressPrepared(words0: usize, words1: usize, words2: usize, words3: usize): void {
  let a = v128.load(lanesState, 0);
  let b = v128.load(lanesState, 16);
  let c = v128.load(lanesState, 32);
  let d = v128.load(lanesState, 48);
  let e = v128.load(lanesState, 64);
  let f = v128.load(lanesState, 80);
  let g = v128.load(lanesState, 96);
  let h = v128.load(lanesState, 112);
  let x = v128.xor(b, c);
  let y: v128;
  let t: v128;
  let q = lanesSchedule;
  wordsToLanes(q, words0, words1, words2, words3);
  for (let i: usize = 32; i <= 256; i += 32) {
    if (i < 256) wordsToLanes(q + 128, words0 + i, words1 + i, words2 + i, words3 + i);
    t = first(e, f, g, h, v128.load(q, 0));
    d = add(d, t);
    y = v128.xor(a, b);
    h = second(t, a, b, x, y);
    t = first(d, e, f, g, v128.load(q, 16));
    c = add(c, t);
    x = v128.xor(h, a);
    g = second(t, h, a, y, x);
    t = first(c, d, e, f, v128.load(q, 32));
    b = add(b, t);
    y = v128.xor(g, h);
    f = second(t, g, h, x, y);
    t = first(b, c, d, e, v128.load(q, 48));
    a = add(a, t);
    x = v128.xor(f, g);
    e = second(t, f, g, y, x);
    t = first(a, b, c, d, v128.load(q, 64));
    h = add(h, t);
    y = v128.xor(e, f);
    d = second(t, e, f, x, y);
    t = first(h, a, b, c, v128.load(q, 80));
    g = add(g, t);
    x = v128.xor(d, e);
    c = second(t, d, e, y, x);
    t = first(g, h, a, b, v128.load(q, 96));
    f = add(f, t);
    y = v128.xor(c, d);
    b = second(t, c, d, x, y);
    t = first(f, g, h, a, v128.load(q, 112));
    e = add(e, t);
    x = v128.xor(b, c);
    a = second(t, b, c, y, x);
    q += 128;
  }
  v128.store(lanesState, add(a, v128.load(lanesState, 0)), 0);
  v128.store(lanesState, add(b, v128.load(lanesState, 16)), 16);
  v128.store(lanesState, add(c, v128.load(lanesState, 32)), 32);
  v128.store(lanesState, add(d, v128.load(lanesState, 48)), 48);
  v128.store(lanesState, add(e, v128.load(lanesState, 64)), 64);
  v128.store(lanesState, add(f, v128.load(lanesState, 80)), 80);
  v128.store(lanesState, add(g, v128.load(lanesState, 96)), 96);
  v128.store(lanesState, add(h, v128.load(lanesState, 112)), 112);
}

/** Eight words of each lane become eight vectors at `to`, a word to a vector. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function wordsToLanes(to: usize, words0: usize, words1: usize, words2: usize, words3: usize): void {
  storeLanes(to, v128.load(words0), v128.load(words1), v128.load(words2), v128.load(words3));
  storeLanes(to + 64, v128.load(words0, 16), v128.load(words1, 16), v128.load(words2, 16), v128.load(words3, 16));
}
