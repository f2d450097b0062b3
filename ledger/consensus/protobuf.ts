// Protocol Buffers wire format, writing only: what CometBFT v0.38 blocks and results need.
// As gogoproto does, proto3 defaults (zero, empty) are left out, and embedded messages marked non-nullable are always written.

/** Unsigned base-128 varint; negative numbers as their 64-bit two's complement. */
export function varint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value);
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** Field with a varint value; nothing when zero. */
export function varintField(field: number, value: bigint): Uint8Array {
  return value === 0n ? new Uint8Array() : concatenate([varint(BigInt(field << 3)), varint(value)]);
}

/** Field with bytes or a string's UTF-8; nothing when empty. */
export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return value.length === 0 ? value : messageField(field, value);
}

/** Field with an embedded message or a repeated element: written even when empty. */
export function messageField(field: number, message: Uint8Array): Uint8Array {
  return concatenate([varint(BigInt((field << 3) | 2)), varint(BigInt(message.length)), message]);
}

/** One array of all parts. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
