// Export and import as people run them, and everything that may be forged in a snapshot.

import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { expectOneLine, test } from "./test-folders.ts";
import { command, makeBlocks, serve } from "./test-process.ts";

describe("export and import", () => {
  test("a snapshot begins a fresh node; whatever is changed in it is refused", async ({ root, data, other }) => {
    const { height } = await makeBlocks(data, 3);
    const snapshot = join(root, "snapshot");
    const exported = await command(data, "export", snapshot);
    expect(exported).toMatchObject({ status: 0, report: { height } });
    const lines = (await command(data, "export", "--json")).output.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).name)).toContain("accounts/name/registrar");

    const changes: readonly (readonly [string, (text: string) => string, string])[] = [
      ["chunk-00000", (text) => text.replace("registrar", "registrat"), "chunk-00000: is refused (chunk_"],
      ["manifest.json", (text) => text.replace(/"entries":/, '"entries":9'), "manifest.json: is refused (manifest_"],
      [
        "block.json",
        // Another digit whatever it is: one hash in 256 begins with any two that are put there.
        (text) => text.replace(/"app_hash": "([0-9A-F])/, (_, digit) => `"app_hash": "${digit === "0" ? "1" : "0"}`),
        "block.json: is not signed",
      ],
      ["block.json", () => "{}", "block.json: is no block"],
      ["genesis.json", () => "{}", "genesis.json: "],
    ];
    for (const [name, change, words] of changes) {
      const forged = join(root, "forged");
      await cp(snapshot, forged, { recursive: true });
      await writeFile(join(forged, name), change(await readFile(join(forged, name), "latin1")), "latin1");
      const refused = await command(other, "import", forged);
      expect(refused.status).toBe(1);
      expectOneLine(refused.errors);
      expect(refused.errors).toContain(words);
      expect(await readdir(join(other, "ledger"))).not.toContain("store");
      await rm(forged, { recursive: true });
    }

    expect(await command(other, "import", snapshot)).toMatchObject({ status: 0, report: { height: height + 1 } });
    expect((await command(other, "verify")).report).toMatchObject({
      lowest: height + 1,
      height: height + 1,
      fault: null,
    });
    expect((await command(other, "import", snapshot)).errors).toContain("holds a ledger already");
    for (const name of ["validator.json", "validator-state.json"])
      await cp(join(data, "ledger", name), join(other, "ledger", name));
    const server = serve(other);
    const ready = await server.ready;
    expect(ready.height).toBe(height + 2);
    // What came before the snapshot another node must prove.
    const proof = await fetch(`${ready.url}/v1/history/${height + 1}`);
    expect([proof.status, await proof.json()]).toEqual([200, expect.objectContaining({ size: height + 1 })]);
    const unknown = await fetch(`${ready.url}/v1/history/${height}`);
    expect(unknown.status).toBe(404);
    expect(((await unknown.json()) as { detail: string }).detail).toContain(`from block ${height + 1} on only`);
    await server.end();
    expect((await command(other, "verify")).report.fault).toBeNull();
    expect((await command(other, "index")).status).toBe(0);
    expect((await command(other, "verify")).report.fault).toBeNull();
  }, 240_000);
});
