// What a browser fetches before the light client answers its first question: the worker's script with everything that it imports
// statically, however deep, the light module and the Ed25519 module. Read from the built page.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Static imports in built code: `from"./x.js"` and `import"./x.js"`, but no `import("./x.js")`, which is loaded when needed. */
const staticImport = /(?:\bfrom|\bimport)\s*(["'`])(\.{1,2}\/[^"'`]+\.m?js)\1/g;

/** This file and all that it imports statically. @throws {Error} when one of them is not there. */
export function withStaticImports(file: string, folder: string): readonly string[] {
  const found = new Set([file]);
  // A set hands out what is added meanwhile.
  for (const one of found)
    for (const [, , path] of readFileSync(join(folder, one), "utf8").matchAll(staticImport))
      found.add(join(one, "..", path as string));
  return [...found];
}

/** Names in the folder of built assets. Empty when nothing is built. @throws {Error} when the build lacks one of them. */
export function lightFiles(assets: string): readonly string[] {
  if (!existsSync(assets)) return [];
  const names = readdirSync(assets);
  const only = (pattern: RegExp): string => {
    const [name, ...more] = names.filter((one) => pattern.test(one));
    if (name === undefined || more.length > 0) throw new Error(`${assets} has not one ${pattern}: build the page anew`);
    return name;
  };
  return [
    ...withStaticImports(only(/^light\.worker-.*\.js$/), assets),
    only(/^light\.scalar-.*\.wasm$/),
    only(/^ed25519\.simd-.*\.wasm$/),
  ];
}

/** Bytes over the wire, each file by itself. */
export function gzipBytes(files: readonly string[], folder: string): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
}
