// SHA-256's compression (FIPS 180-4 §6.2.2) of one message, by scalars.
// Eight rounds a turn are written out, so that the working variables never move.

import { initialState, roundConstants } from "./constants";

const schedule: usize = memory.data(256, 16);

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
  for (let t: usize = 0; t < 64; t += 4) store<u32>(schedule + t, bswap<u32>(load<u32>(from + t)));
  prepare(schedule);
  compressPrepared(state, schedule);
}

/** Makes the schedule of the 16 words at `words` (room for 64) and adds the round constants. */
export function prepare(words: usize): void {
  for (let t: usize = words; t < words + 192; t += 4)
    store<u32>(t, expand(load<u32>(t), load<u32>(t, 36), load<u32>(t, 4), load<u32>(t, 56)), 64);
  for (let t: usize = 0; t < 256; t += 4) store<u32>(words + t, load<u32>(words + t) + load<u32>(roundConstants + t));
}

/** Takes in a block whose schedule, constants added, stands at `words`. */
export function compressPrepared(state: usize, words: usize): void {
  rounds<u32>(state, words);
}

/** As `compressPrepared`, of one lane of a schedule of four: `words` is the lane's first word. */
export function compressPreparedLane(state: usize, words: usize): void {
  rounds<v128>(state, words);
}

/** The rounds over words that lie a `Slot` apart. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function rounds<Slot>(state: usize, words: usize): void {
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
  for (let w = words; w < words + 64 * sizeof<Slot>(); w += 8 * sizeof<Slot>()) {
    t = first(e, f, g, h, load<u32>(w, 0 * sizeof<Slot>()));
    d += t;
    y = a ^ b;
    h = second(t, a, b, x, y);
    t = first(d, e, f, g, load<u32>(w, 1 * sizeof<Slot>()));
    c += t;
    x = h ^ a;
    g = second(t, h, a, y, x);
    t = first(c, d, e, f, load<u32>(w, 2 * sizeof<Slot>()));
    b += t;
    y = g ^ h;
    f = second(t, g, h, x, y);
    t = first(b, c, d, e, load<u32>(w, 3 * sizeof<Slot>()));
    a += t;
    x = f ^ g;
    e = second(t, f, g, y, x);
    t = first(a, b, c, d, load<u32>(w, 4 * sizeof<Slot>()));
    h += t;
    y = e ^ f;
    d = second(t, e, f, x, y);
    t = first(h, a, b, c, load<u32>(w, 5 * sizeof<Slot>()));
    g += t;
    x = d ^ e;
    c = second(t, d, e, y, x);
    t = first(g, h, a, b, load<u32>(w, 6 * sizeof<Slot>()));
    f += t;
    y = c ^ d;
    b = second(t, c, d, x, y);
    t = first(f, g, h, a, load<u32>(w, 7 * sizeof<Slot>()));
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
