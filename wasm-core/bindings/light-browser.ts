// The light module in browsers and their workers. Without SIMD in every engine: its lanes would add half as many bytes again, and a
// light client hashes a few kilobytes a block.

import { compileFrom } from "./compile-from.ts";
import { instantiateLightCore, type LightCore } from "./light-core.ts";
import { oneUntilTrap } from "./one-until-trap.ts";

const file = new URL("../../build/wasm/light.scalar.wasm", import.meta.url);

/** The page's or worker's instance, made once; a failed load is tried again at the next call, and so is one that trapped. */
export const loadLightCore: () => Promise<LightCore> = oneUntilTrap(async (discard) => {
  try {
    return await instantiateLightCore(await compileFrom(file), discard);
  } catch (error) {
    discard();
    throw error;
  }
});
