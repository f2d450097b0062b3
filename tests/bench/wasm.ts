// Bench of the WASM core, in Node and then in Chromium. Each area stands in tests/bench/wasm/.
// `--only=<area>` runs one area, `--in=node` and `--in=chromium` run one half.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { openHashingPool } from "../../wasm-core/bindings/parallel-node.ts";
import { simdIsSupported } from "../../wasm-core/bindings/simd.ts";
import { print, quick } from "./command-line.ts";
import { runAreas } from "./wasm/areas.ts";
import { linesInChromium } from "./wasm/in-chromium.ts";
import { moduleFiles, wasmBench } from "./wasm/wasm-bench.ts";

const built = join(import.meta.dirname, "../../build/wasm");

const bench = wasmBench({
  core: loadCore(),
  quick,
  variant: simdIsSupported ? "simd" : "scalar",
  files: new Map(moduleFiles.map((name) => [name, new Uint8Array(readFileSync(join(built, name)))])),
  nativeSha256: (data) => hash("sha256", data, "buffer"),
  openHashingPool: async (threads) => openHashingPool(threads),
  gzipBytes: async (data) => gzipSync(data).length,
  print,
});
const option = (name: string): string | undefined =>
  process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3);
const only = option("only");
if (option("in") !== "chromium") await runAreas(bench, only);
if (option("in") !== "node") await linesInChromium(quick, only, print);
