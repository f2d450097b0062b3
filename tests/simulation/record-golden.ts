// `node tests/simulation/record-golden.ts --record` writes golden-app-hashes.txt anew: a deliberate act, for a commit with `!`.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { goldenLines } from "./golden.ts";

if (!process.argv.includes("--record")) {
  console.error("this replaces the golden app hashes: say --record if that is meant");
  process.exit(1);
}
const lines = await goldenLines();
writeFileSync(join(import.meta.dirname, "golden-app-hashes.txt"), `${lines.join("\n")}\n`);
console.log(`${lines.length} app hashes recorded`);
