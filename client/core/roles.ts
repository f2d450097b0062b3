// Roles as the page shows them: which still hold, who may change them, and whose are being looked at.

import { signal } from "@preact/signals";
import type { Account } from "./ledger-api.ts";
import { openPanel } from "./view.ts";

type Grants = Account["account"]["roles"];

/** The name of the citizen whose roles are looked at; chosen in a card and read by the panel. */
export const rolesOf = signal("");

export function openRoles(name: string): void {
  rolesOf.value = name;
  openPanel("roles");
}

/** Grants that hold at a time: those that are over leave the ledger in a later block and count no more until then (AC-15). */
export const holdingAt = (grants: Grants, timeMs: number): Grants =>
  grants.filter(({ untilMs }) => untilMs === undefined || timeMs < untilMs);

/** Whether someone with these grants may change roles (AC-14). */
export const administers = (grants: Grants, timeMs: number): boolean =>
  holdingAt(grants, timeMs).some(({ role }) => role === "city");
