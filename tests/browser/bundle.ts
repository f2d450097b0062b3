// Bundles one module for browsers into <folder>/assets with Vite, as the page's workers are bundled.

import { join, resolve } from "node:path";
import { build } from "vite";

/** @returns name of the entry's script in the folder `assets`. */
export async function bundle(entry: string, folder: string): Promise<string> {
  await build({
    configFile: false,
    root: resolve(import.meta.dirname, "../.."),
    publicDir: false,
    logLevel: "error",
    base: "/",
    worker: { format: "es" },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: "es2022",
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 5000,
      modulePreload: false,
      rolldownOptions: { input: entry, output: { entryFileNames: "assets/entry.js" } },
    },
  });
  return join("assets", "entry.js");
}
