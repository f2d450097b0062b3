// What is remembered between visits of attacks, and of who stands behind what is trusted.

import { members, text } from "../../protocol/json-form.ts";
import type { TrustStore } from "../trust-store.ts";
import type { ShownAttack } from "./attack.ts";

const attackKey = "attack";
const vouchedKey = "vouched";
const vouchedForm = members({ chain: text(50, /./) });

/** What is remembered between visits. A storage that fails, or holds something else, counts as empty. */
export class AttackMemory {
  readonly #store: TrustStore;

  constructor(store: TrustStore) {
    this.#store = store;
  }

  async attack(): Promise<ShownAttack | null> {
    const value = await this.#get(attackKey);
    if (value === null || value === undefined) return null;
    const { readAttack } = await import("./attack.ts");
    return readAttack(value);
  }

  async remember(attack: ShownAttack): Promise<void> {
    await this.#try(() => this.#store.put(attackKey, attack));
  }

  /** Whether somebody but the primary stands behind what is trusted of this chain. */
  async vouched(chain: string): Promise<boolean> {
    const read = vouchedForm.safeParse(await this.#get(vouchedKey));
    return read.success && read.data.chain === chain;
  }

  async vouch(chain: string): Promise<void> {
    await this.#try(() => this.#store.put(vouchedKey, { chain }));
  }

  async forget(): Promise<void> {
    await this.#try(() => this.#store.delete(attackKey));
    await this.#try(() => this.#store.delete(vouchedKey));
  }

  async #get(key: string): Promise<unknown> {
    let value: unknown;
    await this.#try(async () => {
      value = await this.#store.get(key);
    });
    return value;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // Private windows and full disks keep nothing; within this visit it is known all the same.
    }
  }
}
