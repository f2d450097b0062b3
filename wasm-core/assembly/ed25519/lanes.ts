// Arithmetic on lanes: V is v128 (two f64 side by side) where the module has SIMD, and f64 where it has none, so that the
// field's formulas are written once. Everything here becomes one instruction.

// @ts-ignore: a decorator of AssemblyScript
@inline
export function add<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.add(a, b);
  else return a + b;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function sub<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.sub(a, b);
  else return a - b;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function mul<V>(a: V, b: V): V {
  if (isVector<V>()) return f64x2.mul(a, b);
  else return a * b;
}

// @ts-ignore: a decorator of AssemblyScript
@inline
export function splat<V>(x: f64): V {
  if (isVector<V>()) return f64x2.splat(x);
  else return x;
}
