// Unsigned varints (LEB128, as in Protocol Buffers) of safe integers.

/** @throws {RangeError} when a value is no unsigned safe integer. */
export function writeVarints(values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no unsigned safe integer`);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** @throws {RangeError} when the bytes end within a value or a value is not safe. */
export function readVarints(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    if (value > Number.MAX_SAFE_INTEGER) throw new RangeError("a varint is too large");
    if (byte < 0x80) {
      values.push(value);
      value = 0;
      scale = 1;
    } else scale *= 0x80;
  }
  if (scale !== 1) throw new RangeError("a varint is cut off");
  return values;
}
