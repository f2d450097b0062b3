// The state tree through its typed binding: start-up, batches of 1,000 updates, memory, proofs. Names of 40 bytes and values of
// 100, as the ledger's accounts have.

import { createMPT } from "@ethereumjs/mpt";
import { instantiateStateTree, type StateChange, type StateTree } from "../../../wasm-core/bindings/state-tree.ts";
import { seededNumbers } from "../../seeded-numbers.ts";
import { millisecondsOf } from "../measure.ts";
import type { WasmBench } from "./wasm-bench.ts";

const valueBytes = 100;
const batchChanges = 1000;
const random = seededNumbers(30);

function newValue(): Uint8Array {
  const value = new Uint8Array(valueBytes);
  const view = new DataView(value.buffer);
  for (let at = 0; at < valueBytes; at += 4) view.setUint32(at, random(2 ** 32));
  return value;
}

function nameOf(entry: number): string {
  return `money/balance/${entry.toString(16).padStart(23, "0")}`;
}

/** Different entries of the first `count`. */
function someOf(count: number): number[] {
  const some = new Set<number>();
  while (some.size < batchChanges) some.add(random(count));
  return [...some];
}

export async function stateTreeLines(bench: WasmBench): Promise<void> {
  const exponent = bench.quick ? 4 : 6;
  const count = 10 ** exponent;
  const tree = instantiateStateTree(new WebAssembly.Module(bench.moduleBytes("state-tree")));
  const started = performance.now();
  tree.prepare(entriesOf(count));
  tree.commit(0);
  const loadMs = performance.now() - started;
  bench.emit({
    bench: `wasm/state-load-10^${exponent}-ms`,
    ours: loadMs,
    unit: "ms",
    goal: null,
    higherIsBetter: false,
  });
  bench.emit({
    bench: "wasm/state-bytes-per-entry",
    ours: tree.memoryBytes / count,
    unit: `bytes, 10^${exponent} entries with values of ${valueBytes} bytes`,
    goal: 500,
    higherIsBetter: false,
  });
  await updateLine(bench, tree, count, exponent);
  oldVersionsLine(bench, tree, count);
  const asked = someOf(count).map(nameOf);
  bench.compareRates({
    bench: `wasm/state-prove-10^${exponent}`,
    unit: "ICS-23 proofs of existence/s",
    units: asked.length,
    goal: null,
    ours: () => {
      for (const name of asked) if (tree.prove(name) === null) throw new Error("no proof");
    },
  });
}

function* entriesOf(count: number): Generator<StateChange> {
  const value = newValue();
  for (let entry = 0; entry < count; entry++) yield { name: nameOf(entry), value };
}

function batchOf(count: number): StateChange[] {
  return someOf(count).map((entry) => ({ name: nameOf(entry), value: newValue() }));
}

function update(tree: StateTree, batches: readonly (readonly StateChange[])[], versionsKept: number): void {
  for (const changes of batches) {
    const version = tree.newest! + 1;
    tree.prepare(changes);
    tree.commit(version);
    tree.dropBefore(version - versionsKept + 1);
  }
}

/** The peer has 100,000 entries, a tenth of ours. */
async function updateLine(bench: WasmBench, tree: StateTree, count: number, exponent: number): Promise<void> {
  const peerCount = bench.quick ? 2000 : 100_000;
  const keys = Array.from({ length: peerCount }, (_, entry) =>
    bench.core.sha256(new TextEncoder().encode(nameOf(entry))),
  );
  const peer = await createMPT();
  for (const key of keys) await peer.put(key, newValue());
  await bench.compareRounds({
    bench: `wasm/state-update-10^${exponent}`,
    unit: `updates/s in batches of ${batchChanges}`,
    goal: 200_000,
    higherIsBetter: true,
    rounds: bench.quick ? 3 : 9,
    ours: async () => {
      const batches = Array.from({ length: bench.quick ? 5 : 50 }, () => batchOf(count));
      return (batches.length * batchChanges * 1000) / (await millisecondsOf(() => update(tree, batches, 10)));
    },
    peer: {
      name: `@ethereumjs/mpt 10.1.3 over ${peerCount} entries`,
      round: async () => {
        const changes = someOf(peerCount).map((entry) => [keys[entry]!, newValue()] as const);
        const took = await millisecondsOf(async () => {
          for (const [key, value] of changes) await peer.put(key, value);
          peer.root();
        });
        return (changes.length * 1000) / took;
      },
    },
  });
}

/** What an update takes as long as versions before it are kept. */
function oldVersionsLine(bench: WasmBench, tree: StateTree, count: number): void {
  const versions = bench.quick ? 5 : 100;
  const before = tree.recordsLive;
  const batches = Array.from({ length: versions }, () => batchOf(count));
  update(tree, batches, tree.versions + versions);
  bench.emit({
    bench: "wasm/state-bytes-per-kept-update",
    ours: ((tree.recordsLive - before) * 96) / (versions * batchChanges),
    unit: `bytes an update of a batch of ${batchChanges} while older versions are kept`,
    goal: null,
    higherIsBetter: false,
  });
}
