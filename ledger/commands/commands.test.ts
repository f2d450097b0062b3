// The commands as people run them: real processes, what they say, their exit status, and what is on disk afterwards.

import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { encodeResults } from "../storage/block-records.ts";
import { keysOf, resultsKey, transactionsKey } from "../storage/keys.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { LevelKeyValue } from "../storage/level-key-value.ts";
import { sealRecord } from "../storage/record-codec.ts";
import { backup } from "./backup.ts";
import { folderOf, parseInput, UsageError } from "./command.ts";
import { prune } from "./prune.ts";
import { command, killAll, makeBlocks, serve } from "./test-process.ts";
import { verify } from "./verify.ts";

let root: string;
let data: string;
let other: string;
beforeEach(async () => {
  root = await makeTestFolder();
  data = join(root, "data");
  other = join(root, "other");
});
afterEach(async () => {
  killAll();
  await removeTestFolder(root);
});

const signState = (folder: string) => readFile(join(folder, "ledger/validator-state.json"), "utf8");
const asOneLine = (text: string) => expect(text.trimEnd().split("\n")).toHaveLength(1);

describe("backup and restore", () => {
  test("a backup of the running ledger goes on elsewhere, and nothing is signed twice", async () => {
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
  }, 60_000);

  test("a backup that is not whole, or not what was backed up, is refused and nothing is put in place", async () => {
    await makeBlocks(data, 2);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const store = await LevelKeyValue.open(join(copy, "store"));
    await store.write([{ type: "put", key: Buffer.from("saccounts/name/mallory"), value: Buffer.from('"x"') }], true);
    await store.close();
    const changed = await command(other, "restore", copy);
    expect(changed.status).toBe(1);
    asOneLine(changed.errors);
    expect(changed.errors).toContain("is not what was backed up");
    await rm(join(copy, "backup.json"));
    const unfinished = await command(other, "restore", copy);
    expect(unfinished.errors).toContain("backup.json: is missing");
    expect(await readdir(join(other, "ledger"))).not.toContain("store");
  }, 60_000);
});

test("a validator-state.json that is older than the backup is not taken for the newest: no blocks are made", async () => {
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
}, 60_000);

describe("repair", () => {
  /** Opens the store, writes to it and closes it. */
  async function change(write: (store: LedgerStore) => Promise<unknown>): Promise<void> {
    const store = await LedgerStore.open(join(data, "ledger/store"));
    await write(store);
    await store.close();
  }
  const remove = (height: number) =>
    change((store) => store.keyValue.write([{ type: "del", key: transactionsKey(height) }], true));

  test("takes later blocks from what an earlier repair moved aside", async () => {
    await makeBlocks(data, 3);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const { height, appHash } = await makeBlocks(data, 4);
    await remove(3);
    expect(await command(data, "repair")).toMatchObject({ status: 1, report: { height: 2 } });
    expect(await command(data, "repair", "--from", copy)).toMatchObject({ status: 0, report: { height, lost: null } });
    expect((await command(data, "verify")).report).toMatchObject({ height, appHash, fault: null });
  }, 60_000);

  test("of a pruned chain keeps what it has, though a backup holds the beginning; its totals stay", async () => {
    await makeBlocks(data, 3);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const { height } = await makeBlocks(data, 4);
    await command(data, "prune", "--keep", "2");
    let totals: unknown;
    await change(async (store) => {
      totals = await store.dailyTotals("", "9");
    });
    await writeFile(join(data, "ledger/store/CURRENT"), "MANIFEST-999999\n");
    expect(await command(data, "repair", "--from", copy)).toMatchObject({
      status: 0,
      report: { lowest: height - 1, height, lost: null },
    });
    await change(async (store) => expect(await store.dailyTotals("", "9")).toEqual(totals));
  }, 60_000);

  test("does not put other results in place of whole ones that no header contradicts", async () => {
    const { height } = await makeBlocks(data, 3);
    await change(async (store) => {
      const results = (await store.results(height))!;
      const others = encodeResults({ ...results, events: [{ type: "energy/invented", attributes: {} }] });
      await store.keyValue.write([{ type: "put", key: resultsKey(height), value: sealRecord(others) }], true);
    });
    expect(await command(data, "repair")).toMatchObject({
      status: 1,
      report: {
        height: height - 1,
        lost: { from: height, to: height },
        reason: "the events or ids of the results differ",
      },
    });
  }, 60_000);

  test("a store from which nothing can be read stays where it is", async () => {
    await makeBlocks(data, 2);
    const folder = join(data, "ledger/store");
    for (const name of await readdir(folder)) if (name !== "LOCK") await writeFile(join(folder, name), "");
    await rm(join(data, "ledger/validator-state.json"));
    const refused = await command(data, "repair");
    expect(refused.status).toBe(1);
    asOneLine(refused.errors);
    expect(refused.errors).toContain("restore a backup");
    expect(await readdir(join(data, "ledger"))).not.toContain("store-making");
  }, 60_000);

  test("no chain is begun anew where replacing the store was interrupted", async () => {
    await makeBlocks(data, 1);
    await rm(join(data, "ledger/validator-state.json"));
    await rename(join(data, "ledger/store"), join(data, "ledger/store-damaged-20261122T000000Z"));
    const { status, errors } = await serve(data).ended;
    expect(status).toBe(1);
    asOneLine(errors);
    expect(errors).toContain("a command that replaces it was interrupted");
  }, 60_000);

  test("makes the store anew from what is left, and says what is lost", async () => {
    const { height, appHash } = await makeBlocks(data, 5);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const folder = join(data, "ledger/store");

    await writeFile(join(folder, "CURRENT"), "MANIFEST-999999\n");
    const start = await serve(data).ended;
    expect(start.status).toBe(1);
    asOneLine(start.errors);
    expect(start.errors).toContain("MANIFEST-999999: is missing; mend it with `npm run ledger -- repair`");
    const mended = await command(data, "repair");
    expect(mended).toMatchObject({ status: 0, report: { height, lost: null } });
    expect((await command(data, "verify")).report).toMatchObject({ height, appHash, fault: null });

    // A block that no one holds any more is named, and comes back from the backup.
    await rm(mended.report.oldStore, { recursive: true });
    const store = await LevelKeyValue.open(folder);
    await store.write([{ type: "del", key: transactionsKey(3) }], true);
    await store.close();
    expect((await command(data, "verify")).report.fault).toEqual({ height: 3, reason: "the block is missing" });
    const lossy = await command(data, "repair");
    expect(lossy).toMatchObject({ status: 1, report: { height: 2, lost: { from: 3, to: height } } });
    expect(lossy.errors).toContain(`blocks 3 to ${height} could not be read`);
    const refused = await serve(data).ended;
    expect(refused.errors).toContain(`the validator has signed block ${height}`);
    const whole = await command(data, "repair", "--from", copy);
    expect(whole).toMatchObject({ status: 0, report: { height, lost: null } });
    expect((await command(data, "verify")).report).toMatchObject({ height, appHash, fault: null });
    const server = serve(data);
    expect((await server.ready).height).toBe(height + 1);
    await server.end();
  }, 60_000);

  test("is refused while the ledger runs, and where there is nothing", async () => {
    expect((await command(data, "repair")).errors).toContain("there is no store to repair");
    await makeBlocks(data, 1);
    const server = serve(data);
    await server.ready;
    for (const args of [
      ["repair"],
      ["verify"],
      ["index"],
      ["prune", "--keep", "1"],
      ["export", join(root, "snapshot")],
    ]) {
      const refused = await command(data, ...args);
      expect(refused.status).toBe(1);
      expect(refused.errors).toContain("in use by another process");
    }
    expect((await server.end()).status).toBe(0);
  }, 60_000);
});

test("index: what is missing from it is found by verify and made again", async () => {
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
}, 60_000);

describe("export and import", () => {
  test("a snapshot begins a fresh node; whatever is changed in it is refused", async () => {
    const { height } = await makeBlocks(data, 3);
    const snapshot = join(root, "snapshot");
    const exported = await command(data, "export", snapshot);
    expect(exported).toMatchObject({ status: 0, report: { height } });
    const lines = (await command(data, "export", "--json")).output.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).name)).toContain("accounts/name/registrar");

    const changes: readonly (readonly [string, (text: string) => string, string])[] = [
      ["chunk-00000", (text) => text.replace("registrar", "registrat"), "chunk-00000: is refused (chunk_"],
      ["manifest.json", (text) => text.replace(/"entries":\d/, '"entries":9'), "manifest.json: is refused (manifest_"],
      [
        "block.json",
        (text) => text.replace(/"app_hash": "[0-9A-F]{2}/, '"app_hash": "00'),
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
      asOneLine(refused.errors);
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
    expect((await server.ready).height).toBe(height + 2);
    await server.end();
  }, 60_000);
});

describe("prune", () => {
  test("removes what is older, and the rest is still replayed, repaired and served", async () => {
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
    await server.end();
  }, 60_000);

  test("keeps pruning as the ledger runs, when it is asked to", async () => {
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
  }, 120_000);
});

describe("words", () => {
  test("what cannot be understood is refused with status 2 and one line", async () => {
    for (const [args, words] of [
      [["dance"], 'unknown command "dance"'],
      [["prune", "--keep", "0"], '--keep is "0"'],
      [["backup", "a", "b"], '"b" is one too many'],
    ] as const) {
      const refused = await command(data, ...args);
      expect(refused.status).toBe(2);
      asOneLine(refused.errors);
      expect(refused.errors).toContain(words);
    }
    expect(() => parseInput(verify, ["--fast"])).toThrow("Unknown option '--fast'");
    expect(() => parseInput(prune, ["--keep"])).toThrow(UsageError);
    expect(() => folderOf(backup, parseInput(backup, []))).toThrow("a folder is missing");
  }, 60_000);

  test("--help says what there is, and changes nothing", async () => {
    const all = await command(data, "--help");
    expect(all.status).toBe(0);
    for (const name of ["backup", "restore", "verify", "repair", "index", "export", "import", "prune"])
      expect(all.output).toContain(`  ${name}`);
    const one = await command(data, "restore", "--help");
    expect(one).toMatchObject({ status: 0, errors: "" });
    expect(one.output).toContain("npm run ledger -- restore <folder> [--force]");
    await expect(readdir(data)).rejects.toThrow("ENOENT");
  }, 60_000);

  test("what the system refuses is one line too", async () => {
    await makeBlocks(data, 1);
    const snapshot = join(root, "snapshot");
    await command(data, "export", snapshot);
    await writeFile(join(root, "file"), "");
    await mkdir(join(other, "ledger"), { recursive: true });
    await writeFile(join(other, "ledger/genesis.json"), "{");
    for (const folder of [join(root, "file/data"), other]) {
      const refused = await command(folder, "import", snapshot);
      expect(refused.status).toBe(1);
      asOneLine(refused.errors);
      expect(refused.errors).toContain(folder);
    }
  }, 60_000);

  test("where there is no ledger none is made", async () => {
    await mkdir(data);
    const refused = await command(data, "verify");
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain("there is no ledger");
    expect(await readdir(data)).toEqual([]);
  }, 60_000);
});
