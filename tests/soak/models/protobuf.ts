// Protocol Buffers (proto3) written plainly: default values are left out, numbers are unsigned or two's complement of 64 bits.

export type Field = readonly number[];

export function varint(value: bigint): Field {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

export function varintField(field: number, value: bigint): Field {
  return value === 0n ? [] : [field << 3, ...varint(value)];
}

export function fixed64Field(field: number, value: bigint): Field {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return value === 0n ? [] : [(field << 3) | 1, ...bytes];
}

export function bytesField(field: number, bytes: ArrayLike<number>): Field {
  return bytes.length === 0 ? [] : messageField(field, bytes);
}

/** Written even when empty, as messages are that are there. */
export function messageField(field: number, bytes: ArrayLike<number>): Field {
  return [(field << 3) | 2, ...varint(BigInt(bytes.length)), ...Array.from(bytes)];
}
