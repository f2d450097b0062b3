// Every bench runs with --quick and prints nothing but well-formed lines. Its figures are not judged: machines differ.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const figure = z.number().nonnegative();
const lineSchema = z.strictObject({
  bench: z.string(),
  ours: figure,
  peer: figure.nullable(),
  peerName: z.string().min(1).nullable(),
  unit: z.string().min(1),
  ratio: figure.nullable(),
  goal: figure.nullable(),
  higherIsBetter: z.boolean(),
});

describe("bench --quick", () => {
  it.each(["wasm", "ledger", "light", "energy", "twin"])(
    "%s prints well-formed lines and nothing else",
    async (area) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        join(import.meta.dirname, `${area}.ts`),
        "--quick",
      ]);
      const lines = stdout
        .trimEnd()
        .split("\n")
        .map((text) => lineSchema.parse(JSON.parse(text)));
      const names = lines.map(({ bench }) => bench);
      expect(names.filter((name) => !name.replace(/^chromium:/, "").startsWith(`${area}/`))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
      for (const { peer, peerName, ratio } of lines)
        expect([peerName === null, ratio === null]).toEqual([peer === null, peer === null]);
    },
    600_000,
  );
});
