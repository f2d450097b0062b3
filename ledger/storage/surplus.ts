// What the store holds beyond what its blocks give: entries of the index, days of the totals, records that nothing leads to.
// Every entry that a block gives is compared with the index first, so numbers suffice to see that there are others. Memory: 4 MiB.

import type { BlockFacts } from "./block-facts.ts";
import { indexLetters, indexOperations } from "./index-operations.ts";
import type { Entry, KeyValueReader } from "./key-value.ts";
import { dayKey, headKey, keysOf, metaNames, numberOfKey } from "./keys.ts";
import { readVarints } from "./varint.ts";

/** Heights that are counted apart; beyond, those of one remainder are counted together. */
const countersMax = 2 ** 20;
/** Entries that are named. */
const namedMax = 3;
/** Blocks whose entries are known at one time while entries are named. */
const blocksKnownMax = 16;

export interface KeptBlocks {
  readonly keyValue: KeyValueReader;
  readonly lowest: number;
  readonly highest: number;
  facts(height: number): Promise<{ readonly facts: BlockFacts; readonly hash: string }>;
}

/** Counts what the blocks give, then looks for what they do not. */
export class SurplusIndex {
  readonly #blocks: KeptBlocks;
  /** Entries that the blocks give, less those that the index has. */
  readonly #counters: Int32Array;

  constructor(blocks: KeptBlocks) {
    this.#blocks = blocks;
    this.#counters = new Int32Array(Math.min(countersMax, Math.max(1, blocks.highest - blocks.lowest + 1)));
  }

  /** A block gives so many entries, all of which the index has. */
  given(height: number, entries: number): void {
    this.#counters[height % this.#counters.length]! += entries;
  }

  /** To be asked once all blocks were counted. Null when the index has nothing else. */
  async find(): Promise<string | null> {
    const { lowest, highest } = this.#blocks;
    let surplus = 0;
    const named: string[] = [];
    const isLeft = this.#stillThere();
    for await (const entry of this.#entries()) {
      const height = heightOf(entry);
      if (height !== null && height >= lowest && height <= highest)
        this.#counters[height % this.#counters.length]! -= 1;
      // Of blocks that pruning has not come to yet the entries are there as well.
      else if (height === null || height > highest || !(await isLeft(height))) {
        surplus++;
        if (named.length < namedMax) named.push(nameOf(entry, height));
      }
    }
    for (const counter of this.#counters) surplus -= counter;
    if (surplus === 0) return null;
    if (named.length < namedMax) await this.#nameWithin(named);
    const what = surplus === 1 ? "an entry" : `${surplus} entries`;
    return `the index holds ${what} that no block gives (${listed(named, surplus)}); make it again with \`npm run ledger -- index\``;
  }

  async *#entries(): AsyncGenerator<Entry> {
    for (const letter of indexLetters)
      for await (const page of this.#blocks.keyValue.pages(keysOf(letter))) yield* page;
  }

  /** Whether a block below the lowest is there until it is swept. */
  #stillThere(): (height: number) => Promise<boolean> {
    const known = new Map<number, boolean>();
    return async (height) => {
      const answer = known.get(height) ?? (await this.#blocks.keyValue.get(headKey(height))) !== undefined;
      if (known.size >= 1_000) known.clear();
      known.set(height, answer);
      return answer;
    };
  }

  /** Looks at the entries of the heights whose numbers differ, until enough are named. */
  async #nameWithin(named: string[]): Promise<void> {
    const { lowest, highest } = this.#blocks;
    const known = new Map<number, ReadonlySet<string>>();
    for await (const entry of this.#entries()) {
      const height = heightOf(entry);
      if (height === null || height < lowest || height > highest) continue;
      if (this.#counters[height % this.#counters.length] === 0) continue;
      let keys = known.get(height);
      if (keys === undefined) {
        const { facts, hash } = await this.#blocks.facts(height);
        keys = new Set(indexOperations(facts, hash).map(({ key }) => Buffer.from(key).toString("latin1")));
        if (known.size >= blocksKnownMax) known.clear();
        known.set(height, keys);
      }
      if (keys.has(Buffer.from(entry[0]).toString("latin1"))) continue;
      named.push(nameOf(entry, height));
      if (named.length >= namedMax) return;
    }
  }
}

/** Days of the totals without a block, after `lastUncounted` (a day of which blocks are pruned, or ""). Null when there are none. */
export async function surplusDays(
  reader: KeyValueReader,
  lastUncounted: string,
  hasBlock: (day: string) => Promise<boolean>,
): Promise<string | null> {
  const named: string[] = [];
  let surplus = 0;
  for await (const page of reader.pages({ from: dayKey(lastUncounted), to: keysOf("d").to }))
    for (const [key] of page) {
      const day = Buffer.from(key.subarray(1)).toString("latin1");
      if (day === lastUncounted || (await hasBlock(day))) continue;
      surplus++;
      if (named.length < namedMax) named.push(JSON.stringify(day.slice(0, 40)));
    }
  if (surplus === 0) return null;
  const what = surplus === 1 ? "a day" : `${surplus} days`;
  return `the daily totals hold ${what} that no block gives (${listed(named, surplus)}); make them again with \`npm run ledger -- index\``;
}

/** Blocks above the newest, and keys that no version of this format has written. Null when there are none. */
export async function surplusRecords(
  reader: KeyValueReader,
  highest: number,
  proposed: number | null,
): Promise<string | null> {
  const named: string[] = [];
  let surplus = 0;
  const found = (name: string): void => {
    surplus++;
    if (named.length < namedMax) named.push(name);
  };
  const letters = ["b", "c", "d", "e", "h", "i", "n", "p", "r", "s", "t", "u", "v", "x"] as const;
  for (const letter of ["b", "c", "e", "r", "u"] as const)
    for await (const page of reader.pages({ from: headKey(0).with(0, letter.charCodeAt(0)), to: keysOf(letter).to }))
      for (const [key] of page) {
        const height = key.length === 7 ? numberOfKey(key) : Number.POSITIVE_INFINITY;
        if (height > highest && !(letter === "c" && height === proposed)) found(keyText(key));
      }
  let from = Uint8Array.of();
  for (const letter of [...letters, null]) {
    const to = letter === null ? Uint8Array.of(0xff) : keysOf(letter).from;
    for await (const page of reader.pages({ from, to }))
      for (const [key] of page) if (!metaNames.has(Buffer.from(key).toString("latin1"))) found(keyText(key));
    if (letter !== null) from = keysOf(letter).to;
  }
  if (surplus === 0) return null;
  const what = surplus === 1 ? "a record" : `${surplus} records`;
  return `the store holds ${what} to which no block leads (${listed(named, surplus)}); \`npm run ledger -- repair\` makes a store without`;
}

export function listed(named: readonly string[], all: number): string {
  return `${named.join(", ")}${all > named.length ? " and more" : ""}`;
}

/** The height that an entry is of; null when it has no form that is written. */
function heightOf([key, value]: Entry): number | null {
  try {
    return key[0] === 0x70 ? numberOfKey(key) : (readVarints(value)[0] ?? null);
  } catch {
    return null;
  }
}

const kinds: Readonly<Record<string, string>> = {
  p: "places of the term",
  i: "transaction",
  x: "transaction hash",
  t: "time",
  h: "block hash",
};

function nameOf([key]: Entry, height: number | null): string {
  const kind = kinds[String.fromCharCode(key[0]!)]!;
  return `${kind} ${Buffer.from(key.subarray(1, 17)).toString("hex")}${height === null ? "" : ` of block ${height}`}`;
}

function keyText(key: Uint8Array): string {
  return `key ${Buffer.from(key.subarray(0, 24)).toString("hex")}`;
}
