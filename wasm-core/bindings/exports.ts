// What the modules export, as the engine sees it: pointers and lengths are numbers, truth is 0 or 1.
// After a trap an instance's memory may be in any state, so nothing of it is ever called again.

import type { BlockCheckExports } from "./block-check.ts";
import type { CometExports } from "./comet.ts";
import type { Ics23Exports } from "./ics23.ts";
import type { IncrementalTreeExports } from "./incremental-tree.ts";
import type { MerkleExports } from "./merkle.ts";
import type { MerkleProofExports } from "./merkle-proofs.ts";
import type { MerkleTreeExports } from "./merkle-tree.ts";
import type { MultiProofExports } from "./multi-proof.ts";

/** What every module has: memory, a region that takes inputs and one that holds answers. */
export interface ModuleExports {
  readonly memory: WebAssembly.Memory & { readonly buffer: ArrayBuffer };
  /** Start of room for `length` bytes; 0 when that is beyond the module's bound. */
  readonly reserveInput: (length: number) => number;
  readonly outputStart: () => number;
}

export interface CoreExports
  extends ModuleExports,
    MerkleExports,
    MerkleProofExports,
    MerkleTreeExports,
    IncrementalTreeExports,
    MultiProofExports,
    CometExports,
    BlockCheckExports,
    Ics23Exports {}

/** Says that an instance trapped, earlier or now: a bug of the core. The instance answers no more calls. */
export class CoreTrapped extends Error {
  override readonly name = "CoreTrapped";
}

type Callable = (...parameters: number[]) => number;

/**
 * The instance's exports, each behind a guard that ends the instance's life when it traps. Whatever a call throws counts,
 * the stack's overflow too: either may have left the memory half written. In V8 the guard takes some 5 ns a call.
 * @param onTrap is called once, at the trap.
 * @throws {TypeError} when an export is missing.
 */
export function guardedExports<Exports extends ModuleExports>(
  instance: WebAssembly.Instance,
  names: readonly (keyof Exports & string)[],
  onTrap?: () => void,
): Exports {
  let trapped: unknown;
  const guarded: Record<string, unknown> = {};
  for (const name of names) {
    const call = instance.exports[name] as Callable | undefined;
    if (typeof call !== "function") throw new TypeError(`the module does not export ${name}`);
    guarded[name] = (...parameters: number[]): number => {
      if (trapped !== undefined) throw new CoreTrapped("this instance of the core trapped before", { cause: trapped });
      try {
        return call(...parameters);
      } catch (cause) {
        trapped = cause;
        onTrap?.();
        throw new CoreTrapped(`the core trapped in ${name}`, { cause });
      }
    };
  }
  const { memory } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory)) throw new TypeError("the module exports no memory");
  return { ...guarded, memory } as unknown as Exports;
}
