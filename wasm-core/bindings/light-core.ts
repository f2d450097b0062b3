// The light module, typed: the part of `Core` that a light client needs, of less than half the size. Imports nothing, so it runs
// wherever WebAssembly does.

import { bindLightBlockCheck, type LightBlockCheck, type LightBlockCheckExports } from "./block-check.ts";
import { bindComet, type Comet, type CometExports, cometExportNames } from "./comet.ts";
import { guardedExports, type ModuleExports } from "./exports.ts";
import { bindSingleIcs23, type SingleIcs23, type SingleIcs23Exports } from "./ics23.ts";
import { InputRegion } from "./input-region.ts";
import { bindMerkle, type Merkle, type MerkleExports, merkleExportNames } from "./merkle.ts";
import { bindSingleMerkleProofs, type SingleMerkleProofExports, type SingleMerkleProofs } from "./merkle-proofs.ts";
import { bindSha256, type Sha256, sha256ExportNames } from "./sha256.ts";

/** Every `Core` is one too. */
export interface LightCore extends Sha256, Merkle, SingleMerkleProofs, Comet, LightBlockCheck, SingleIcs23 {}

interface LightExports
  extends ModuleExports,
    MerkleExports,
    SingleMerkleProofExports,
    CometExports,
    LightBlockCheckExports,
    SingleIcs23Exports {}

const exportNames = [
  "reserveInput",
  "outputStart",
  ...sha256ExportNames,
  ...merkleExportNames,
  "verifyInclusion",
  "verifyConsistency",
  ...cometExportNames,
  "checkLightBlock",
  "checkTrusting",
  "verifyMembership",
  "verifyNonMembership",
] as const satisfies readonly (keyof LightExports)[];

/**
 * Instantiates without blocking.
 * @param onTrap is called once, when the instance traps; from then on all its functions throw CoreTrapped.
 * @throws {TypeError} when the module is neither the light one nor the core.
 */
export async function instantiateLightCore(module: WebAssembly.Module, onTrap?: () => void): Promise<LightCore> {
  return bindLightCore(await WebAssembly.instantiate(module, {}), onTrap);
}

/** As `instantiateLightCore`, at once. Browsers allow this in workers only. */
export function instantiateLightCoreSync(module: WebAssembly.Module, onTrap?: () => void): LightCore {
  return bindLightCore(new WebAssembly.Instance(module, {}), onTrap);
}

function bindLightCore(instance: WebAssembly.Instance, onTrap?: () => void): LightCore {
  const exports = guardedExports<LightExports>(instance, exportNames, onTrap);
  const region = new InputRegion(exports);
  return {
    ...bindSha256(exports, region),
    ...bindMerkle(exports, region),
    ...bindSingleMerkleProofs(exports, region),
    ...bindComet(exports, region),
    ...bindLightBlockCheck(exports, region),
    ...bindSingleIcs23(exports, region),
  };
}
