// What a visitor's browser must fetch before the page's first paint, after compression. Read from the built page; skipped without one.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

const built = resolve(import.meta.dirname, "../../build/client");
const page = join(built, "index.html");
/** Bytes. Scripts and styles stood at 92 kB (450 kB before Babylon was kept out) when this was written; Babylon alone has 266 kB and must never be among them. */
const budget = 115_000;

describe.skipIf(!existsSync(page))("the first paint", () => {
  const html = existsSync(page) ? readFileSync(page, "utf8") : "";
  const files = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    (match) => match[1] as string,
  );

  it("waits for nothing of the 3D scene", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => /babylon|open-scene|room-connection|identity-store/.test(file))).toEqual([]);
  });

  it(`needs at most ${budget / 1000} kB`, () => {
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(built, file))).length, 0);
    expect(bytes).toBeLessThan(budget);
  });
});
