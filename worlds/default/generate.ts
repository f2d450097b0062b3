import type { BuiltWorld } from "../import/build-world.ts";
import { WorldError } from "../world-error.ts";

export async function generateDefaultCity(_log: (line: string) => void): Promise<BuiltWorld> {
  throw new WorldError("the default city is not there yet");
}
