// The state's part of the ledger's bench: re-rooting, proofs, start and memory, each over 10^4, 10^5 and 10^6 entries.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { hex, utf8 } from "../../ledger/protocol/bytes.ts";
import { type EntryChange, VersionedState } from "../../ledger/state/versioned-state.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { seededNumbers } from "../seeded-numbers.ts";
import { print, quick } from "./command-line.ts";
import { withFolder } from "./folders.ts";
import { compareRates, compareRounds, line, millisecondsOf } from "./measure.ts";

const core = loadCore();

/** Prints all of its lines. */
export async function benchState(): Promise<void> {
  for (const exponent of quick ? [4] : [4, 5, 6]) {
    await benchTree(exponent);
    await benchStart(exponent);
  }
}

function balances(accounts: readonly string[], money: () => number): EntryChange[] {
  return accounts.map((account) => ({
    name: `money/balance/${account}`,
    value: utf8(JSON.stringify({ creditsPosted: String(money()) })),
  }));
}

async function benchTree(exponent: number): Promise<void> {
  const random = seededNumbers(1);
  const accounts = Array.from({ length: 10 ** exponent }, (_, i) => hex(core.sha256(utf8(`${i}`))).slice(0, 40));
  const state = new VersionedState(loadStateTree());
  state.load(balances(accounts, () => 0).map(({ name, value }) => [name, value!] as const));
  let height = 0;
  state.endLoad(height);
  const advance = (changes: readonly EntryChange[]): void => state.advance(++height, state.prepare(changes));
  const changed = (): EntryChange[] => {
    const first = random(accounts.length - 1000);
    const changes = balances(accounts.slice(first, first + 1000), () => random(1_000_000));
    // A block reads what it changes.
    for (const { name } of changes) state.get(name);
    return changes;
  };
  for (let i = 0; i < 3; i++) advance(changed());
  print(
    await compareRounds({
      bench: `ledger/reroot-1000-of-10^${exponent}-ms`,
      unit: "ms",
      goal: 8,
      higherIsBetter: false,
      rounds: quick ? 5 : 51,
      ours: () => {
        const changes = changed();
        return millisecondsOf(() => advance(changes));
      },
    }),
  );
  const asked = Array.from({ length: 200 }, () => `money/balance/${accounts[random(accounts.length)]}`);
  print(
    compareRates(
      {
        bench: exponent === 5 ? "ledger/proofs-per-s" : `ledger/proofs-per-s@10^${exponent}`,
        unit: "state proofs/s",
        units: asked.length,
        goal: 50_000,
        ours: () => {
          for (const name of asked) if (state.read(name, height, true).proof === null) throw new Error("no proof");
        },
      },
      quick,
    ),
  );
}

interface Start {
  readonly milliseconds: number;
  readonly rssBytes: number;
  readonly usage: { readonly treeBytes: number; readonly nameBytes: number };
}

/** Starts of the ledger, each in a process of its own, over a store with so many entries. */
async function benchStart(exponent: number): Promise<void> {
  const count = 10 ** exponent;
  await withFolder(async (folder) => {
    const chain = join(folder, "chain");
    startProcess("make", chain, String(count));
    const starts = Array.from(
      { length: quick ? 1 : 3 },
      () => JSON.parse(startProcess("open", chain)) as Start,
    ).toSorted((a, b) => a.milliseconds - b.milliseconds);
    const { milliseconds, rssBytes, usage } = starts[starts.length >> 1]!;
    const figure = (bench: string, ours: number, unit: string, goal: number | null): void =>
      print(line({ bench, ours, peer: null, peerName: null, unit, goal, higherIsBetter: false }));
    figure(`ledger/start-10^${exponent}-ms`, milliseconds, "ms", exponent === 6 ? 5000 : null);
    figure(`ledger/rss-10^${exponent}-mb`, rssBytes / 1e6, "MB", exponent === 6 ? 700 : null);
    figure(`ledger/state-bytes-per-entry@10^${exponent}`, (usage.treeBytes + usage.nameBytes) / count, "bytes", null);
  });
}

function startProcess(...words: readonly string[]): string {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, "ledger-start.ts"), ...words], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`${words.join(" ")} ended with ${status}`);
  return stdout;
}
