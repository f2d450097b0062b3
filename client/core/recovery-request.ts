// Recoveries as the first screen needs to know of them: one that this device waits for, and a link that asks this person for help.

import { signal } from "@preact/signals";
import type { Identity } from "./identity.ts";

/** The key that this device has made for an account whose keys are lost; `account` and `name` are that account's. */
export const awaited = signal<Identity | null>(null);

/** The person says that all keys are lost; lasts as long as the page. */
export const keysLost = signal(false);

/** The end of the link with which somebody asked for help; lasts until it is answered or put away. */
export const askedForHelp = signal<string | null>(null);

/** Takes such a link out of the address, so that a reload or a bookmark does not ask again; also when the address changes. */
export function followRecoveryLinks(): void {
  const take = (): void => {
    if (!location.hash.startsWith("#recover=")) return;
    askedForHelp.value = location.hash;
    history.replaceState(null, "", location.pathname + location.search);
  };
  addEventListener("hashchange", take);
  take();
}
