// The commands as people run them: real processes, what they say, their exit status, and what is on disk afterwards.

import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { keysOf } from "../storage/keys.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { LevelKeyValue } from "../storage/level-key-value.ts";
import { backup } from "./backup.ts";
import { folderOf, parseInput, UsageError } from "./command.ts";
import { prune } from "./prune.ts";
import { expectOneLine, test } from "./test-folders.ts";
import { command, makeBlocks, serve } from "./test-process.ts";
import { verify } from "./verify.ts";

test("index: what is missing from it is found by verify and made again", async ({ data }) => {
  await makeBlocks(data, 3);
  const folder = join(data, "ledger/store");
  const store = await LevelKeyValue.open(folder);
  const page = (await store.pages(keysOf("p")).next()).value as [Uint8Array, Uint8Array][];
  await store.write([{ type: "del", key: page[0]![0] }], true);
  await store.close();
  const faulty = await command(data, "verify");
  expect(faulty.status).toBe(1);
  expect(faulty.report.fault.reason).toContain("the index lacks an entry");
  expect((await command(data, "index")).status).toBe(0);
  expect((await command(data, "verify")).report.fault).toBeNull();

  const days = await LedgerStore.open(folder);
  const [day] = await days.dailyTotals("", "9");
  await days.putTotals({ ...day!, transactions: day!.transactions + 1 });
  await days.close();
  expect((await command(data, "verify")).report.fault.reason).toContain(`the totals of ${day!.day} differ`);
  expect((await command(data, "index")).status).toBe(0);
  expect((await command(data, "verify")).report.fault).toBeNull();
}, 240_000);

describe("prune", () => {
  test("removes what is older, and the rest is still replayed, repaired and served", async ({ data }) => {
    const { height, appHash } = await makeBlocks(data, 6);
    expect(await command(data, "prune", "--keep", "3")).toMatchObject({
      status: 0,
      report: { removed: height - 3, lowest: height - 2, height },
    });
    expect((await command(data, "verify")).report).toMatchObject({ lowest: height - 2, height, appHash, fault: null });
    expect((await command(data, "prune", "--keep", "3")).report).toMatchObject({ removed: 0 });
    expect((await command(data, "repair")).report).toMatchObject({ lowest: height - 2, height, lost: null });
    expect((await command(data, "index")).status).toBe(0);
    expect((await command(data, "prune", "--keep", "1")).report).toMatchObject({ lowest: height });
    expect(await readdir(join(data, "ledger/base"))).toEqual([`${height - 1}.state`]);
    expect((await command(data, "verify")).report.fault).toBeNull();
    const server = serve(data);
    const { url } = await server.ready;
    expect((await fetch(`${url}/v1/blocks/1`)).status).toBe(410);
    // Its header can still be proven: neither pruning nor repair nor index forgets the history.
    expect((await fetch(`${url}/v1/history/1`)).status).toBe(200);
    await server.end();
  }, 240_000);

  test("keeps pruning as the ledger runs, when it is asked to", async ({ data }) => {
    await makeBlocks(data, 4);
    const server = serve(data, { GLASSTOWN_LEDGER_KEEP_BLOCKS: "20", GLASSTOWN_HEARTBEAT_SECONDS: "0.2" });
    const { url } = await server.ready;
    const gone = async (): Promise<boolean> => (await fetch(`${url}/v1/blocks/10`)).status === 410;
    const height = async (): Promise<number> =>
      ((await (await fetch(`${url}/v1/chain`)).json()) as { height: number }).height;
    while ((await height()) < 60 || !(await gone())) await new Promise((resolve) => setTimeout(resolve, 100));
    await server.end();
    const { report } = await command(data, "verify");
    expect(report.fault).toBeNull();
    expect(report.lowest).toBeGreaterThan(10);
    expect(report.height - report.lowest + 1).toBeGreaterThanOrEqual(20);
  }, 240_000);
});

describe("words", () => {
  test("what cannot be understood is refused with status 2 and one line", async ({ data }) => {
    for (const [args, words] of [
      [["dance"], 'unknown command "dance"'],
      [["prune", "--keep", "0"], '--keep is "0"'],
      [["backup", "a", "b"], '"b" is one too many'],
    ] as const) {
      const refused = await command(data, ...args);
      expect(refused.status).toBe(2);
      expectOneLine(refused.errors);
      expect(refused.errors).toContain(words);
    }
    expect(() => parseInput(verify, ["--fast"])).toThrow("Unknown option '--fast'");
    expect(() => parseInput(prune, ["--keep"])).toThrow(UsageError);
    expect(() => folderOf(backup, parseInput(backup, []))).toThrow("a folder is missing");
  }, 240_000);

  test("--help says what there is, and changes nothing", async ({ data }) => {
    const all = await command(data, "--help");
    expect(all.status).toBe(0);
    for (const name of ["backup", "restore", "verify", "repair", "index", "export", "import", "prune"])
      expect(all.output).toContain(`  ${name}`);
    const one = await command(data, "restore", "--help");
    expect(one).toMatchObject({ status: 0, errors: "" });
    expect(one.output).toContain("npm run ledger -- restore <folder> [--force]");
    await expect(readdir(data)).rejects.toThrow("ENOENT");
  }, 240_000);

  test("what the system refuses is one line too", async ({ root, data, other }) => {
    await makeBlocks(data, 1);
    const snapshot = join(root, "snapshot");
    await command(data, "export", snapshot);
    await writeFile(join(root, "file"), "");
    await mkdir(join(other, "ledger"), { recursive: true });
    await writeFile(join(other, "ledger/genesis.json"), "{");
    for (const folder of [join(root, "file/data"), other]) {
      const refused = await command(folder, "import", snapshot);
      expect(refused.status).toBe(1);
      expectOneLine(refused.errors);
      expect(refused.errors).toContain(folder);
    }
  }, 240_000);

  test("where there is no ledger none is made", async ({ data }) => {
    await mkdir(data);
    const refused = await command(data, "verify");
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain("there is no ledger");
    expect(await readdir(data)).toEqual([]);
  }, 240_000);
});
