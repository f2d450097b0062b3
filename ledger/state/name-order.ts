// The one order of state names: that of their UTF-8 bytes, which is the order of code points and of the store's keys. UTF-16
// (JavaScript's `<`) differs from it where one side has a surrogate and the other a unit from U+E000 on.

import { utf8 } from "../protocol/bytes.ts";

const highUnits = /[\ud800-\uffff]/;
const loneSurrogate = /\p{Surrogate}/u;

/** Negative when `a` comes before `b`, 0 when they are the same, positive otherwise. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  // The first units that differ decide. They decide wrongly only where both are surrogates or above.
  if (!highUnits.test(a) || !highUnits.test(b)) return a < b ? -1 : 1;
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
}

/** How names of a list compare: as `compareNames`, and quicker where none of them has a unit that may decide wrongly. */
export function comparisonFor(list: readonly { readonly name: string }[]): (a: string, b: string) => number {
  return list.some(({ name }) => highUnits.test(name)) ? compareNames : compareUnits;
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a === b ? 0 : 1;
}

/** A unit's place among units; NaN, beyond a text's end, comes before all. Surrogates stand for code points above U+FFFF. */
function rankOf(unit: number): number {
  if (Number.isNaN(unit)) return -1;
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x2000 : unit >= 0xe000 ? unit - 0x800 : unit;
}

/**
 * UTF-8 bytes of a text that names are compared with. What follows a lone surrogate, which no name has, decides nothing: the
 * text stands there for a place between all names with lower and all with higher code points, and is no name's beginning.
 */
export function boundOf(text: string): Uint8Array {
  const at = text.search(loneSurrogate);
  return at < 0 ? utf8(text) : Uint8Array.from([...utf8(text.slice(0, at)), 0xed, 0xa0]);
}

/** As `compareNames`, for UTF-8 bytes. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
