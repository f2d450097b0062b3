// A running city is verified and exported through a backup, which stays as it is to the byte; so does one that is restored, which may
// stand on read-only media.

import { createHash } from "node:crypto";
import { chmod, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { transactionsKey } from "../storage/keys.ts";
import { LevelKeyValue } from "../storage/level-key-value.ts";
import { test as base } from "./test-folders.ts";
import { command, killAll, makeBlocks, serve } from "./test-process.ts";

const test = base.extend<{ copy: string }>({
  copy: async ({ root }, use) => {
    const copy = join(root, "backup");
    await use(copy);
    killAll();
    await protect(copy, 0o700, 0o600).catch(() => undefined);
  },
});

async function entriesOf(folder: string) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found.map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }));
}

/** Sets the modes of a folder and all in it. */
async function protect(folder: string, folderMode: number, fileMode: number): Promise<void> {
  for (const { path, isFile } of await entriesOf(folder)) await chmod(path, isFile ? fileMode : folderMode);
  await chmod(folder, folderMode);
}

/** Everything that shows that a folder was written to: modes do not bind root. */
async function traceOf(folder: string): Promise<readonly string[]> {
  const traces: string[] = [];
  for (const { path, isFile } of [{ path: folder, isFile: false }, ...(await entriesOf(folder))]) {
    const { mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    const digest = isFile
      ? createHash("sha256")
          .update(await readFile(path))
          .digest("hex")
      : "";
    traces.push(`${path} ${mtimeNs} ${ctimeNs} ${digest}`);
  }
  return traces.sort();
}

test("verify, export and restore read a backup of the running ledger and change nothing in it", async ({
  root,
  data,
  other,
  copy,
}) => {
  await makeBlocks(data, 4);
  const server = serve(data);
  await server.ready;
  const made = await command(data, "backup", copy);
  expect(made.status).toBe(0);
  await protect(copy, 0o500, 0o400);
  const before = await traceOf(copy);
  const { height } = made.report;

  const refused = await command(data, "verify");
  expect(refused.status).toBe(1);
  expect(refused.errors).toContain(
    "is in use by another process; stop that one first. While the ledger runs, `npm run ledger -- backup <folder>` copies it, and " +
      "`verify --from <folder>` and `export --from <folder>` read the copy\n",
  );
  expect(await command(data, "verify", "--from", copy)).toMatchObject({ status: 0, report: { height, fault: null } });
  const snapshot = join(root, "snapshot");
  const exported = await command(data, "export", snapshot, "--from", copy);
  expect(exported).toMatchObject({ status: 0, report: { height: height - 1, folder: snapshot } });
  const lines = (await command(data, "export", "--json", "--from", copy)).output.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).name)).toContain("accounts/name/registrar");
  expect((await server.end()).status).toBe(0);

  expect((await command(other, "import", snapshot)).report).toMatchObject({ height });
  expect((await command(other, "verify")).report).toMatchObject({ lowest: height, height, fault: null });
  const restored = await command(other, "restore", copy, "--force");
  expect(restored).toMatchObject({ status: 0, report: { height } });
  expect(await traceOf(copy)).toEqual(before);
}, 240_000);

test("a backup that was changed, or that holds less than it says, is found by verify --from", async ({
  root,
  data,
  other,
  copy,
}) => {
  await makeBlocks(data, 3);
  await command(data, "backup", copy);
  const store = await LevelKeyValue.open(join(copy, "store"));
  await store.write([{ type: "del", key: transactionsKey(2) }], true);
  await store.close();
  const changed = await command(data, "verify", "--from", copy);
  expect(changed.status).toBe(1);
  expect(changed.errors).toBe(
    `ledger: ${join(copy, "store")}: is not what was backed up; it is damaged, take another backup\n`,
  );
  const exported = await command(data, "export", join(root, "snapshot"), "--from", copy);
  expect(exported.errors).toBe(`ledger: ${join(copy, "store")}: block 2: the block is missing\n`);
  expect((await command(data, "verify", "--from", other)).errors).toContain(`${other} is no backup`);
}, 240_000);
