// For tests: commands and servers as real processes on a data folder, and a chain with some blocks in it.

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { advanceToBlock, ManualClock, openTestChain, submitSomeone } from "../consensus/test-chain.ts";

const startMs = Date.UTC(2026, 10, 22, 12);

export interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
  /** The last JSON line of the output. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into reports whose shape they assert.
  readonly report: any;
}

const running = new Set<ChildProcess>();

export function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

export async function command(data: string, ...args: string[]): Promise<Ended> {
  return spawnLedger(data, args).ended;
}

/** A server; `ready` answers its address. */
export function serve(data: string, environment: Record<string, string> = {}) {
  const { child, ended, lines } = spawnLedger(data, [], environment);
  const ready = new Promise<{ url: string; height: number }>((resolve, reject) => {
    lines((line) => {
      if (line.includes('"msg":"ready"')) resolve(JSON.parse(line));
    });
    void ended.then(({ errors }) => reject(new Error(errors)));
  });
  ready.catch(() => undefined);
  const end = (signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return { ready, ended, end };
}

function spawnLedger(data: string, args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../main.ts"), ...args], {
    env: { ...process.env, GLASSTOWN_DATA: data, GLASSTOWN_LEDGER_PORT: "0", ...environment },
  });
  running.add(child);
  let output = "";
  let errors = "";
  let rest = "";
  let listener = (_: string): void => undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    rest += text;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      listener(rest.slice(0, end));
      rest = rest.slice(end + 1);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (status) => {
      running.delete(child);
      const last = output.trimEnd().split("\n").at(-1) ?? "";
      resolve({ status, output, errors, report: last.startsWith("{") ? JSON.parse(last) : null });
    });
  });
  const lines = (listen: (line: string) => void): void => {
    listener = listen;
  };
  return { child, ended, lines };
}

/** Makes a chain in `data/ledger`, or goes on with it: so many blocks with a registration each, every one an hour after the other. */
export async function makeBlocks(
  data: string,
  count: number,
): Promise<{ readonly height: number; readonly appHash: string }> {
  const clock = new ManualClock(startMs);
  const chain = await openTestChain({ folder: join(data, "ledger"), clock, heartbeatMs: 3_600_000 });
  await chain.engine.start();
  for (let made = 0; made < count; made++) {
    await submitSomeone(chain, `Citizen ${chain.engine.height}`);
    await advanceToBlock(chain, clock, 3_600_000);
  }
  const { height, appHash } = chain.store.head!;
  await chain.close();
  return { height, appHash };
}
