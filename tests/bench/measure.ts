// Side-by-side measurement: ours and the peer's in turn, several rounds in one process, medians. One JSON line a figure.
// Imports nothing, so that browsers measure in the same way.

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

/** Two ways of doing the same work. */
export interface RateComparison {
  readonly bench: string;
  readonly unit: string;
  /** Units that one call of `ours`, or of the peer's `work`, does. Many a call when one takes less than some microseconds. */
  readonly units: number;
  readonly goal: number | null;
  readonly ours: () => void;
  /** Its `units` where one call of its `work` does another number of them than one of `ours`. */
  readonly peer?: { readonly name: string; readonly work: () => void; readonly units?: number };
}

/** Compares units per second in interleaved rounds; `quick` takes fewer and shorter ones. */
export function compareRates({ bench, unit, units, goal, ours, peer }: RateComparison, quick: boolean): Line {
  const rounds = quick ? 3 : 7;
  const milliseconds = quick ? 100 : 700;
  ours();
  peer?.work();
  const ourRates: number[] = [];
  const peerRates: number[] = [];
  for (let i = 0; i < rounds; i++) {
    ourRates.push(rate(ours, units, milliseconds));
    if (peer !== undefined) peerRates.push(rate(peer.work, peer.units ?? units, milliseconds));
  }
  const our = median(ourRates);
  const other = peer === undefined ? null : median(peerRates);
  return line({ bench, ours: our, peer: other, peerName: peer?.name ?? null, unit, goal, higherIsBetter: true });
}

/** Two ways of getting a figure that takes a whole run (a time, a rate over a socket). */
export interface RoundComparison {
  readonly bench: string;
  readonly unit: string;
  readonly goal: number | null;
  readonly higherIsBetter: boolean;
  readonly rounds: number;
  /** Does one round and answers its figure. */
  readonly ours: () => number | Promise<number>;
  readonly peer?: { readonly name: string; readonly round: () => number | Promise<number> };
}

/** Compares them in interleaved rounds. */
export async function compareRounds(options: RoundComparison): Promise<Line> {
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
