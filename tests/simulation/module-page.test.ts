// Keeps docs/add-a-ledger-module.md true: its files go into a copy of the ledger, which must pass the type check, the module's tests,
// the house's rules, and the simulation with the module enabled.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/add-a-ledger-module.md"), "utf8");
const copied = [
  "ledger",
  "wasm-core/bindings",
  "wasm-core/modules.ts",
  "settings",
  "client/core/messages",
  "tests",
  "tsconfig.json",
  "vitest.config.ts",
];
let copy: string;

interface Block {
  readonly file: string;
  readonly language: string;
  readonly text: string;
}

/** A file's name between backticks on a line of its own, then a block. */
const blocks: readonly Block[] = [...page.matchAll(/^`([\w./-]+)`\n\n```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
  file: match[1]!,
  language: match[2]!,
  text: match[3]!,
}));

/** Lines with `+` come after the line before them, which must be there once; without one they come at the end. `-` must be there. */
function patched(text: string, diff: string): string {
  const lines = text.trimEnd().split("\n");
  let at = lines.length;
  for (const line of diff.trimEnd().split("\n")) {
    const content = line.slice(1);
    if (line.startsWith("+")) lines.splice(at++, 0, content);
    else {
      const places = lines.flatMap((other, index) => (other === content ? [index] : []));
      if (places.length !== 1) throw new Error(`"${content}" is there ${places.length} times, not once`);
      at = places[0]! + (line.startsWith("-") ? 0 : 1);
      if (line.startsWith("-")) lines.splice(at, 1);
    }
  }
  return `${lines.join("\n")}\n`;
}

function run(command: string, ...parameters: string[]): { readonly status: number | null; readonly output: string } {
  const binary = join(root, "node_modules/.bin", command);
  const { status, stdout, stderr } = spawnSync(binary, parameters, {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status, output: `${stdout}${stderr}` };
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "glasstown-module-page-"));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  writeFileSync(join(copy, "package.json"), '{ "type": "module" }\n');
  const types = { extends: "./tsconfig.json", include: ["ledger/modules/notices", "ledger/modules/enabled.ts"] };
  writeFileSync(join(copy, "tsconfig.page.json"), JSON.stringify(types));
  for (const name of ["node_modules", "build"]) symlinkSync(join(root, name), join(copy, name));
  for (const { file, language, text } of blocks) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), language === "diff" ? patched(readFileSync(join(copy, file), "utf8"), text) : text);
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

it("has a block for every file that a module has", () => {
  const files = blocks.map(({ file }) => file);
  for (const name of [
    "README.md",
    "module.ts",
    "messages.ts",
    "events.ts",
    "queries.ts",
    "invariants.ts",
    "workload.ts",
  ])
    expect(files).toContain(`ledger/modules/notices/${name}`);
  expect(files.filter((file) => file.endsWith(".test.ts"))).toHaveLength(2);
});

it("passes the type check", { timeout: 600_000 }, () => {
  expect(run("tsc", "-p", "tsconfig.page.json")).toEqual({ status: 0, output: "" });
});

it("passes its tests, the house's rules and the simulation", { timeout: 600_000 }, () => {
  const { status, output } = run(
    "vitest",
    "run",
    "--project",
    "unit",
    "ledger/modules/notices",
    "ledger/modules/city-application.test.ts",
    "ledger/modules/event.test.ts",
    "ledger/protocol/refusals.test.ts",
    "tests/simulation/ledger.test.ts",
    "tests/tidy/rules.test.ts",
  );
  expect(status, output.slice(-4_000)).toBe(0);
  // Anywhere in the output: on a slow machine every slow test has a line.
  expect(output).toContain("notices.test.ts");
});
