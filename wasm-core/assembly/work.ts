// Room above a call's input for tables and answers whose size depends on the input. It starts over with every call and grows to
// the module's maximum.

let top: usize = 0;

/** Starts over above `from`, the end of the input. */
export function workBegin(from: usize): void {
  top = (from + 15) & ~15;
}

/** Where the next bytes go. Tables are filled by taking their entries one after the other. */
export function workTop(): usize {
  return top;
}

/** Takes `length` bytes, at most 4 MiB at once; 0 when the memory is at its maximum. */
export function workTake(length: u32): usize {
  if (length > 4 << 20) return 0;
  const pages = <i32>((top + length + 0xffff) >>> 16);
  const have = memory.size();
  if (pages > have && memory.grow(pages - have) < 0) return 0;
  const start = top;
  top += length;
  return start;
}
