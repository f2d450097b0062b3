// The linear memory's one input region and one output region. Nothing is allocated: every call starts over at the same place.
// The region begins at __heap_base and grows to at most 4 MiB; the module's memory has a maximum of 8 MiB.

export const inputBytesMax: u32 = 4 << 20;
/** Room for the longest answer: sign bytes of a vote whose fields are at their bounds. */
export const outputBytesMax: u32 = 8192;
const output: usize = memory.data(8192, 16);

/** Where the caller writes a call's input, or 0 when `length` is beyond the bound. */
export function reserveInput(length: u32): usize {
  if (length > inputBytesMax) return 0;
  const start = (__heap_base + 15) & ~15;
  const pages = <i32>((start + length + 0xffff) >>> 16);
  const have = memory.size();
  if (pages > have && memory.grow(pages - have) < 0) return 0;
  return start;
}

/** True when `length` bytes at `from` lie in the input region, as far as memory has grown for it. */
export function isInput(from: usize, length: u64): bool {
  return from >= __heap_base && <u64>from + length <= <u64>memory.size() << 16;
}

/** Where the caller reads a call's answer. */
export function outputStart(): usize {
  return output;
}

/** True when `length` bytes are the same at both places. */
export function bytesEqual(a: usize, b: usize, length: u32): bool {
  return memory.compare(a, b, length) == 0;
}
