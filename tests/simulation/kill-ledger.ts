// kill -9 of the ledger process under load at random moments, some of them while it starts: each time the chain continues, no
// acknowledged transaction is lost, no block changes, and in the end the state equals a replay from genesis.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hex } from "../../ledger/protocol/bytes.ts";
import type { SubmitAnswer } from "../../ledger/protocol/rest.ts";
import { accountIdOfKey, type Message, signTransaction } from "../../ledger/protocol/transaction.ts";
import { randomFrom } from "./random.ts";

const senders = 4;
const root = join(import.meta.dirname, "../..");

/** A sender with its own account, which it registers at its first turn. */
interface Sender {
  readonly seed: Uint8Array;
  readonly key: string;
  readonly id: string;
  registered: boolean;
}

interface Acknowledged {
  readonly height: number;
  readonly code: number;
}

export interface KillReport {
  readonly kills: number;
  readonly acknowledged: number;
  readonly blocks: number;
  readonly appHash: string;
}

/** Kills so often and checks. `round` hears of every round. @throws {AssertionError} when something acknowledged is lost or changed. */
export async function killAndCheck(kills: number, seed: number, round = (_: number): void => {}): Promise<KillReport> {
  const data = await mkdtemp(join(tmpdir(), "glasstown-kill-"));
  const children = new Set<ChildProcess>();
  try {
    return await killRounds(data, children, kills, seed, round);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await rm(data, { recursive: true, force: true });
  }
}

async function killRounds(
  data: string,
  children: Set<ChildProcess>,
  kills: number,
  seed: number,
  told: (round: number) => void,
): Promise<KillReport> {
  const whole = randomFrom(seed);
  const random = (): number => whole(2 ** 32) / 2 ** 32;
  const people: Sender[] = Array.from({ length: senders }, (_, index) => {
    const keySeed = new Uint8Array(32).fill(index + 1);
    const key = hex(ed25519.getPublicKey(keySeed));
    return { seed: keySeed, key, id: accountIdOfKey(key), registered: false };
  });
  const acknowledged = new Map<string, Acknowledged>();
  const hashes = new Map<number, string>();
  let height = 0;

  for (let round = 0; round < kills; round++) {
    const ledger = start(data, children);
    if (random() < 0.25) {
      // Somewhere in the start: making keys and genesis, opening the store, restoring, the first block.
      await pause(random() * 900);
    } else {
      const url = await ledger.ready;
      const now = await checkChain(url, hashes, round % 20 === 19);
      assert(now >= height, `the chain went back from ${height} to ${now}`);
      height = now;
      const killed = { now: false };
      const load = people.map((sender) => send(url, sender, people, acknowledged, killed));
      // So much work first, however slow the machine; then any moment of a block.
      const enough = acknowledged.size + 1 + Math.floor(random() * 8);
      const deadline = Date.now() + 20_000;
      while (acknowledged.size < enough && Date.now() < deadline) await pause(5);
      await pause(random() * 300);
      ledger.child.kill("SIGKILL");
      killed.now = true;
      await Promise.all(load);
    }
    ledger.child.kill("SIGKILL");
    await ledger.ended;
    told(round + 1);
  }

  const ledger = start(data, children);
  const url = await ledger.ready;
  const end = await checkChain(url, hashes, true);
  assert(end > kills / 2 && acknowledged.size > kills / 2, `${end} blocks and ${acknowledged.size} acknowledged`);
  for (const [id, { height: inBlock, code }] of acknowledged) {
    const response = await fetch(`${url}/v1/transactions/${id}`);
    assert.equal(response.status, 200, `the acknowledged transaction ${id} is lost`);
    const found = (await response.json()) as Acknowledged & { id: string };
    assert.deepEqual([found.id, found.height, found.code], [id, inBlock, code]);
  }
  ledger.child.kill("SIGTERM");
  assert.equal(await ledger.ended, 0);

  const replayed = await run(data, children, "verify");
  assert.equal(replayed.status, 0);
  const report = JSON.parse(replayed.output) as {
    fault: unknown;
    transactions: number;
    height: number;
    appHash: string;
  };
  assert.equal(report.fault, null);
  assert(report.transactions >= acknowledged.size, "the replay has every acknowledged transaction");
  return { kills, acknowledged: acknowledged.size, blocks: report.height, appHash: report.appHash };
}

/** Sends until the process is gone; keeps what it acknowledged as being in a block. */
async function send(
  url: string,
  sender: Sender,
  people: readonly Sender[],
  acknowledged: Map<string, Acknowledged>,
  killed: { readonly now: boolean },
): Promise<void> {
  try {
    const { chain } = (await (await fetch(`${url}/v1/chain`)).json()) as { chain: string };
    while (!killed.now) {
      const { height } = (await (await fetch(`${url}/v1/chain`)).json()) as { height: number };
      const to = people[(people.indexOf(sender) + 1) % people.length]!;
      const message: Message = sender.registered
        ? { type: "money/transfer", by: sender.id, to: to.id, amount: "1" }
        : { type: "accounts/register", by: sender.id, name: `Sender ${sender.key.slice(0, 8)}`, key: sender.key };
      const body = { chain, id: randomBytes(16).toString("hex"), expires: height + 100, messages: [message] };
      const transaction = await signTransaction(body, sender.id, sender.key, async (bytes) =>
        ed25519.sign(bytes, sender.seed),
      );
      const response = await fetch(`${url}/v1/transactions?wait=commit`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(transaction),
      });
      const answer = (await response.json()) as SubmitAnswer & { refusal?: string };
      if (response.status === 200) acknowledged.set(answer.id, { height: answer.height, code: answer.code });
      // Also when the answer to the registration was lost with the process that gave it.
      if (response.status === 200 || answer.refusal === "accounts_account_must_not_exist") sender.registered = true;
      else await pause(20);
    }
  } catch {
    // The process was killed in the middle of an answer: that transaction was not acknowledged.
  }
}

/** Blocks seen before are still the same, and the heights have no gap: all when `deep`, else the newest 200. Answers the newest height. */
async function checkChain(url: string, hashes: Map<number, string>, deep: boolean): Promise<number> {
  let before: number | null = null;
  let newest = 0;
  while (before === null || (before > 1 && (deep || before > newest - 200))) {
    const page: string = before === null ? "" : `&before=${before}`;
    const response = await fetch(`${url}/v1/blocks?limit=100${page}`);
    const { blocks } = (await response.json()) as { blocks: { height: number; hash: string }[] };
    assert(blocks.length > 0, "there is a page of blocks");
    for (const { height, hash } of blocks) {
      assert(before === null || height === before - 1, `a gap between the blocks ${height} and ${before}`);
      assert.equal(hash, hashes.get(height) ?? hash, `block ${height} changed`);
      hashes.set(height, hash);
      newest = Math.max(newest, height);
      before = height;
    }
  }
  return newest;
}

function start(
  data: string,
  children: Set<ChildProcess>,
): { child: ChildProcess; ready: Promise<string>; ended: Promise<number | null> } {
  const child = spawnLedger(data, children, []);
  const errors: string[] = [];
  child.stderr!.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (status) => resolve(status)));
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const entry = JSON.parse(line) as { msg: string; url?: string };
      if (entry.msg === "ready") resolve(entry.url!);
    });
    void ended.then((status) => reject(new Error(`ended with ${status}: ${errors.join("")}`)));
  });
  ready.catch(() => undefined);
  return { child, ready, ended };
}

async function run(
  data: string,
  children: Set<ChildProcess>,
  command: string,
): Promise<{ status: number | null; output: string }> {
  const child = spawnLedger(data, children, [command]);
  let output = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { status, output };
}

function spawnLedger(data: string, children: Set<ChildProcess>, commands: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [join(root, "ledger/main.ts"), ...commands], {
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
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
