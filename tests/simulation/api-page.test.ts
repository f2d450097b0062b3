// Keeps docs/use-the-ledger-api.md true: its program runs as it stands there, against a ledger on a real socket, and prints what the
// page says.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../ledger/api/test-server.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/use-the-ledger-api.md"), "utf8");
const blockOf = (language: string): string => {
  const found = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].filter(([, kind]) => kind === language);
  if (found.length !== 1) throw new Error(`the page has ${found.length} blocks of ${language}, not one`);
  return found[0]![2]!;
};

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startTestServer();
  // Under the project, where the page's reader has the packages.
  mkdirSync(join(root, "build"), { recursive: true });
  folder = mkdtempSync(join(root, "build/api-page-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

it("the page's program runs against a ledger and prints what the page says", { timeout: 120_000 }, async () => {
  const program = join(folder, "first-transaction.mjs");
  writeFileSync(program, blockOf("js"));
  const child = spawn(process.execPath, [program, server.url], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const status = await new Promise((done, failed) => child.once("error", failed).once("close", done));
  expect(errors).toBe("");
  expect(status).toBe(0);
  expect(printed).toBe(blockOf("text"));
});
