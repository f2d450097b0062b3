// Ed25519 verification under ZIP-215 in WASM: the verdict that every machine agrees on, one at a time or in batches.
// A module of its own (`ed25519`), so an instance of its own; verification only, of public data, in variable time.

import { guardedExports, type ModuleExports } from "./exports.ts";
import { InputRegion, pieceBytes } from "./input-region.ts";

export interface SignedMessage {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly message: Uint8Array;
  /** 64 bytes: R and S. */
  readonly signature: Uint8Array;
}

export interface Ed25519 {
  /** True when the signature is valid under ZIP-215. False for wrong lengths; messages may be of any length. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * A verdict for each item, the same as `verify` gives. Where all are valid it takes about half the time of one by one for
   * 64, less for more signatures under one key; where one is not, half as much time again (for a handful, up to twice).
   * Lists of any length; they are taken in batches of at most 128.
   */
  verifyBatch(items: readonly SignedMessage[]): boolean[];
}

/**
 * Fills the view with random bytes that nobody can foresee: whoever knows them beforehand can make a batch pass of which no
 * signature is valid. Called with 16 bytes for each signature of a batch, at most 2,048.
 */
export type FillRandom = (bytes: Uint8Array<ArrayBuffer>) => void;

export interface Ed25519Exports extends ModuleExports {
  readonly batchLimit: () => number;
  readonly signatureBegin: (index: number, from: number) => void;
  readonly signatureUpdate: (from: number, length: number) => void;
  readonly signatureFinish: (index: number) => void;
  readonly signatureWhole: (index: number, from: number, length: number) => void;
  readonly verifyOne: () => number;
  readonly verifyMany: (count: number, random: number) => void;
}

const exportNames = [
  "reserveInput",
  "outputStart",
  "batchLimit",
  "signatureBegin",
  "signatureUpdate",
  "signatureFinish",
  "signatureWhole",
  "verifyOne",
  "verifyMany",
] as const satisfies readonly (keyof Ed25519Exports)[];

/**
 * Compiles and instantiates without blocking.
 * @param onTrap is called once, when the instance traps; from then on both its functions throw CoreTrapped.
 * @throws {WebAssembly.CompileError} when the bytes are no module. @throws {TypeError} when the module is not this one.
 */
export async function instantiateEd25519(
  source: BufferSource | WebAssembly.Module,
  fillRandom: FillRandom,
  onTrap?: () => void,
): Promise<Ed25519> {
  const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
  return bindEd25519(await WebAssembly.instantiate(module, {}), fillRandom, onTrap);
}

/** As `instantiateEd25519`, at once. Browsers allow this in workers only. */
export function instantiateEd25519Sync(
  source: BufferSource | WebAssembly.Module,
  fillRandom: FillRandom,
  onTrap?: () => void,
): Ed25519 {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  return bindEd25519(new WebAssembly.Instance(module, {}), fillRandom, onTrap);
}

function bindEd25519(
  instance: WebAssembly.Instance,
  fillRandom: FillRandom,
  onTrap: (() => void) | undefined,
): Ed25519 {
  const exports = guardedExports<Ed25519Exports>(instance, exportNames, onTrap);
  const region = new InputRegion(exports);
  const batchMax = exports.batchLimit();

  function takeIn(index: number, key: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
    if (message.length <= pieceBytes) {
      const length = key.length + signature.length + message.length;
      exports.signatureWhole(index, region.placeAll([key, signature, message]), length);
      return;
    }
    exports.signatureBegin(index, region.placeAll([key, signature]));
    for (let from = 0; from < message.length; from += pieceBytes) {
      const piece = message.subarray(from, from + pieceBytes);
      exports.signatureUpdate(region.place(piece), piece.length);
    }
    exports.signatureFinish(index);
  }

  const verify: Ed25519["verify"] = (key, message, signature) => {
    if (key.length !== 32 || signature.length !== 64) return false;
    takeIn(0, key, message, signature);
    return exports.verifyOne() !== 0;
  };

  /** Verdicts on items `from` and up, until the module's slots are full. Returns where to go on. */
  function verifySome(items: readonly SignedMessage[], from: number, verdicts: boolean[]): number {
    // Before anything is taken in: `fillRandom` is foreign code, and might come back here.
    const random = new Uint8Array(16 * Math.min(batchMax, items.length - from));
    fillRandom(random);
    const places: number[] = [];
    let at = from;
    for (; at < items.length && places.length < batchMax; at++) {
      const { key, message, signature } = items[at]!;
      if (key.length !== 32 || signature.length !== 64) continue;
      takeIn(places.length, key, message, signature);
      places.push(at);
    }
    exports.verifyMany(places.length, region.place(random));
    const answers = region.output(places.length);
    for (const [slot, place] of places.entries()) verdicts[place] = answers[slot] === 1;
    return at;
  }

  return {
    verify,
    verifyBatch(items) {
      const verdicts = new Array<boolean>(items.length).fill(false);
      for (let at = 0; at < items.length; ) at = verifySome(items, at, verdicts);
      return verdicts;
    },
  };
}
