// Snappy, decompressing only (format_description.txt of google/snappy): LevelDB's tables keep their index so.

/** @throws {RangeError} when the bytes are no Snappy block of at most `bytesMax`. */
export function snappyDecompress(bytes: Uint8Array, bytesMax: number): Uint8Array {
  let at = 0;
  const next = (): number => {
    const byte = bytes[at++];
    if (byte === undefined) throw new RangeError("a Snappy block is cut off");
    return byte;
  };
  const number = (count: number): number => {
    let value = 0;
    for (let index = 0; index < count; index++) value += next() * 2 ** (8 * index);
    return value;
  };
  let length = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = next();
    length += (byte & 0x7f) * scale;
    if (length > bytesMax) throw new RangeError("a Snappy block is too large");
    if (byte < 0x80) break;
  }
  const out = new Uint8Array(length);
  let to = 0;
  while (at < bytes.length) {
    const tag = next();
    if ((tag & 3) === 0) {
      const short = tag >>> 2;
      const count = (short < 60 ? short : number(short - 59)) + 1;
      if (at + count > bytes.length || to + count > length) throw new RangeError("a Snappy literal is too long");
      out.set(bytes.subarray(at, at + count), to);
      at += count;
      to += count;
      continue;
    }
    const near = (tag & 3) === 1;
    const count = near ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = near ? (tag >>> 5) * 256 + next() : number((tag & 3) === 2 ? 2 : 4);
    if (offset === 0 || offset > to || to + count > length) throw new RangeError("a Snappy copy reaches outside");
    // Byte by byte: a copy may overlap what it writes.
    for (let index = 0; index < count; index++, to++) out[to] = out[to - offset]!;
  }
  if (to !== length) throw new RangeError("a Snappy block is too short");
  return out;
}
