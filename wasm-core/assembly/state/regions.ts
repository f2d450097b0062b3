// The fixed regions of the state tree's module: where a call's input lies, where its answer goes, and lists for hashing.

export const inputBytesMax: u32 = 262144;
/** Room for the longest answer: a proof of absence with two values of 64 KiB and two paths of 256 steps, 152 KiB in all. */
export const outputBytesMax: u32 = 163840;

const input: usize = memory.data(262144, 64);
const output: usize = memory.data(163840, 64);

/** Where the caller writes a call's input, or 0 when `length` is beyond the bound. */
export function reserveInput(length: u32): usize {
  return length > inputBytesMax ? 0 : input;
}

/** Where the caller reads a call's answer. */
export function outputStart(): usize {
  return output;
}
