// What is open on the screen: at most one panel, one card and the chat. On a narrow screen a card replaces a panel.

import { signal } from "@preact/signals";
import type { Picked } from "./scene-port.ts";

export type PanelName = "explorer" | "wallet" | "energy" | "map" | "people" | "settings" | "help";

/** What a card is about. */
export type Subject =
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "object"; readonly object: string }
  | { readonly kind: "citizen"; readonly session: string }
  | { readonly kind: "walker"; readonly number: number };

export const panel = signal<PanelName | null>(null);
export const card = signal<Subject | null>(null);
export const chatOpen = signal(false);

/** Where focus returns when something closes. */
let opener: Element | null = null;

const narrow = (): boolean => globalThis.matchMedia?.("(max-width: 720px)").matches ?? false;

export function openPanel(name: PanelName): void {
  opener = document.activeElement;
  panel.value = name;
  if (narrow()) {
    card.value = null;
    chatOpen.value = false;
  }
}

export function togglePanel(name: PanelName): void {
  if (panel.peek() === name) closePanel();
  else openPanel(name);
}

export function closePanel(): void {
  panel.value = null;
  returnFocus();
}

export function openCard(subject: Subject): void {
  opener = document.activeElement;
  card.value = subject;
  if (narrow()) {
    panel.value = null;
    chatOpen.value = false;
  }
}

export function closeCard(): void {
  card.value = null;
  returnFocus();
}

function returnFocus(): void {
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
  opener = null;
}

/** Escape: closes what was opened last, one thing at a time. True when something closed. */
export function closeTop(): boolean {
  if (card.peek() !== null) closeCard();
  else if (panel.peek() !== null) closePanel();
  else if (chatOpen.peek()) chatOpen.value = false;
  else return false;
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
