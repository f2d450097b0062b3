// The auditors' own judgement of Ed25519 public keys: RFC 8032's curve in plain numbers, by the y-coordinate alone.
// It shares nothing with the code that the state machine uses.

const p = 2n ** 255n - 19n;
const d = (-121_665n * power(121_666n, p - 2n)) % p;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % p;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p;
    square = (square * square) % p;
  }
  return result;
}

const areEqual = (a: bigint, b: bigint): boolean => (a - b) % p === 0n;

/** A fraction, so that nothing is divided. */
type Fraction = readonly [over: bigint, under: bigint];

/** x² of the points with this y, from -x² + y² = 1 + dx²y². */
const xSquared = ([y, z]: Fraction): Fraction => [(y * y - z * z) % p, (d * y * y + z * z) % p];

/** y of the point's double: (y² + x²) / (1 - dx²y²). */
function doubled([y, z]: Fraction): Fraction {
  const [xx, w] = xSquared([y, z]);
  return [(y * y * w + xx * z * z) % p, (w * z * z - d * xx * y * y) % p];
}

/** Whether 32 bytes, hex, are a point's one encoding, and the point is not of small order. */
export function isSoundEd25519(key: string): boolean {
  const number = BigInt(`0x${key.match(/../g)!.toReversed().join("")}`);
  const isNegative = number >> 255n === 1n;
  const y = number & (2n ** 255n - 1n);
  if (y >= p) return false;
  const [xx, w] = xSquared([y, 1n]);
  if (areEqual(xx, 0n)) {
    if (isNegative) return false;
  } else if (!areEqual(power(xx * w, (p - 1n) / 2n), 1n)) return false;
  // Eight times a point of small order is the neutral one, where alone y is 1.
  const [over, under] = doubled(doubled(doubled([y, 1n])));
  return !areEqual(over, under);
}
