// The ledger's process: it starts, ends cleanly, and says in one line why it cannot start.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let data: string;
const children = new Set<ChildProcess>();
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "glasstown-main-"));
});
afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(data, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  /** The ready line; rejects when the process ends before. */
  readonly ready: Promise<{ url: string; chain: string; height: number }>;
  readonly ended: Promise<{ status: number | null; errors: string; output: string }>;
}

function run(commands: string[] = [], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...commands], {
    env: { ...process.env, GLASSTOWN_DATA: data, GLASSTOWN_LEDGER_PORT: "0", ...environment },
  });
  children.add(child);
  let output = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<{ status: number | null; errors: string; output: string }>((resolve) => {
    child.once("close", (status) => {
      children.delete(child);
      resolve({ status, errors, output });
    });
  });
  const ready = new Promise<{ url: string; chain: string; height: number }>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const line = output.split("\n").find((each) => each.includes('"msg":"ready"'));
      if (line !== undefined) resolve(JSON.parse(line));
    });
    void ended.then(({ errors: words }) => reject(new Error(words)));
  });
  ready.catch(() => undefined);
  return { child, ready, ended };
}

async function complaintOf(started: Run, expected = 1): Promise<string> {
  const { status, errors, output } = await started.ended;
  expect(status).toBe(expected);
  expect(errors.trimEnd().split("\n")).toHaveLength(1);
  expect(output).not.toContain("ready");
  return errors.trimEnd();
}

test("serves, ends on SIGTERM with status 0, and continues the chain; verify and export agree", async () => {
  const first = run();
  const { url, chain, height } = await first.ready;
  expect(height).toBe(1);
  expect((await (await fetch(`${url}/v1/chain`)).json()) as object).toMatchObject({ chain });
  // An open event stream must not hold the end up.
  const stream = await fetch(`${url}/v1/events`);
  first.child.kill("SIGTERM");
  expect(await first.ended).toMatchObject({ status: 0, errors: "" });
  await stream.body?.cancel().catch(() => undefined);
  const second = run();
  expect(await second.ready).toMatchObject({ chain, height: 2 });
  second.child.kill("SIGINT");
  expect(await second.ended).toMatchObject({ status: 0 });
  const verified = await run(["verify"]).ended;
  expect(JSON.parse(verified.output)).toMatchObject({ chain, height: 2, fault: null });
  const { output } = await run(["export", "--json"]).ended;
  const lines = output
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string });
  expect(lines.some(({ name }) => name === "accounts/name/city registrar")).toBe(true);
});

test("a busy port", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const words = await complaintOf(run([], { GLASSTOWN_LEDGER_PORT: String(port) }));
  expect(words).toContain(`127.0.0.1:${port} is in use`);
  await new Promise((resolve) => other.close(resolve));
});

test("a second ledger on the same data", async () => {
  const first = run();
  await first.ready;
  expect(await complaintOf(run())).toContain("in use by another process");
});

test("a file where the data folder should be", async () => {
  await writeFile(join(data, "file"), "");
  expect(await complaintOf(run([], { GLASSTOWN_DATA: join(data, "file") }))).toContain("file");
});

test("a damaged store", async () => {
  const first = run();
  await first.ready;
  first.child.kill("SIGTERM");
  await first.ended;
  await writeFile(join(data, "ledger/store/CURRENT"), "MANIFEST-000000\n");
  expect(await complaintOf(run())).toContain("MANIFEST-000000: is missing; mend it with `npm run ledger -- repair`");
});

test("a damaged genesis", async () => {
  await mkdir(join(data, "ledger"));
  await writeFile(join(data, "ledger/genesis.json"), "{}");
  expect(await complaintOf(run())).toContain("genesis.json: genesis_time");
});

test("a wrong setting, a wrong command", async () => {
  expect(await complaintOf(run([], { GLASSTOWN_LEDGER_PORT: "many" }))).toContain("GLASSTOWN_LEDGER_PORT");
  expect(await complaintOf(run(["dance"]), 2)).toContain('unknown command "dance"');
});
