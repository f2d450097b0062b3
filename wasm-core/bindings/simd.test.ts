// An engine without SIMD gets the scalar modules, by the loader's own choice; all modules answer the same.

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { loadCore } from "./node.ts";
import { simdIsSupported } from "./simd.ts";

const leaves = new Uint8Array(32 * 1000).map((_, i) => i * 7 + (i >> 8));

/** Runs in a process of its own: prints whether there is SIMD, a root, and the verdict on an unsound signature. */
const script = `
  import { loadCore, loadEd25519, loadStateTree } from ${JSON.stringify(new URL("./node.ts", import.meta.url).href)};
  import { simdIsSupported } from ${JSON.stringify(new URL("./simd.ts", import.meta.url).href)};
  const leaves = new Uint8Array(32 * 1000).map((_, i) => i * 7 + (i >> 8));
  const root = Buffer.from(loadCore().merkleRootOfPacked(leaves, 32)).toString("hex");
  const valid = loadEd25519().verify(new Uint8Array(32), new Uint8Array(1), new Uint8Array(64).fill(255));
  loadStateTree();
  console.log(JSON.stringify({ simdIsSupported, root, valid }));
`;

function loadedWith(...flags: string[]): unknown {
  const answer = execFileSync(process.execPath, [...flags, "--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return JSON.parse(answer);
}

const root = Buffer.from(loadCore().merkleRootOfPacked(leaves, 32)).toString("hex");

// Node runs TypeScript from version 22.18 on; vitest itself may run on an older one.
test.skipIf(!process.features.typescript)("a process loads the variant that its engine runs", () => {
  expect(loadedWith()).toEqual({ simdIsSupported, root, valid: false });
  // V8 has no SIMD for WebAssembly on an x64 processor without SSE4.1.
  if (process.arch === "x64")
    expect(loadedWith("--no-enable-sse4-1")).toEqual({ simdIsSupported: false, root, valid: false });
});
