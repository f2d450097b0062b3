// Resolved import directions (ARCHITECTURE.md, "Arrows"): what linters cannot see, because they match text and not files.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** For each folder (longest match first) the folders of ours that it may import from, itself always included. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  settings: [],
  supervisor: ["settings", "worlds/locate.ts"],
  "supervisor/network": ["ledger/consensus/genesis.ts", "ledger/protocol"],
  "supervisor/validators.ts": ["supervisor", "settings", "ledger/commands/city-genesis.ts"],
  "wasm-core": [],
  "ledger/protocol": ["wasm-core/bindings/comet.ts", "wasm-core/bindings/ed25519.ts"],
  "ledger/protocol/ed25519-node.ts": ["ledger/protocol", "wasm-core/bindings"],
  "ledger/state": ["ledger/protocol", "wasm-core/bindings"],
  "ledger/modules": ["ledger/protocol", "ledger/state", "wasm-core/bindings"],
  "ledger/storage": ["ledger/protocol", "ledger/modules/application.ts", "wasm-core/bindings", "settings"],
  "ledger/consensus": [
    "ledger/protocol",
    "ledger/modules/application.ts",
    "ledger/storage",
    "wasm-core/bindings",
    "settings",
  ],
  // Snapshots are the state's own form, and CometBFT carries them from node to node.
  "ledger/consensus/comet/state-snapshots.ts": [
    "ledger/consensus",
    "ledger/modules/application.ts",
    "ledger/state",
    "wasm-core/bindings",
  ],
  "ledger/api": [
    "ledger/protocol",
    "ledger/modules/application.ts",
    "ledger/modules/query.ts",
    "ledger/consensus",
    "ledger/storage",
    "wasm-core/bindings",
    "settings",
  ],
  "ledger/light": ["ledger/protocol", "wasm-core/bindings", "world-server/protocol"],
  ledger: ["ledger", "wasm-core/bindings", "settings"],
  "world-server/protocol": ["ledger/protocol"],
  "world-server/simulation": ["worlds/format", "ledger/protocol"],
  "world-server": [
    "world-server",
    "ledger/protocol",
    "ledger/light",
    "wasm-core/bindings",
    "settings",
    "worlds/format",
    "worlds/locate.ts",
  ],
  "worlds/format": ["ledger/protocol"],
  worlds: ["worlds", "ledger/protocol", "settings"],
  "client/core": ["ledger/protocol", "ledger/light", "world-server/protocol", "worlds/format", "client/workers"],
  "client/panels": [
    "client/core",
    "ledger/protocol",
    "ledger/light/verdict.ts",
    "world-server/protocol",
    "worlds/format",
  ],
  client: [
    "client",
    "ledger/protocol",
    "ledger/light",
    "wasm-core/bindings",
    "world-server/protocol",
    "world-server/simulation",
    "worlds/format",
  ],
};

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((name) => /\.tsx?$/.test(name) && !name.includes(`assembly${sep}`));
}

const parts = ["settings", "supervisor", "wasm-core/bindings", "ledger", "world-server", "worlds", "client"];
const files = parts.flatMap(sourceFiles);

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const found: string[] = [];
  for (const match of text.matchAll(/(?:from\s+|import\s*\(\s*|import\s+|new URL\(\s*)"(\.[^"]+)"/g)) {
    const target = (match[1] as string).replace(/\?.*$/, "");
    found.push(relative(root, resolve(root, dirname(file), target)));
  }
  return found;
}

function ruleOf(file: string): readonly [string, readonly string[]] {
  const folder = Object.keys(arrows)
    .filter((name) => file === name || file.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (folder === undefined) throw new Error(`${file} stands in no folder of the house`);
  return [folder, arrows[folder] as readonly string[]];
}

/** Tests may reach across: they put parts together. The product may not. */
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || /\/(test-|testing\/)/.test(file);

/** An auditor, or a part of one. */
const isAuditor = (file: string): boolean => /\/auditor(-\w+)?\.ts$/.test(file);

describe("house", () => {
  it("imports only along the arrows", () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => !isTest(name))) {
      const [folder, allowed] = ruleOf(file);
      for (const target of importsOf(file)) {
        if (target.startsWith("node_modules") || target.startsWith("build/") || !/\.tsx?$/.test(target)) continue;
        const inside = target.startsWith(`${folder}/`);
        const along = allowed.some((name) => target === name || target.startsWith(`${name}/`));
        if (!inside && !along) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("lets a module see another only through what it declares in module.ts or its own interface file", () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => name.startsWith("ledger/modules/") && !isTest(name))) {
      const own = file.split("/")[2] as string;
      if (own.endsWith(".ts")) continue;
      for (const target of importsOf(file)) {
        const other = target.startsWith("ledger/modules/") ? (target.split("/")[2] as string) : own;
        if (other.endsWith(".ts") || other === own) continue;
        const betweenAuditors = file.endsWith("/auditor.ts") && target.endsWith("/auditor.ts");
        if (!target.endsWith("/interface.ts") && !betweenAuditors) wrong.push(`${file} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps auditors apart from what they audit: they see wire types and other auditors only", () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => name.startsWith("ledger/modules/") && isAuditor(name))) {
      for (const target of importsOf(file))
        if (!target.startsWith("ledger/protocol/") && !(target.startsWith("ledger/modules/") && isAuditor(target)))
          wrong.push(`${file} imports ${target}`);
    }
    for (const file of files.filter(
      (name) => name.startsWith("ledger/modules/") && !isTest(name) && !isAuditor(name) && !name.endsWith("/module.ts"),
    ))
      for (const target of importsOf(file)) if (isAuditor(target)) wrong.push(`${file} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it("has no barrels, no utils, and imports with extensions that exist", () => {
    const wrong: string[] = [];
    for (const file of files) {
      if (/(^|\/)(utils?|helpers?|common|misc|managers?)(\/|\.tsx?$)/.test(file))
        wrong.push(`${file} is named for nothing`);
      if (/(^|\/)index\.tsx?$/.test(file)) wrong.push(`${file} is a barrel`);
      for (const target of importsOf(file)) {
        if (target.startsWith("build/")) continue;
        try {
          statSync(join(root, target));
        } catch {
          wrong.push(`${file} imports ${target}, which is not there`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps files under 500 lines", () => {
    const long = files
      .map((file) => [file, readFileSync(join(root, file), "utf8").split("\n").length] as const)
      .filter(([, lines]) => lines > 500);
    expect(long).toEqual([]);
  });
});
