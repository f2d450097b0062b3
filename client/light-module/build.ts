// `npm run build:light`: build/light-client, ready to publish: one script and a chunk that few visits need, types, licence, README.
// Types are what tsc makes of the sources, as far as the entry leads to them.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";
import { build } from "vite";

const root = join(import.meta.dirname, "../..");
const entry = "client/light-module/light-client-module";

/** Makes the package in a folder, which is emptied first. */
export async function buildLightClient(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: "error",
    define: { coreModule: packed("light"), ed25519Module: packed("ed25519") },
    build: {
      outDir: folder,
      target: "es2022",
      minify: true,
      reportCompressedSize: false,
      modulePreload: false,
      // No library of Vite's: that mode would leave the spaces in.
      rolldownOptions: {
        input: join(root, `${entry}.ts`),
        preserveEntrySignatures: "strict",
        output: { format: "es", entryFileNames: "light-client.js", chunkFileNames: "[name].js" },
      },
    },
  });
  writeTypes(folder);
  const { version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, string>;
  const description = {
    name: "glasstown-light-client",
    version,
    description:
      "Checks in the browser, or in Node, what a Glasstown ledger says: state, transactions, blocks, readings.",
    license,
    type: "module",
    sideEffects: false,
    exports: { ".": { types: `./types/${entry}.d.ts`, default: "./light-client.js" } },
    files: ["*.js", "types", "LICENSE", "README.md"],
    engines: { node: ">=20" },
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  copyFileSync(join(root, "ledger/light/package/README.md"), join(folder, "README.md"));
}

function packed(name: string): string {
  const module = readFileSync(join(root, `build/wasm/${name}.scalar.wasm`));
  return JSON.stringify(deflateRawSync(module, { level: 9 }).toString("base64"));
}

function writeTypes(folder: string): void {
  mkdirSync(join(root, "build"), { recursive: true });
  const made = mkdtempSync(join(root, "build/types-"));
  try {
    const options = [
      "--declaration",
      "--emitDeclarationOnly",
      "--noEmit",
      "false",
      "--outDir",
      made,
      "--rootDir",
      root,
    ];
    const files = { extends: join(root, "tsconfig.json"), include: [], files: [join(root, `${entry}.ts`)] };
    const config = join(made, "tsconfig.json");
    writeFileSync(config, JSON.stringify(files));
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config, ...options]);
    const types = join(folder, "types");
    for (const file of reachable(made, `${entry}.d.ts`)) {
      const to = join(types, file);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, readFileSync(join(made, file), "utf8").replace(importedTs, '$1.js"'));
    }
  } finally {
    rmSync(made, { recursive: true });
  }
}

const importedTs = /((?:from|import\() ?"\.[^"]*)\.ts"/g;

/** A declaration file and all that it leads to. @throws {Error} when one leads to a package: there are none. */
function reachable(made: string, first: string): Set<string> {
  const found = new Set([first]);
  for (const file of found)
    for (const [, name] of readFileSync(join(made, file), "utf8").matchAll(/(?:from|import\() ?"([^"]+)"/g)) {
      if (!name!.startsWith(".")) throw new Error(`the types of ${file} need ${name}`);
      found.add(join(dirname(file), name!).replace(/\.ts$/, ".d.ts"));
    }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await buildLightClient(join(root, "build/light-client"));
