// What an area of the WASM core's bench is handed, in Node and in a browser's worker alike. An area imports nothing of Node.

import type { Core } from "../../../wasm-core/bindings/core.ts";
import type { HashingPool } from "../../../wasm-core/bindings/parallel.ts";
import { type CoreModule, type CoreVariant, coreModules, coreVariants, fileOf } from "../../../wasm-core/modules.ts";
import { compareRates, compareRounds, type Line, line, type RateComparison, type RoundComparison } from "../measure.ts";

/** One function of these is an area: it measures and emits its lines. Names begin with `wasm/`. */
export type WasmBenchArea = (bench: WasmBench) => void | Promise<void>;

export interface WasmBench {
  readonly core: Core;
  /** Fewer, shorter rounds and smaller sizes: all areas together take less than half a minute. */
  readonly quick: boolean;
  /** The variant that `core` is. */
  readonly variant: CoreVariant;
  /** Bytes of a module; of the running variant unless another is named. */
  moduleBytes(name: CoreModule["name"], variant?: CoreVariant): Uint8Array<ArrayBuffer>;
  /** The platform's own one-shot SHA-256 where it is synchronous (node:crypto), or null. */
  readonly nativeSha256: ((data: Uint8Array) => Uint8Array) | null;
  /** Workers of the place. */
  openHashingPool(threads: number): Promise<HashingPool>;
  /** Length of the bytes after gzip at its default level. */
  gzipBytes(data: Uint8Array<ArrayBuffer>): Promise<number>;
  /** Units per second, ours and the peer's in turn. */
  compareRates(comparison: RateComparison): void;
  /** Figures that take a whole run each, ours and the peer's in turn. */
  compareRounds(comparison: RoundComparison): Promise<void>;
  /** A figure without a peer. */
  emit(figure: Pick<Line, "bench" | "ours" | "unit" | "goal" | "higherIsBetter">): void;
}

/** What differs between the places where the bench runs. */
export interface WasmBenchPlace
  extends Pick<WasmBench, "core" | "quick" | "variant" | "nativeSha256" | "openHashingPool" | "gzipBytes"> {
  /** Every module's bytes by its file's name. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly print: (line: Line) => void;
}

export function wasmBench({ files, print, ...place }: WasmBenchPlace): WasmBench {
  return {
    ...place,
    moduleBytes: (name, variant = place.variant) => files.get(fileOf({ name }, variant))!,
    compareRates: (comparison) => print(compareRates(comparison, place.quick)),
    compareRounds: async (comparison) => print(await compareRounds(comparison)),
    emit: (figure) => print(line({ ...figure, peer: null, peerName: null })),
  };
}

/** Names of all modules' files. */
export const moduleFiles: readonly string[] = coreModules.flatMap((module) =>
  coreVariants.map((variant) => fileOf(module, variant)),
);
