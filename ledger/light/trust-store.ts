// What the light client remembers between visits: which chain this place serves, and the newest header it has verified.
// A memory that is damaged, or cannot be kept, counts as none.

import type { Core } from "../../wasm-core/bindings/core.ts";
import { hex } from "../protocol/bytes.ts";
import {
  headerFromJson,
  headerJsonSchema,
  headerToJson,
  hexUpper,
  toBase64,
  validatorJsonSchema,
  validatorsMax,
} from "../protocol/comet.ts";
import { list, members, text, whole } from "../protocol/json-form.ts";
import { validatorFromJson } from "./comet-rpc.ts";
import type { VerifiedHeader } from "./light-block.ts";

/** Storage as it is handed in. Values are plain JSON. */
export interface TrustStore {
  get(key: string): Promise<unknown>;
  put(key: string, value: unknown): Promise<void>;
}

const homeKey = "home";
const headerKey = (chain: string): string => `header/${chain}`;

const homeSchema = members({ chain: text(50, /./) });
const rememberedSchema = members({
  header: headerJsonSchema,
  signers: whole(1, validatorsMax),
  validators: list(validatorsMax, validatorJsonSchema),
});

export class TrustMemory {
  readonly #store: TrustStore;
  readonly #core: Core;

  constructor(store: TrustStore, core: Core) {
    this.#store = store;
    this.#core = core;
  }

  /** The chain that was met first, null before. */
  async chain(): Promise<string | null> {
    const home = homeSchema.safeParse(await this.#get(homeKey));
    return home.success ? home.data.chain : null;
  }

  /** The newest verified header of a chain. */
  async header(chain: string): Promise<VerifiedHeader | null> {
    const remembered = rememberedSchema.safeParse(await this.#get(headerKey(chain)));
    if (!remembered.success) return null;
    try {
      const { signers } = remembered.data;
      const header = headerFromJson(remembered.data.header);
      const validators = remembered.data.validators.map(validatorFromJson);
      const whole =
        header.chainId === chain && hex(this.#core.validatorsHash(validators)) === hex(header.validatorsHash);
      return whole ? { header, hash: this.#core.headerHash(header), validators, signers } : null;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  async remember({ header, signers, validators }: VerifiedHeader): Promise<void> {
    await this.#put(headerKey(header.chainId), {
      header: headerToJson(header),
      signers,
      validators: validators.map(({ address, publicKey, power }) => ({
        address: hexUpper(address),
        pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
        voting_power: String(power),
      })),
    });
    await this.#put(homeKey, { chain: header.chainId });
  }

  /** Forgets the chain, so that the next contact is a first one. */
  async forget(): Promise<void> {
    const chain = await this.chain();
    await this.#put(homeKey, null);
    if (chain !== null) await this.#put(headerKey(chain), null);
  }

  async #get(key: string): Promise<unknown> {
    try {
      return await this.#store.get(key);
    } catch {
      return undefined;
    }
  }

  async #put(key: string, value: unknown): Promise<void> {
    try {
      await this.#store.put(key, value);
    } catch {
      // Private windows and full disks keep nothing; this visit is then a first contact again next time.
    }
  }
}
