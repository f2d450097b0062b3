// The validator's key and its memory of what it signed last, in the file forms of CometBFT's priv_validator_key.json and
// priv_validator_state.json. A signature leaves this file only after the state that forbids a different one is on disk.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { fromBase64, hexUpper, toBase64 } from "../protocol/comet.ts";
import { createDurably, readIfPresent, smallTextBytesMax, writeDurably } from "../storage/durable-file.ts";
import { StoreError, storeErrorOf } from "../storage/store-error.ts";

/** PKCS#8 of Ed25519 (RFC 8410) up to the 32-byte seed. */
const privateKeyPrefix = Buffer.from("302e020100300506032b657004220420", "hex");
/** CometBFT's step number of a precommit. */
const precommitStep = 3;

const keySchema = z.object({
  address: z.string().regex(/^[0-9A-F]{40}$/),
  pub_key: z.object({ type: z.literal("tendermint/PubKeyEd25519"), value: z.base64().length(44) }),
  priv_key: z.object({ type: z.literal("tendermint/PrivKeyEd25519"), value: z.base64().length(88) }),
});
const stateSchema = z.object({
  height: z.string().regex(/^[0-9]{1,16}$/),
  round: z.literal(0),
  step: z.literal([0, precommitStep]),
  signature: z.base64().optional(),
  signbytes: z
    .string()
    .regex(/^[0-9A-F]*$/)
    .optional(),
});
type SignState = z.infer<typeof stateSchema>;

/** The validator was asked to sign a second, different block at a height. */
class DoubleSignError extends StoreError {}

export class ValidatorSigner {
  readonly publicKey: Uint8Array;
  /** Upper-case hex, as in genesis. */
  readonly address: string;
  readonly #key: KeyObject;
  readonly #stateFile: string;
  #state: SignState;

  private constructor(key: KeyObject, publicKey: Uint8Array, stateFile: string, state: SignState) {
    this.#key = key;
    this.publicKey = publicKey;
    this.address = addressOf(publicKey);
    this.#stateFile = stateFile;
    this.#state = state;
  }

  /** Reads the key, making one (mode 0600) if there is none. @throws {StoreError} when a file is damaged. */
  static async load(folder: string): Promise<ValidatorSigner> {
    const keyFile = join(folder, "validator.json");
    const stateFile = join(folder, "validator-state.json");
    const keyText =
      (await readIfPresent(keyFile, smallTextBytesMax)) ?? (await createDurably(keyFile, freshKey(), 0o600));
    const { key, publicKey } = readKey(keyFile, keyText);
    const stateText = await readIfPresent(stateFile, smallTextBytesMax);
    const state = stateText === null ? ({ height: "0", round: 0, step: 0 } as const) : readState(stateFile, stateText);
    return new ValidatorSigner(key, publicKey, stateFile, state);
  }

  /** Height of the last signature; 0 before the first. */
  get height(): number {
    return Number(this.#state.height);
  }

  /**
   * Signs the precommit of a height. Asked again for the same bytes, it gives the same signature.
   * @throws {DoubleSignError} when it signed other bytes at this height, or signed a later height.
   * @throws {StoreError} when the state cannot be written; nothing is signed then.
   */
  async sign(height: number, signBytes: Uint8Array): Promise<Uint8Array> {
    const text = hexUpper(signBytes);
    if (height < this.height || (height === this.height && this.#state.signbytes !== text))
      throw new DoubleSignError(
        `the validator has signed height ${this.height} and must not sign another block at height ${height}`,
      );
    const signature = new Uint8Array(sign(null, signBytes, this.#key));
    if (height > this.height) {
      const state: SignState = {
        height: String(height),
        round: 0,
        step: precommitStep,
        signature: toBase64(signature),
        signbytes: text,
      };
      await writeDurably(this.#stateFile, `${JSON.stringify(state, null, 2)}\n`, 0o600).catch((error: unknown) => {
        throw storeErrorOf(this.#stateFile, error);
      });
      this.#state = state;
    }
    return signature;
  }
}

/** Height of the last signature that the folder remembers; null when it remembers none. @throws {StoreError} when the file is damaged. */
export async function signedHeightIn(folder: string): Promise<number | null> {
  const file = join(folder, "validator-state.json");
  const text = await readIfPresent(file, smallTextBytesMax);
  return text === null ? null : Number(readState(file, text).height);
}

/** Forbids signing up to a height. Never goes back: answers the height that stands there afterwards. @throws {StoreError} */
export async function raiseSignedHeight(folder: string, height: number): Promise<number> {
  const before = await signedHeightIn(folder);
  if (before !== null && before >= height) return before;
  const state: SignState = { height: String(height), round: 0, step: height === 0 ? 0 : precommitStep };
  await writeDurably(join(folder, "validator-state.json"), `${JSON.stringify(state, null, 2)}\n`, 0o600);
  return height;
}

function freshKey(): string {
  const seed = randomBytes(32);
  const { publicKey } = keyOfSeed(seed);
  const key: z.infer<typeof keySchema> = {
    address: addressOf(publicKey),
    pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
    priv_key: { type: "tendermint/PrivKeyEd25519", value: toBase64(Buffer.concat([seed, publicKey])) },
  };
  return `${JSON.stringify(key, null, 2)}\n`;
}

function readKey(file: string, text: string): { key: KeyObject; publicKey: Uint8Array } {
  try {
    const parsed = keySchema.parse(JSON.parse(text));
    const made = keyOfSeed(fromBase64(parsed.priv_key.value).subarray(0, 32));
    if (toBase64(made.publicKey) !== parsed.pub_key.value) throw new Error("public and private key differ");
    return made;
  } catch (cause) {
    // The cause may quote the key, so it is not attached.
    const reason = cause instanceof Error && cause.message.startsWith("public and") ? cause.message : "is damaged";
    throw new StoreError(`${file}: ${reason}; restore it from a backup`);
  }
}

function readState(file: string, text: string): SignState {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoreError(
      `${file}: is damaged; put its newest copy there, without it the validator might sign a height twice`,
      { cause },
    );
  }
}

function keyOfSeed(seed: Uint8Array): { key: KeyObject; publicKey: Uint8Array } {
  const key = createPrivateKey({ key: Buffer.concat([privateKeyPrefix, seed]), format: "der", type: "pkcs8" });
  const info = createPublicKey(key).export({ format: "der", type: "spki" });
  return { key, publicKey: new Uint8Array(info.subarray(info.length - 32)) };
}

function addressOf(publicKey: Uint8Array): string {
  return hexUpper(createHash("sha256").update(publicKey).digest().subarray(0, 20));
}
