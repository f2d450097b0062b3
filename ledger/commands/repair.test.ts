// Repair as people run it: what is left is used, what is lost is said, nothing is overwritten.

import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { encodeResults } from "../storage/block-records.ts";
import { resultsKey, transactionsKey } from "../storage/keys.ts";
import { LedgerStore } from "../storage/ledger-store.ts";
import { LevelKeyValue } from "../storage/level-key-value.ts";
import { sealRecord } from "../storage/record-codec.ts";
import { expectOneLine, test } from "./test-folders.ts";
import { command, makeBlocks, serve } from "./test-process.ts";

describe("repair", () => {
  /** Opens the store, writes to it and closes it. */
  async function change(data: string, write: (store: LedgerStore) => Promise<unknown>): Promise<void> {
    const store = await LedgerStore.open(join(data, "ledger/store"));
    await write(store);
    await store.close();
  }
  const remove = (data: string, height: number) =>
    change(data, (store) => store.keyValue.write([{ type: "del", key: transactionsKey(height) }], true));

  test("takes later blocks from what an earlier repair moved aside", async ({ root, data }) => {
    await makeBlocks(data, 3);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const { height, appHash } = await makeBlocks(data, 4);
    await remove(data, 3);
    expect(await command(data, "repair")).toMatchObject({ status: 1, report: { height: 2 } });
    expect(await command(data, "repair", "--from", copy)).toMatchObject({ status: 0, report: { height, lost: null } });
    expect((await command(data, "verify")).report).toMatchObject({ height, appHash, fault: null });
  }, 240_000);

  test("of a pruned chain keeps what it has, though a backup holds the beginning; its totals and its history stay", async ({
    root,
    data,
  }) => {
    await makeBlocks(data, 3);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const { height } = await makeBlocks(data, 4);
    await command(data, "prune", "--keep", "2");
    let totals: unknown;
    let proof: unknown;
    await change(data, async (store) => {
      totals = await store.dailyTotals("", "9");
      proof = await store.historyProof(1, height);
    });
    expect(proof).toMatchObject({ height: 1, size: height });
    await writeFile(join(data, "ledger/store/CURRENT"), "MANIFEST-999999\n");
    expect(await command(data, "repair", "--from", copy)).toMatchObject({
      status: 0,
      report: { lowest: height - 1, height, lost: null },
    });
    await change(data, async (store) => {
      expect(await store.dailyTotals("", "9")).toEqual(totals);
      expect(await store.historyProof(1, height)).toEqual(proof);
    });
    expect((await command(data, "verify")).report.fault).toBeNull();
  }, 240_000);

  test("does not put other results in place of whole ones that no header contradicts", async ({ data }) => {
    const { height } = await makeBlocks(data, 3);
    await change(data, async (store) => {
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
  }, 240_000);

  test("a store from which nothing can be read stays where it is", async ({ data }) => {
    await makeBlocks(data, 2);
    const folder = join(data, "ledger/store");
    for (const name of await readdir(folder)) if (name !== "LOCK") await writeFile(join(folder, name), "");
    await rm(join(data, "ledger/validator-state.json"));
    const refused = await command(data, "repair");
    expect(refused.status).toBe(1);
    expectOneLine(refused.errors);
    expect(refused.errors).toContain("restore a backup");
    expect(await readdir(join(data, "ledger"))).not.toContain("store-making");
  }, 240_000);

  test("no chain is begun anew where replacing the store was interrupted", async ({ data }) => {
    await makeBlocks(data, 1);
    await rm(join(data, "ledger/validator-state.json"));
    await rename(join(data, "ledger/store"), join(data, "ledger/store-damaged-20261122T000000Z"));
    const { status, errors } = await serve(data).ended;
    expect(status).toBe(1);
    expectOneLine(errors);
    expect(errors).toContain("a command that replaces it was interrupted");
  }, 240_000);

  test("makes the store anew from what is left, and says what is lost", async ({ root, data }) => {
    const { height, appHash } = await makeBlocks(data, 5);
    const copy = join(root, "backup");
    await command(data, "backup", copy);
    const folder = join(data, "ledger/store");

    await writeFile(join(folder, "CURRENT"), "MANIFEST-999999\n");
    const start = await serve(data).ended;
    expect(start.status).toBe(1);
    expectOneLine(start.errors);
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
  }, 240_000);

  test("is refused while the ledger runs, and where there is nothing", async ({ root, data }) => {
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
  }, 240_000);
});
