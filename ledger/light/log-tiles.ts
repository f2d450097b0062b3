// Hashes of the telemetry log from its tiles (C2SP tlog-tiles): roots of earlier sizes, and RFC 6962 consistency proofs.
// Nothing is believed: what is made of tiles is checked against roots that are proven. Bounds: 8 KiB a tile, 64 tiles a question.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { fail, type Outcome, pass, type Unanswered, unanswered } from "./outcome.ts";
import type { Server } from "./server.ts";

const hashBytes = 32;
const tileWidth = 256;
const tileHeight = 8;
const tilesMax = 64;

/** The leaves from `from` up to, not including, `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** The tiles of a log as it was at one size: what a question has fetched is kept. */
export class LogTiles {
  readonly #core: LightCore;
  readonly #server: Server;
  readonly #url: string;
  readonly #size: number;
  readonly #tiles = new Map<string, Promise<Outcome<Uint8Array>>>();

  /** @param url of the log, without a slash at the end. */
  constructor(core: LightCore, server: Server, url: string, size: number) {
    this.#core = core;
    this.#server = server;
    this.#url = url;
    this.#size = size;
  }

  /** Root of the first `size` entries, from 1 on. */
  root(size: number): Promise<Outcome<Uint8Array>> {
    return this.#answer(() => this.#hash({ from: 0, to: size }));
  }

  /** RFC 6962 section 2.1.2, from size `first` to `second`; 1 <= first <= second <= the log's size. */
  consistency(first: number, second: number): Promise<Outcome<readonly Uint8Array[]>> {
    return this.#answer(() => Promise.all(rangesOf(first, second).map((range) => this.#hash(range))));
  }

  async #answer<T>(work: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return pass(await work());
    } catch (error) {
      if (error instanceof NoTile) return error.outcome;
      throw error;
    }
  }

  async #hash({ from, to }: Range): Promise<Uint8Array> {
    const left = leftOf(to - from);
    const level = Math.log2(to - from);
    if (Number.isInteger(level) && from % (to - from) === 0) return this.#node(level, from / (to - from));
    const halves = [this.#hash({ from, to: from + left }), this.#hash({ from: from + left, to })] as const;
    const [first, second] = await Promise.all(halves);
    return this.#core.innerHash(first, second);
  }

  /** The root of a perfect subtree of 2^level leaves. */
  async #node(level: number, index: number): Promise<Uint8Array> {
    const tileLevel = Math.floor(level / tileHeight);
    const count = 2 ** (level % tileHeight);
    const first = index * count;
    const tile = await this.#tile(tileLevel, Math.floor(first / tileWidth));
    const at = (first % tileWidth) * hashBytes;
    const hashes = Array.from({ length: count }, (_, i) => tile.subarray(at + i * hashBytes, at + (i + 1) * hashBytes));
    return count === 1 ? hashes[0]! : this.#core.merkleRootOfHashes(hashes);
  }

  async #tile(level: number, number: number): Promise<Uint8Array> {
    const width = Math.min(tileWidth, Math.floor(this.#size / tileWidth ** level) - number * tileWidth);
    const path = `${level}/${tileNumberText(number)}${width < tileWidth ? `.p/${width}` : ""}`;
    let tile = this.#tiles.get(path);
    if (tile === undefined) {
      if (this.#tiles.size >= tilesMax)
        throw new NoTile(unanswered("server_must_answer", `more than ${tilesMax} tiles are needed`));
      tile = this.#fetch(`${this.#url}/tile/${path}`, width * hashBytes);
      this.#tiles.set(path, tile);
    }
    const answer = await tile;
    if (!answer.ok) throw new NoTile(answer);
    return answer.value;
  }

  async #fetch(url: string, bytes: number): Promise<Outcome<Uint8Array>> {
    const answer = await this.#server.ask(url, bytes);
    if (!answer.ok) return answer;
    const { status } = answer.value;
    if (status === 404) return unanswered("not_on_ledger", `${url}: status 404`);
    if (status !== 200) return unanswered("server_must_answer", `${url}: status ${status}`);
    if (answer.value.bytes.length === bytes) return pass(answer.value.bytes);
    return fail("answer_must_be_well_formed", `the tile has ${answer.value.bytes.length} bytes instead of ${bytes}`, {
      url,
    });
  }
}

/** A tile that could not be had ends the whole question. */
class NoTile extends Error {
  readonly outcome: Exclude<Outcome<never>, { readonly ok: true }>;

  constructor(outcome: Unanswered | Exclude<Outcome<never>, { readonly ok: true }>) {
    super(outcome.detail);
    this.outcome = outcome;
  }
}

/** The largest power of two below `count`. */
function leftOf(count: number): number {
  let left = 1;
  while (left * 2 < count) left *= 2;
  return left;
}

/** Whose roots the proof is, in its order: SUBPROOF of RFC 6962. */
function rangesOf(first: number, second: number): readonly Range[] {
  const ranges: Range[] = [];
  let [from, to, rest, whole] = [0, second, first, true];
  while (rest !== to - from) {
    const middle = from + leftOf(to - from);
    if (rest <= middle - from) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      rest -= middle - from;
      from = middle;
      whole = false;
    }
  }
  if (!whole) ranges.push({ from, to });
  return ranges.reverse();
}

/** The path form of a tile's number: 1234067 is `x001/x234/067`. */
function tileNumberText(number: number): string {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/[0-9]{3}/g) ?? [];
  return groups.map((group, i) => (i + 1 < groups.length ? `x${group}` : group)).join("/");
}
