// Random numbers of tests and benches, which print or state their seed.

/** Whole numbers from 0 to below, the same for the same seed (xorshift32). */
export function seededNumbers(seed: number): (below: number) => number {
  // Zero is the one state that never changes.
  let state = seed || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
