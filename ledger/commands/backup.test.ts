// Backup and restore as people run them: real processes, and what is on disk afterwards.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { LevelKeyValue } from "../storage/level-key-value.ts";
import { expectOneLine, test } from "./test-folders.ts";
import { command, makeBlocks, serve } from "./test-process.ts";

const signState = (folder: string) => readFile(join(folder, "ledger/validator-state.json"), "utf8");

describe("backup and restore", () => {
  test("a backup of the running ledger goes on elsewhere, and nothing is signed twice", async ({
    root,
    data,
    other,
  }) => {
    await makeBlocks(data, 4);
    const server = serve(data, { GLASSTOWN_HEARTBEAT_SECONDS: "0.2" });
    await server.ready;
    const copy = join(root, "backup");
    const made = await command(data, "backup", copy, "--with-key");
    expect(made).toMatchObject({ status: 0, report: { folder: copy, format: 1 } });
    const again = await command(data, "backup", copy);
    expect(again).toMatchObject({
      status: 1,
      errors: `ledger: ${copy}: is not empty; choose a new folder for the backup\n`,
    });
    const ended = await server.end();
    expect(ended.status).toBe(0);
    const before = await signState(data);

    // Over a newer ledger: refused, and with force never the sign state of the backup.
    const refused = await command(data, "restore", copy);
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain("holds a ledger already");
    const signed = Number(JSON.parse(before).height);
    if (signed > made.report.height) {
      expect((await command(data, "restore", copy, "--force")).status).toBe(0);
      expect(await signState(data)).toBe(before);
      const start = await serve(data).ended;
      expect(start.status).toBe(1);
      expect(start.errors).toContain(`the validator has signed block ${signed}`);
    }

    // On a new machine without the sign state: read, but no blocks; on one's word that nothing was signed since: blocks.
    const restored = await command(other, "restore", copy);
    expect(restored).toMatchObject({ status: 0, report: { height: made.report.height, canMakeBlocks: false } });
    expect(restored.errors).toContain("put the newest validator-state.json");
    expect((await command(other, "verify")).report).toMatchObject({ height: made.report.height, fault: null });
    const silent = await serve(other).ended;
    expect(silent.errors).toContain("validator-state.json is missing or too old");
    const sworn = await command(other, "restore", copy, "--force", "--nothing-signed-since");
    expect(sworn.report).toMatchObject({ canMakeBlocks: true });
    const goesOn = serve(other);
    expect((await goesOn.ready).height).toBe(made.report.height + 1);
    await goesOn.end();
  }, 240_000);

  test("a backup that is not whole, or not what was backed up, is refused and nothing is put in place", async ({
    root,
    data,
    other,
  }) => {
    await makeBlocks(data, 2);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const store = await LevelKeyValue.open(join(copy, "store"));
    await store.write([{ type: "put", key: Buffer.from("saccounts/name/mallory"), value: Buffer.from('"x"') }], true);
    await store.close();
    const changed = await command(other, "restore", copy);
    expect(changed.status).toBe(1);
    expectOneLine(changed.errors);
    expect(changed.errors).toContain("is not what was backed up");
    await rm(join(copy, "backup.json"));
    const unfinished = await command(other, "restore", copy);
    expect(unfinished.errors).toContain("backup.json: is missing");
    expect(await readdir(join(other, "ledger"))).not.toContain("store");
  }, 240_000);
});

test("a validator-state.json that is older than the backup is not taken for the newest: no blocks are made", async ({
  root,
  data,
  other,
}) => {
  await makeBlocks(data, 2);
  const old = await signState(data);
  await makeBlocks(data, 3);
  const copy = join(root, "backup");
  await command(data, "backup", copy, "--with-key");
  await mkdir(join(other, "ledger"), { recursive: true });
  await writeFile(join(other, "ledger/validator-state.json"), old);
  const restored = await command(other, "restore", copy);
  expect(restored).toMatchObject({ status: 0, report: { canMakeBlocks: false } });
  expect(restored.errors).toContain("put the newest validator-state.json");
  expect(await signState(other)).toBe(old);
  expect((await serve(other).ended).errors).toContain("validator-state.json is missing or too old");
  await writeFile(join(other, "ledger/validator-state.json"), await signState(data));
  const server = serve(other);
  await server.ready;
  await server.end();
}, 240_000);
