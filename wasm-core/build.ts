// Compiles the modules of the core into build/wasm (or the folder given): every module with SIMD and without.
// `--record` writes the hashes of what was built to modules.sha256, which tests/tidy compares with every build.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import asc from "assemblyscript/asc";
import { type CoreModule, type CoreVariant, coreModules, coreVariants, fileOf } from "./modules.ts";

const here = import.meta.dirname;
const root = join(here, "..");

async function compile(module: CoreModule, variant: CoreVariant, file: string): Promise<void> {
  const { error, stderr } = await asc.main(
    [
      join("wasm-core/assembly", module.entry),
      ...["--baseDir", root, "--outFile", relative(root, file)],
      ...[
        "--optimizeLevel",
        "3",
        "--shrinkLevel",
        module.small === true ? "2" : "0",
        "--noAssert",
        "--runtime",
        "stub",
        "--stackSize",
        "0",
      ],
      ...["--initialMemory", String(module.pagesInitial), "--maximumMemory", String(module.pagesMax)],
      ...(variant === "simd" ? ["--enable", "simd"] : []),
    ],
    {},
  );
  if (error !== null) throw new Error(`${module.name}.${variant} does not compile\n${stderr.toString()}`);
}

const folder = resolve(process.argv.slice(2).find((one) => !one.startsWith("--")) ?? join(root, "build", "wasm"));
mkdirSync(folder, { recursive: true });
const hashes: string[] = [];
for (const module of coreModules)
  for (const variant of coreVariants) {
    const file = join(folder, fileOf(module, variant));
    await compile(module, variant, file);
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex");
    hashes.push(`${hash}  ${fileOf(module, variant)}\n`);
  }
if (process.argv.includes("--record")) writeFileSync(join(here, "modules.sha256"), hashes.join(""));
