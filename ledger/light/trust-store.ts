// What the light client remembers between visits: which chain this place serves, headers that it has verified with their validators,
// and checkpoints of the telemetry log. A memory that is damaged, or cannot be kept, counts as none. Bounds: 640 headers (the newest
// 512, older ones one in 4,096 heights), the validator sets that they name, 64 checkpoints.

import { decodeHeader, decodeValidatorSet } from "../../wasm-core/bindings/comet-decoding.ts";
import { encodeHeader, encodeValidatorSet } from "../../wasm-core/bindings/comet-encoding.ts";
import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { hex } from "../protocol/bytes.ts";
import { validatorsMax } from "../protocol/comet.ts";
import { anything, Form, FormError, type FormOf, members, text, whole } from "../protocol/json-form.ts";
import type { Validator, VerifiedHeader } from "./light-block.ts";

/** Storage as it is handed in. Values are plain objects of what structured clones hold; keys are text. */
export interface TrustStore {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /** All keys that begin so, ascending by their UTF-16 code units. */
  keys(prefix: string): Promise<readonly string[]>;
}

/** A checkpoint of the telemetry log as it stood in proven state. */
export interface RememberedCheckpoint {
  readonly size: number;
  /** Lower-case hex. */
  readonly root: string;
  /** Of the header under which it was proven. */
  readonly height: number;
}

const recentMax = 512;
const olderMax = 128;
const heightsApart = 4_096;
const checkpointsMax = 64;
/** Headers put between two looks at how many there are. */
const putsBetweenLooks = 32;

const homeKey = "home";
// Keys carry what pruning must know, so that it reads no rows.
const placeOf = (chain: string): string => encodeURIComponent(chain);
const headersOf = (chain: string): string => `header/${placeOf(chain)}/`;
const numberText = (value: number): string => String(value).padStart(16, "0");
const setKey = (hash: string): string => `set/${hash}`;
const checkpointsOf = (chain: string): string => `checkpoint/${placeOf(chain)}/`;
/** What was kept before there were several headers: one row of JSON. */
const onlyHeaderKey = (chain: string): string => `header/${chain}`;

const bytesForm = new Form<Uint8Array>((value, at) => {
  if (value instanceof Uint8Array) return value;
  throw new FormError(`${at} must be bytes`);
});
const homeSchema = members({ chain: text(50, /./) });
const headerSchema = members({ header: bytesForm, signers: whole(1, validatorsMax) });
const setSchema = members({ validators: bytesForm });
const checkpointSchema = members({ size: whole(1), root: text(64, /^[0-9a-f]{64}$/), height: whole(1) });

export class TrustMemory {
  readonly #store: TrustStore;
  readonly #core: LightCore;
  #puts = 0;
  /** Writes one after the other: what is forgotten is not put back by what began before. */
  #writing: Promise<void> = Promise.resolve();

  constructor(store: TrustStore, core: LightCore) {
    this.#store = store;
    this.#core = core;
  }

  /** The chain that was met first, null before. */
  async chain(): Promise<string | null> {
    return (await this.read(homeKey, homeSchema))?.chain ?? null;
  }

  /** The newest verified header of a chain. */
  async header(chain: string): Promise<VerifiedHeader | null> {
    const keys = await this.keys(headersOf(chain));
    // A damaged row hides no sound one below it.
    for (const key of keys.slice(-8).reverse()) {
      const header = await this.#header(chain, key);
      if (header !== null) return header;
    }
    const only = await this.#onlyHeader(chain);
    if (only !== null) await this.remember(only);
    return only;
  }

  /** The verified header of a height, if it is kept. */
  async headerAt(chain: string, height: number): Promise<VerifiedHeader | null> {
    const [key] = await this.keys(`${headersOf(chain)}${numberText(height)}/`);
    const header = key === undefined ? null : await this.#header(chain, key);
    return header?.header.height === BigInt(height) ? header : null;
  }

  remember({ header, signers, validators }: VerifiedHeader): Promise<void> {
    return this.write(async () => {
      const set = hex(header.validatorsHash);
      const chain = header.chainId;
      const encoded = { header: encodeHeader(header), signers };
      // The set first: a header without it counts as none.
      if ((await this.keys(setKey(set))).length === 0)
        await this.#store.put(setKey(set), { validators: encodeValidatorSet(validators) });
      await this.#store.put(`${headersOf(chain)}${numberText(Number(header.height))}/${set}`, encoded);
      await this.#store.put(homeKey, { chain });
      if (this.#puts++ % putsBetweenLooks === 0) await this.#prune(chain);
    });
  }

  /** Checkpoints of the log, smallest first. */
  async checkpoints(chain: string): Promise<readonly RememberedCheckpoint[]> {
    const keys = await this.keys(checkpointsOf(chain));
    const rows = await Promise.all(keys.slice(-checkpointsMax).map((key) => this.read(key, checkpointSchema)));
    return rows.filter((row) => row !== null);
  }

  rememberCheckpoint(chain: string, { size, root, height }: RememberedCheckpoint): Promise<void> {
    return this.write(async () => {
      await this.#store.put(`${checkpointsOf(chain)}${numberText(size)}`, { size, root, height });
      const keys = await this.keys(checkpointsOf(chain));
      for (const key of keys.slice(0, -checkpointsMax)) await this.#store.delete(key);
    });
  }

  /** Forgets everything that was believed, so that the next contact is a first one. */
  forget(): Promise<void> {
    return this.write(async () => {
      for (const prefix of [homeKey, "header/", "set/", "checkpoint/", "proof/"])
        for (const key of await this.keys(prefix)) await this.#store.delete(key);
    });
  }

  /** Private windows and full disks keep nothing: that is no error, and the next visit is then a first contact again. */
  write(work: (store: TrustStore) => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(() => work(this.#store)).catch(() => {});
    return this.#writing;
  }

  async #header(chain: string, key: string): Promise<VerifiedHeader | null> {
    const row = await this.read(key, headerSchema);
    const sets = row === null ? null : await this.read(setKey(key.slice(-64)), setSchema);
    if (row === null || sets === null) return null;
    return this.#whole(chain, row.signers, () => ({
      header: decodeHeader(row.header),
      validators: decodeValidatorSet(sets.validators),
    }));
  }

  async #onlyHeader(chain: string): Promise<VerifiedHeader | null> {
    const row = await this.read(onlyHeaderKey(chain), anything);
    if (row === null || row === undefined) return null;
    try {
      // Needed once in the life of a browser, if at all.
      const { readOnlyHeader } = await import("./older-memory.ts");
      const { signers, ...block } = readOnlyHeader(row);
      return this.#whole(chain, signers, () => block);
    } catch {
      return null;
    }
  }

  /** Header and validators as they were read, if they belong together and to the chain. */
  #whole(
    chain: string,
    signers: number,
    read: () => Pick<VerifiedHeader, "header"> & { readonly validators: readonly Validator[] },
  ): VerifiedHeader | null {
    try {
      const { header, validators } = read();
      const sound =
        header.chainId === chain && hex(this.#core.validatorsHash(validators)) === hex(header.validatorsHash);
      return sound ? { header, hash: this.#core.headerHash(header), validators, signers } : null;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  /** Leaves the newest headers, a few of the older ones, and the sets of validators that any of them names. */
  async #prune(chain: string): Promise<void> {
    const keys = await this.keys(headersOf(chain));
    const kept = keys.slice(-recentMax);
    const older = new Map<number, string>();
    const heightOf = (key: string): number => Number(key.slice(headersOf(chain).length).split("/")[0]);
    for (const key of keys.slice(0, -recentMax)) {
      const place = Math.floor(heightOf(key) / heightsApart);
      if (!older.has(place)) older.set(place, key);
    }
    const all = new Set([...kept, ...[...older.values()].slice(-olderMax)]);
    for (const key of keys) if (!all.has(key)) await this.#store.delete(key);
    const named = new Set([...all].map((key) => setKey(key.slice(-64))));
    for (const key of await this.keys("set/")) if (!named.has(key)) await this.#store.delete(key);
    // Taken over by `header` already, if it was sound.
    await this.#store.delete(onlyHeaderKey(chain));
  }

  /** A row of the form; null when it is missing, damaged or cannot be had. */
  async read<F extends Form<unknown>>(key: string, form: F): Promise<FormOf<F> | null> {
    try {
      const row = form.safeParse(await this.#store.get(key));
      return row.success ? (row.data as FormOf<F>) : null;
    } catch {
      return null;
    }
  }

  async keys(prefix: string): Promise<readonly string[]> {
    try {
      return await this.#store.keys(prefix);
    } catch {
      return [];
    }
  }
}
