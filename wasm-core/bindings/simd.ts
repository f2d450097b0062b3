// Whether the engine runs WebAssembly SIMD (fixed-width 128 bits; Chrome 91, Firefox 89, Safari 16.4, Node 16.4).

/** A module whose one function is `i8x16.popcnt(i8x16.splat(0))`, from the final SIMD proposal. */
const probe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

export const simdIsSupported: boolean = WebAssembly.validate(probe);
