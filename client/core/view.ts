// What is open on the screen: at most one panel, one card and the chat. On a narrow screen a card replaces a panel.

import { signal } from "@preact/signals";
import type { Picked } from "./scene-port.ts";

export type PanelName =
  | "explorer"
  | "wallet"
  | "energy"
  | "map"
  | "people"
  | "keys"
  | "guardians"
  | "roles"
  | "trusted"
  | "settings"
  | "help";

/** What a card is about. */
export type Subject =
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "object"; readonly object: string }
  | { readonly kind: "citizen"; readonly session: string }
  | { readonly kind: "walker"; readonly number: number };

export const panel = signal<PanelName | null>(null);
export const card = signal<Subject | null>(null);
export const chatOpen = signal(false);

type Surface = "panel" | "card" | "chat";

/** What is open, the last opened last, each with the element that had focus before it. */
let stack: readonly { readonly surface: Surface; readonly opener: Element | null }[] = [];

const narrow = (): boolean => globalThis.matchMedia?.("(max-width: 720px)").matches ?? false;

/** Notes that a surface has opened. One that changes what it shows keeps its first opener. */
function opened(surface: Surface): void {
  const before = stack.find((one) => one.surface === surface);
  const opener = before === undefined ? (globalThis.document?.activeElement ?? null) : before.opener;
  stack = [...stack.filter((one) => one.surface !== surface), { surface, opener }];
  // On a narrow screen they would lie on each other, so only the newest stays.
  if (narrow()) for (const other of ["panel", "card", "chat"] as const) if (other !== surface) hide(other);
}

function hide(surface: Surface): void {
  if (surface === "panel") panel.value = null;
  else if (surface === "card") card.value = null;
  else chatOpen.value = false;
}

/** Closes a surface and gives focus back to where it came from. */
function close(surface: Surface): void {
  const closing = stack.find((one) => one.surface === surface);
  stack = stack.filter((one) => one.surface !== surface);
  hide(surface);
  const opener = closing?.opener;
  if (opener instanceof HTMLElement && opener.isConnected && opener !== document.body)
    opener.focus({ preventScroll: true });
  else globalThis.document?.getElementById("city")?.focus({ preventScroll: true });
}

export function openPanel(name: PanelName): void {
  opened("panel");
  panel.value = name;
}

export function togglePanel(name: PanelName): void {
  if (panel.peek() === name) closePanel();
  else openPanel(name);
}

export const closePanel = (): void => close("panel");

export function openCard(subject: Subject): void {
  opened("card");
  card.value = subject;
}

export const closeCard = (): void => close("card");

export function openChat(): void {
  opened("chat");
  chatOpen.value = true;
}

export const closeChat = (): void => close("chat");

/** Escape: closes what was opened last, one thing at a time. True when something closed. */
export function closeTop(): boolean {
  const open = (surface: Surface): boolean =>
    surface === "panel" ? panel.peek() !== null : surface === "card" ? card.peek() !== null : chatOpen.peek();
  const top = stack.findLast((one) => open(one.surface));
  if (top === undefined) return false;
  close(top.surface);
  return true;
}

export function subjectOf(picked: Picked): Subject {
  switch (picked.kind) {
    case "object":
      return { kind: "object", object: picked.object.id };
    case "device":
    case "vehicle":
      return { kind: "device", device: picked.device };
    case "citizen":
      return { kind: "citizen", session: picked.session };
    case "walker":
      return { kind: "walker", number: picked.number };
  }
}
