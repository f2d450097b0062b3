// Damage in LevelDB's files: bit flips and cuts at random places are found and named, torn ends of the log are not called damage.

import { randomInt } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { crc32c } from "./crc32c.ts";
import { findDamage } from "./level-files.ts";
import { LevelKeyValue } from "./level-key-value.ts";
import { snappyDecompress } from "./snappy.ts";

const seed = Number(process.env["TEST_SEED"] ?? randomInt(2 ** 31));
let folder: string;
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => removeTestFolder(folder));

/** A folder with a table (opening moves the log into one) and a log of several batches. */
async function fill(): Promise<void> {
  for (const round of [0, 1]) {
    const disk = await LevelKeyValue.open(folder);
    for (let batch = 0; batch < 20; batch++) {
      const key = (at: number) => Buffer.from(`${round}.${batch}.${at}`);
      const value = (at: number) => Buffer.from(`value ${at}`.repeat(1 + (at % 300)));
      await disk.write(
        Array.from({ length: 40 }, (_, at) => ({ type: "put", key: key(at), value: value(at) })),
        true,
      );
    }
    await disk.close();
  }
}

test("after a flush nothing rests on logs that were never synced", async () => {
  const disk = await LevelKeyValue.open(folder);
  const value = Buffer.alloc(65_536, 7);
  // More than one log of 4 MiB.
  for (let at = 0; at < 150; at++) await disk.write([{ type: "put", key: Buffer.from(`${at}`), value }], false);
  await disk.flush();
  await disk.close();
  for (const name of await readdir(folder)) if (name.endsWith(".log")) await writeFile(join(folder, name), "");
  const after = await LevelKeyValue.open(folder);
  for (let at = 0; at < 150; at++) expect(await after.get(Buffer.from(`${at}`))).toBeDefined();
  await after.close();
});

const named = async (form: RegExp): Promise<string> =>
  join(folder, (await readdir(folder)).find((name) => form.test(name))!);

describe(`damage in files (seed ${seed})`, () => {
  test("there is none in files that LevelDB wrote", async () => {
    expect(await findDamage(folder)).toBeNull();
    await fill();
    expect((await readdir(folder)).some((name) => name.endsWith(".ldb"))).toBe(true);
    expect(await findDamage(folder)).toBeNull();
  });

  test.each([
    ["a table", /\.ldb$/],
    ["the manifest", /^MANIFEST/],
  ])("a flipped bit in %s is found", async (_, form) => {
    await fill();
    const file = await named(form);
    const good = await readFile(file);
    const random = seededNumbers(seed);
    for (let round = 0; round < 60; round++) {
      const bad = Buffer.from(good);
      // The padding of a table's footer means nothing. LevelDB itself refuses a manifest whose end does not hold.
      const at = random(form.test("MANIFEST") ? 30 : good.length - 48);
      bad[at]! ^= 1 << random(8);
      await writeFile(file, bad);
      expect((await findDamage(folder))?.file, `bit in byte ${at}`).toBe(file);
    }
  });

  test("tables' data are read as far as is asked, their ends always", async () => {
    await fill();
    const file = await named(/\.ldb$/);
    const bytes = await readFile(file);
    bytes[20]! ^= 1;
    await writeFile(file, bytes);
    const what = expect.stringContaining("the block at byte 0 does not hold its checksum");
    expect(await findDamage(folder, bytes.length)).toEqual({ file, what });
    expect(await findDamage(folder, bytes.length - 1)).toBeNull();
  });

  test("a flipped bit in the log, before its last batch, is found", async () => {
    await fill();
    const file = await named(/\.log$/);
    const good = await readFile(file);
    const random = seededNumbers(seed);
    for (let round = 0; round < 60; round++) {
      const bad = Buffer.from(good);
      const at = random(Math.floor(good.length * 0.9));
      bad[at]! ^= 1 << random(8);
      await writeFile(file, bad);
      expect((await findDamage(folder, 0))?.file, `bit in byte ${at}`).toBe(file);
    }
  });

  test("an end that is torn is not damage; a table that is cut off, missing pieces are", async () => {
    await fill();
    const random = seededNumbers(seed);
    const log = await named(/\.log$/);
    const whole = await readFile(log);
    for (let round = 0; round < 30; round++) {
      const cut = Buffer.from(whole.subarray(0, random(whole.length)));
      await writeFile(log, cut);
      expect(await findDamage(folder, 0)).toBeNull();
    }
    await writeFile(log, whole);
    const table = await named(/\.ldb$/);
    await writeFile(table, (await readFile(table)).subarray(0, -1));
    expect(await findDamage(folder, 0)).toEqual({ file: table, what: "is cut off" });
    await writeFile(join(folder, "CURRENT"), "MANIFEST-999999\n");
    expect(await findDamage(folder, 0)).toEqual({ file: join(folder, "MANIFEST-999999"), what: "is missing" });
  });
});

test("CRC-32C of RFC 3720, B.4", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
});

test("Snappy: literals, copies that overlap, and what reaches outside is refused", () => {
  expect(Buffer.from(snappyDecompress(Uint8Array.of(7, 0x04, 0x61, 0x62, 0x05, 0x02), 100)).toString()).toBe("abababa");
  expect(() => snappyDecompress(Uint8Array.of(7, 0x04, 0x61, 0x62, 0x05, 0x03), 100)).toThrow(RangeError);
  expect(() => snappyDecompress(Uint8Array.of(7, 0x04, 0x61), 100)).toThrow(RangeError);
  expect(() => snappyDecompress(Uint8Array.of(0xff, 0xff, 0xff, 0x7f), 100)).toThrow(RangeError);
});
