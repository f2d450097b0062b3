// Mutated HTTP requests against a ledger process: methods, paths, headers, bodies, chunking, pipelining, JSON-RPC, WebSockets.
// Every whole request gets an HTTP answer in time, none is an internal error, the process lives, keeps making blocks with the same
// app hash, and does not grow.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { SoakProgram } from "../program.ts";
import { Random, saltOf } from "../random.ts";
import { type MutatedRequest, mutatedRequest, type Routes } from "./mutate-request.ts";

const root = join(import.meta.dirname, "../../..");
const connections = 24;
/** How long a whole request may wait for the first byte of its answer. */
const answerMsMax = 30_000;
/** How long one that is not whole is waited for: the server itself waits longer. */
const partialMs = 50;
const growthBytesMax = 160 * 1_048_576;

interface Server {
  readonly child: ChildProcess;
  readonly url: URL;
  readonly ended: Promise<number | null>;
  /** Lines of the log that no request may cause. */
  readonly complaints: string[];
}

async function start(data: string): Promise<Server> {
  const child = spawn(process.execPath, [join(root, "ledger/main.ts")], {
    cwd: root,
    env: {
      ...process.env,
      GLASSTOWN_DATA: data,
      GLASSTOWN_LEDGER_PORT: "0",
      GLASSTOWN_HEARTBEAT_SECONDS: "0.5",
      GLASSTOWN_LOG: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const complaints: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  child.stderr.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const url = await new Promise<URL>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry = JSON.parse(line) as { level: number | string; msg: string; url?: string };
      if (entry.msg === "ready") resolve(new URL(entry.url!));
      if (Number(entry.level) >= 50 || entry.level === "error" || entry.level === "fatal") complaints.push(line);
    });
    void ended.then((status) => reject(new Error(`the ledger ended with ${status}: ${complaints.join("")}`)));
  });
  return { child, url, ended, complaints };
}

/** Sends one request on a connection of its own. Answers what came back, at most 64 KiB of it, or null when nothing did. */
function exchange(url: URL, { bytes, whole }: MutatedRequest): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), "127.0.0.1");
    let received = "";
    const end = (answer: string | null): void => {
      clearTimeout(timer);
      socket.removeAllListeners("close");
      socket.resetAndDestroy();
      resolve(answer);
    };
    const timer = setTimeout(
      () => (whole ? reject(new Error(`no answer within ${answerMsMax} ms`)) : end(received === "" ? null : received)),
      whole ? answerMsMax : partialMs,
    );
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(received === "" ? null : received);
    });
    socket.on("data", (chunk) => {
      if (received.length < 65_536) received += chunk.toString("latin1");
      // A stream of events never ends: its head is enough. So is that of any other answer, with what came along.
      if (whole && received.includes("\r\n\r\n")) end(received);
    });
    socket.write(bytes);
  });
}

function residentBytes({ child }: Server): number | null {
  const file = `/proc/${child.pid}/status`;
  const line = existsSync(file) ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(file, "utf8")) : null;
  return line === null ? null : Number(line[1]) * 1024;
}

interface Block {
  readonly height: number;
  readonly transactions: readonly unknown[];
  readonly events: readonly unknown[];
}

async function blocksOf(url: URL, query: string): Promise<{ readonly blocks: Block[]; readonly next: string | null }> {
  const response = await fetch(new URL(`/v1/blocks?${query}`, url));
  return (await response.json()) as { blocks: Block[]; next: string | null };
}

async function newest(url: URL): Promise<Block> {
  return (await blocksOf(url, "limit=1")).blocks[0]!;
}

/** Nothing happened in the blocks after a height. */
async function assertEmpty(height: number, url: URL): Promise<void> {
  for (let cursor: string | null = ""; cursor !== null; ) {
    const query = `fromHeight=${height + 1}&limit=100&sort=asc${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const { blocks, next } = await blocksOf(url, query);
    for (const block of blocks)
      assert.deepEqual([block.transactions, block.events], [[], []], `something happened in block ${block.height}`);
    cursor = next;
  }
}

/** A block after a height. A quick machine may be through with its requests before the next one is due. */
async function laterThan(height: number, url: URL): Promise<Block> {
  const deadline = Date.now() + answerMsMax;
  for (;;) {
    const block = await newest(url);
    if (block.height > height) return block;
    assert(Date.now() < deadline, "no block was made");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function routesOf(url: URL): Promise<Routes> {
  const document = (await (await fetch(new URL("/openapi.json", url))).json()) as { paths: Record<string, unknown> };
  const { chain } = (await (await fetch(new URL("/v1/chain", url))).json()) as { chain: string };
  return { chain, paths: Object.keys(document.paths) };
}

async function judge(
  server: Server,
  request: MutatedRequest,
  where: string,
  tally: Map<string, number>,
): Promise<void> {
  const shown = (): string =>
    `${where}: ${JSON.stringify(Buffer.from(request.bytes).toString("latin1").slice(0, 3_000))}`;
  const answer = await exchange(server.url, request).catch((error: Error) =>
    assert.fail(`${error.message}, ${shown()}`),
  );
  const status = answer === null ? "no answer" : (/^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? "not HTTP");
  assert.notEqual(status, "not HTTP", `${answer?.slice(0, 200)} to ${shown()}`);
  assert(!(answer ?? "").includes("unexpected; the log"), `an internal error, ${shown()}`);
  assert.equal(server.complaints.join("\n"), "", `the log complains, ${shown()}`);
  tally.set(status, (tally.get(status) ?? 0) + 1);
}

export const requestsProgram: SoakProgram = {
  name: "ledger/requests",
  units: 100_000,
  run: async ({ seed, units, progress }) => {
    const data = await mkdtemp(join(tmpdir(), "glasstown-requests-"));
    const server = await start(data);
    try {
      const routes = await routesOf(server.url);
      // No request may come into a block: without transactions only the history of headers grows.
      const before = await newest(server.url);
      const tally = new Map<string, number>();
      let next = 0;
      let warm: number | null = null;
      const worker = async (): Promise<void> => {
        const random = new Random();
        while (next < units) {
          const index = next++;
          random.reseed(seed, saltOf("ledger/requests"), index);
          await judge(server, mutatedRequest(random, routes), `request ${index} of seed ${seed}`, tally);
          if (index === Math.floor(units / 4)) warm = residentBytes(server);
          progress(index + 1);
        }
      };
      await Promise.all(Array.from({ length: connections }, worker));
      const resident = residentBytes(server);
      const after = await laterThan(before.height, server.url);
      await assertEmpty(before.height, server.url);
      const growth = resident === null || warm === null ? 0 : resident - warm;
      assert(growth < growthBytesMax, `the process grew by ${growth} bytes`);
      server.child.kill("SIGTERM");
      assert.equal(await server.ended, 0, "the ledger did not end well");
      // What the limits answer tests the limits only: most requests must get beyond them.
      const limited = tally.get("429") ?? 0;
      assert(limited < units / 10, `${limited} of ${units} requests met the limit of one caller`);
      const shares = [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([status, count]) => `${status}: ${count}`);
      return `${units} requests, ${after.height - before.height} blocks, ${(growth / 1_048_576).toFixed(0)} MiB more: ${shares.join(", ")}`;
    } finally {
      server.child.kill("SIGKILL");
      await server.ended;
      await rm(data, { recursive: true, force: true });
    }
  },
};
