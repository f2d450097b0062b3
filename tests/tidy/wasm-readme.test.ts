// wasm-core/README.md names every module with its memory, and every export of each; no module imports anything.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { coreModules, coreVariants, fileOf } from "../../wasm-core/modules.ts";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "wasm-core/README.md"), "utf8");

/** Names in the first cells of the tables of one section, with the number of parameters after them; undefined without any list. */
function rowsIn(heading: string): [name: string, parameters: number | undefined][] {
  const section = readme.split(/^#+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `(\w[\w-]*)(?:\(([^`]*)\))?` \|/gm)].map(([, name, list]) => [
    name!,
    list?.split(",").filter((one) => one !== "").length,
  ]);
}

describe("wasm-core/README.md", () => {
  it("lists the modules and the bounds of their memory", () => {
    expect(rowsIn("Modules").map(([name]) => name)).toEqual(coreModules.map(({ name }) => name));
    for (const { name, entry, pagesInitial, pagesMax } of coreModules)
      expect(readme).toContain(`| \`${name}\` | assembly/${entry} | ${pagesInitial} | ${pagesMax} |`);
  });

  describe.each(coreModules)("of $name", (module) => {
    it.each(coreVariants)("lists the exports of the %s variant, and there are no imports", (variant) => {
      const compiled = new WebAssembly.Module(readFileSync(join(root, "build/wasm", fileOf(module, variant))));
      expect(WebAssembly.Module.imports(compiled)).toEqual([]);
      const exported = Object.entries(new WebAssembly.Instance(compiled).exports).map(([name, value]) => [
        name,
        typeof value === "function" ? value.length : undefined,
      ]);
      expect(rowsIn(`Exports of \`${module.name}\``).sort()).toEqual(exported.sort());
    });
  });
});
