// Turns the compiled core module into the typed `Core`. Imports nothing, so it runs wherever WebAssembly does.

import { bindBlockCheck, blockCheckExportNames } from "./block-check.ts";
import { bindComet, cometExportNames } from "./comet.ts";
import type { Core } from "./core.ts";
import { type CoreExports, guardedExports } from "./exports.ts";
import { bindIcs23, ics23ExportNames } from "./ics23.ts";
import { bindIncrementalTrees, incrementalTreeExportNames } from "./incremental-tree.ts";
import { InputRegion } from "./input-region.ts";
import { bindMerkle, merkleExportNames } from "./merkle.ts";
import { bindMerkleProofs, merkleProofExportNames } from "./merkle-proofs.ts";
import { bindMerkleTrees, merkleTreeExportNames } from "./merkle-tree.ts";
import { bindMultiProofs, multiProofExportNames } from "./multi-proof.ts";
import { bindSha256, type NativeSha256, sha256ExportNames } from "./sha256.ts";

type Source = BufferSource | WebAssembly.Module;

/**
 * Compiles and instantiates without blocking.
 * @param onTrap is called once, when the instance traps; from then on all its functions throw CoreTrapped.
 * @throws {WebAssembly.CompileError} when the bytes are no module. @throws {TypeError} when the module is not the core.
 */
export async function instantiateCore(source: Source, onTrap?: () => void): Promise<Core> {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  return bindCore(await WebAssembly.instantiate(module, {}), onTrap);
}

/**
 * As `instantiateCore`, at once. Browsers allow this in workers only.
 * @param nativeSha256 takes over long single messages.
 */
export function instantiateCoreSync(source: Source, onTrap?: () => void, nativeSha256?: NativeSha256): Core {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  return bindCore(new WebAssembly.Instance(module, {}), onTrap, nativeSha256);
}

const exportNames = [
  "reserveInput",
  "outputStart",
  ...sha256ExportNames,
  ...merkleExportNames,
  ...incrementalTreeExportNames,
  ...merkleProofExportNames,
  ...merkleTreeExportNames,
  ...multiProofExportNames,
  ...cometExportNames,
  ...blockCheckExportNames,
  ...ics23ExportNames,
] as const satisfies readonly (keyof CoreExports)[];

/** The instance's exports. @throws {TypeError} when it is not the core. */
export function coreExports(instance: WebAssembly.Instance, onTrap?: () => void): CoreExports {
  return guardedExports<CoreExports>(instance, exportNames, onTrap);
}

function bindCore(instance: WebAssembly.Instance, onTrap?: () => void, nativeSha256?: NativeSha256): Core {
  const exports = coreExports(instance, onTrap);
  const region = new InputRegion(exports);
  return {
    ...bindSha256(exports, region, nativeSha256),
    ...bindMerkle(exports, region),
    ...bindIncrementalTrees(exports, region),
    ...bindMerkleProofs(exports, region),
    ...bindMerkleTrees(exports, region),
    ...bindMultiProofs(exports, region),
    ...bindComet(exports, region),
    ...bindBlockCheck(exports, region),
    ...bindIcs23(exports, region),
  };
}
