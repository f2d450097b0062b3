// `npm run bench [-- --quick]`: all areas, one JSON line a figure; writes bench/latest.json and bench/latest.md.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Line } from "./measure.ts";

const root = resolve(import.meta.dirname, "../..");
const areas = ["wasm", "ledger", "light", "energy", "twin"];
const lines: Line[] = [];
for (const area of areas) {
  const result = spawnSync(process.execPath, [join(import.meta.dirname, `${area}.ts`), ...process.argv.slice(2)], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 1_800_000,
  });
  process.stdout.write(result.stdout);
  if (result.status !== 0) {
    console.error(`bench:${area} ended with ${result.status ?? result.signal}`);
    process.exitCode = 1;
    continue;
  }
  for (const text of result.stdout.trim().split("\n")) lines.push(JSON.parse(text) as Line);
}

const cell = (value: number | null): string => (value === null ? "–" : String(value));
const table = [
  "| bench | ours | peer | unit | ratio | goal |",
  "|---|---|---|---|---|---|",
  ...lines.map(
    (line) =>
      `| ${line.bench} | ${line.ours} | ${line.peer === null ? "–" : `${line.peer} (${line.peerName})`} | ${line.unit} | ${cell(line.ratio)} | ${cell(line.goal)} |`,
  ),
];
mkdirSync(join(root, "bench"), { recursive: true });
writeFileSync(join(root, "bench/latest.json"), `${JSON.stringify(lines, null, 2)}\n`);
writeFileSync(join(root, "bench/latest.md"), `${table.join("\n")}\n`);
