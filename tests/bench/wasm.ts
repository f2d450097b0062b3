// Bench of the WASM core in Node. Each area stands in tests/bench/wasm/ and runs in browsers too.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { simdIsSupported } from "../../wasm-core/bindings/simd.ts";
import { print, quick } from "./command-line.ts";
import { areas } from "./wasm/areas.ts";
import { moduleFiles, wasmBench } from "./wasm/wasm-bench.ts";

const built = join(import.meta.dirname, "../../build/wasm");

const bench = wasmBench({
  core: loadCore(),
  quick,
  variant: simdIsSupported ? "simd" : "scalar",
  files: new Map(moduleFiles.map((name) => [name, new Uint8Array(readFileSync(join(built, name)))])),
  nativeSha256: (data) => hash("sha256", data, "buffer"),
  gzipBytes: async (data) => gzipSync(data).length,
  print,
});
for (const area of areas) await area(bench);
