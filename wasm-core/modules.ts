// The modules of the core: what each is compiled from, and how much memory it may ever take. asc's pinned version makes the
// same bytes from the same sources on every machine; modules.sha256 holds their hashes.

export interface CoreModule {
  readonly name: "core" | "ed25519" | "light" | "state-tree";
  /** Entry in assembly/. */
  readonly entry: string;
  /** WebAssembly pages of 64 KiB. */
  readonly pagesInitial: number;
  readonly pagesMax: number;
  /** Made for few bytes over the wire rather than for speed. */
  readonly small?: true;
}

/** One file with SIMD and one without; the loader takes the first that the engine can run. */
export const coreVariants = ["simd", "scalar"] as const;
export type CoreVariant = (typeof coreVariants)[number];

export const coreModules: readonly CoreModule[] = [
  { name: "core", entry: "core.ts", pagesInitial: 8, pagesMax: 128 },
  { name: "ed25519", entry: "ed25519.ts", pagesInitial: 4, pagesMax: 24 },
  { name: "light", entry: "light.ts", pagesInitial: 8, pagesMax: 128, small: true },
  { name: "state-tree", entry: "state-tree.ts", pagesInitial: 12, pagesMax: 65536 },
];

/** Name of a module's file in build/wasm. */
export function fileOf(module: Pick<CoreModule, "name">, variant: CoreVariant): string {
  return `${module.name}.${variant}.wasm`;
}
