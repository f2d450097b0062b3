// Where the explorer stands, and what a person's words in its search field mean: a height, a hash, an id, an account, a name, a device.

import { RequestError } from "../../core/http.ts";
import { ledgerApi } from "../../core/ledger-api.ts";
import { devices } from "../../core/world.ts";

export type View = "blocks" | "transactions" | "days";

export type Place =
  | { readonly at: "list"; readonly view: View }
  | { readonly at: "block"; readonly height: number }
  | { readonly at: "transaction"; readonly id: string }
  | { readonly at: "account"; readonly id: string };

export type Found = Place | { readonly at: "device"; readonly device: string };

/** Null when the ledger knows nothing of the kind. @throws {RequestError} when it cannot be asked. */
export async function findPlace(words: string): Promise<Found | null> {
  const plain = words.trim().normalize("NFC");
  const wanted = plain.replaceAll(/[,\s]/g, "").toLowerCase().replace(/^0x/, "");
  if (/^[1-9][0-9]{0,14}$/.test(wanted)) return { at: "block", height: Number(wanted) };
  if (/^[0-9a-f]{64}$/.test(wanted)) {
    if ((await known(ledgerApi.transaction(wanted))) !== null) return { at: "transaction", id: wanted };
    const height = await known(ledgerApi.heightOfHash(wanted), [...missing, 500]);
    return height === null ? null : { at: "block", height };
  }
  if (/^[0-9a-f]{40}$/.test(wanted))
    return (await known(ledgerApi.account(wanted))) === null ? null : { at: "account", id: wanted };
  const device = deviceCalled(plain);
  if (device !== null) return { at: "device", device };
  const holder = plain === "" ? null : await known(ledgerApi.accountByName(plain));
  return holder === null ? null : { at: "account", id: holder.id };
}

function deviceCalled(words: string): string | null {
  const wanted = words.toLowerCase();
  const device = devices.peek().find(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  return device?.id ?? null;
}

/** 400 is what the ledger says of a name that nobody can have. Its RPC alone answers 500 to a hash that it does not know. */
const missing = [400, 404, 410];

/** @throws {RequestError} for a ledger that cannot say: what it does not know it has not denied. */
async function known<T>(answer: Promise<T>, statuses: readonly number[] = missing): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RequestError && statuses.includes(error.status)) return null;
    throw error;
  }
}
