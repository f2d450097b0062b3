// The set of validators under a header's validators_hash: genesis' own, or one that the store keeps.

import { fromHex, hex } from "../protocol/bytes.ts";
import type { LedgerStore } from "../storage/ledger-store.ts";
import { StoreError } from "../storage/store-error.ts";
import type { BlockBuilder } from "./block-building.ts";

export interface SetMember {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** Ed25519. */
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

const addressBytes = 20;

/** Members in CometBFT's order. @param setHash hex. @throws {StoreError} when this store does not hold the set. */
export async function validatorsUnder(
  { core, genesis, validatorsHash }: BlockBuilder,
  store: LedgerStore,
  setHash: string,
): Promise<readonly SetMember[]> {
  const name = setHash.toLowerCase();
  if (name === hex(validatorsHash))
    return genesis.validators.map(({ address, publicKey, power }) => ({ address: fromHex(address), publicKey, power }));
  const stored = await store.validators(name);
  if (stored === null) throw new StoreError(`${store.folder}: the set of validators ${name} is missing`);
  return stored.map(({ key, power }) => {
    const publicKey = fromHex(key);
    return { address: core.sha256(publicKey).subarray(0, addressBytes), publicKey, power: BigInt(power) };
  });
}
