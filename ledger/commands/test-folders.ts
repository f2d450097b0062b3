// For tests of the commands: folders that are new for each test and gone after it, with every process that was started on them.

import { join } from "node:path";
import { test as base, expect } from "vitest";
import { makeTestFolder, removeTestFolder } from "../consensus/test-chain.ts";
import { killAll } from "./test-process.ts";

export interface TestFolders {
  /** Holds the others, and whatever else a test makes. */
  readonly root: string;
  /** GLASSTOWN_DATA of the ledger under test; not made yet. */
  readonly data: string;
  /** The same of another ledger. */
  readonly other: string;
}

/** A test whose function takes the folders that it names. */
export const test = base.extend<TestFolders>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of what it needs from the pattern.
  root: async ({}, use) => {
    const root = await makeTestFolder();
    await use(root);
    killAll();
    await removeTestFolder(root);
  },
  data: ({ root }, use) => use(join(root, "data")),
  other: ({ root }, use) => use(join(root, "other")),
});

export function expectOneLine(text: string): void {
  expect(text.trimEnd().split("\n")).toHaveLength(1);
}
