// Side-by-side measurement: ours and the peer's in turn, several rounds in one process, medians. One JSON line a figure.

import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Line {
  readonly bench: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly unit: string;
  /** How many times better ours is; for times and sizes peer / ours. */
  readonly ratio: number | null;
  readonly goal: number | null;
  readonly higherIsBetter: boolean;
}

/** `--quick` shortens everything for CI, where the bench must run but its figures are not judged. */
export const quick = process.argv.includes("--quick");

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Runs `work` (which does `units` units) for at least `millisecondsMin`; gives units per second. */
function rate(work: () => void, units: number, millisecondsMin: number): number {
  const started = performance.now();
  let done = 0;
  do {
    work();
    done += units;
  } while (performance.now() - started < millisecondsMin);
  return (done * 1000) / (performance.now() - started);
}

/** Compares two ways of doing the same number of units, in interleaved rounds. */
export function compareRates(
  bench: string,
  unit: string,
  units: number,
  ours: () => void,
  peer: { readonly name: string; readonly work: () => void } | null,
  goal: number | null,
): Line {
  const rounds = quick ? 3 : 7;
  const milliseconds = quick ? 100 : 700;
  ours();
  peer?.work();
  const ourRates: number[] = [];
  const peerRates: number[] = [];
  for (let i = 0; i < rounds; i++) {
    ourRates.push(rate(ours, units, milliseconds));
    if (peer !== null) peerRates.push(rate(peer.work, units, milliseconds));
  }
  const our = median(ourRates);
  const other = peer === null ? null : median(peerRates);
  return line({ bench, ours: our, peer: other, peerName: peer?.name ?? null, unit, goal, higherIsBetter: true });
}

/** Compares figures that take a whole run each (a time, a rate over a socket): interleaved rounds, medians. */
export async function compareRounds(options: {
  readonly bench: string;
  readonly unit: string;
  readonly goal: number | null;
  readonly higherIsBetter: boolean;
  readonly rounds: number;
  /** Does one round and answers its figure. */
  readonly ours: () => number | Promise<number>;
  readonly peer?: { readonly name: string; readonly round: () => number | Promise<number> };
}): Promise<Line> {
  const { bench, unit, goal, higherIsBetter, peer } = options;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < options.rounds; i++) {
    ours.push(await options.ours());
    if (peer !== undefined) theirs.push(await peer.round());
  }
  return line({
    bench,
    ours: median(ours),
    peer: peer === undefined ? null : median(theirs),
    peerName: peer?.name ?? null,
    unit,
    goal,
    higherIsBetter,
  });
}

/** Milliseconds that the work takes. */
export async function millisecondsOf(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Numbers from 0 to below, the same in every run (xorshift32). */
export function seededNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Bytes of all files in a folder. */
export function bytesOfFolder(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  return bytes;
}

/** Runs the work with a temporary folder and removes it. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "glasstown-bench-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A line with its ratio worked out. */
export function line(parts: Omit<Line, "ratio">): Line {
  const ratio = parts.peer === null ? null : parts.higherIsBetter ? parts.ours / parts.peer : parts.peer / parts.ours;
  return {
    ...parts,
    ours: round(parts.ours),
    peer: parts.peer === null ? null : round(parts.peer),
    ratio: ratio === null ? null : round(ratio),
  };
}

/** Prints a line; nothing else goes to standard output. */
export function print(result: Line): void {
  console.log(JSON.stringify(result));
}
