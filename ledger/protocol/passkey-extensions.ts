// Extension outputs at the end of authenticator data: one CBOR map (RFC 8949) as authenticators must write it (CTAP 2.1, section 8):
// definite lengths, shortest heads, at most 4 deep, nothing after it. Only the form is checked; no extension changes a verdict here.

const depthMax = 4;

/** Whether the bytes are exactly one map. Never throws. */
export function isCborMap(bytes: Uint8Array): boolean {
  return bytes[0] !== undefined && bytes[0] >> 5 === 5 && itemEnd(bytes, 0, 1) === bytes.length;
}

/** Where the item that starts at `at` ends; null when it is not well-formed. */
function itemEnd(bytes: Uint8Array, at: number, depth: number): number | null {
  const head = readHead(bytes, at);
  if (head === null || depth > depthMax) return null;
  const { major, argument, end } = head;
  if (major === 0 || major === 1) return end;
  if (major === 2 || major === 3) return end + argument <= bytes.length ? end + argument : null;
  if (major === 4) return itemsEnd(bytes, end, argument, depth + 1);
  // A map of more entries than there are bytes ends the walk early, however large it claims to be.
  if (major === 5) return itemsEnd(bytes, end, 2 * argument, depth + 1);
  // Tags do not occur (CTAP 2.1). False, true and null do; floats and other simple values are left out.
  return major === 7 && argument >= 20 && argument <= 22 ? end : null;
}

function itemsEnd(bytes: Uint8Array, start: number, count: number, depth: number): number | null {
  let at: number | null = start;
  for (let item = 0; item < count; item++) {
    at = itemEnd(bytes, at, depth);
    if (at === null) return null;
  }
  return at;
}

function readHead(bytes: Uint8Array, at: number): { major: number; argument: number; end: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  const major = first >> 5;
  const short = first & 31;
  if (short < 24) return { major, argument: short, end: at + 1 };
  // 64-bit arguments and indefinite lengths cannot belong to so few bytes.
  const width = short === 24 ? 1 : short === 25 ? 2 : short === 26 ? 4 : 0;
  if (width === 0 || major === 7 || at + 1 + width > bytes.length) return null;
  let argument = 0;
  for (let i = 1; i <= width; i++) argument = argument * 256 + bytes[at + i]!;
  if (argument < (width === 1 ? 24 : width === 2 ? 256 : 65_536)) return null;
  return { major, argument, end: at + 1 + width };
}
