// Builds the page into build/client: one origin, no external hosts, workers as ES modules, Babylon in a chunk of its own.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig({
  root: here,
  // Relative, so that the page also works below a path.
  base: "./",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: join(here, "..", "build", "client"),
    emptyOutDir: true,
    target: "es2022",
    // Fonts and wasm stay files: data URLs would be fetched by everyone, needed or not.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { page: join(here, "index.html"), verify: join(here, "verify/index.html") },
      output: {
        codeSplitting: {
          groups: [
            // A group takes what its modules import along: without its own group the preload helper would sit in Babylon's
            // chunk, and the first paint would wait for all of Babylon.
            { name: "preload", test: /vite[\\/]preload-helper/, priority: 10 },
            { name: "babylon", test: /node_modules[\\/]@babylonjs/ },
            { name: "preact", test: /node_modules[\\/](@preact|preact)[\\/]/ },
          ],
        },
      },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: {
      output: {
        // What the light client needs at its start in one file: what late chunks share with it would else come in chunks of its own,
        // which compress worse and cost a request each.
        codeSplitting: { groups: [{ name: "light", test: /workers[\\/]light\.worker\.ts$/ }] },
      },
    },
  },
});
