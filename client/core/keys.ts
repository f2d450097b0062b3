// Keys of the page: `/` search, `T` or Enter chat, numbers for panels, `?` help, Escape closes. Keys typed into a field, and keys
// that the scene uses while it has focus, are left alone.

import { closeTop, openChat, togglePanel } from "./view.ts";

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select"));

/** Listens until the returned function is called. `tool` presses the toolbar's n-th button, from 0. */
export function startKeys(tool: (number: number) => void, tools: number): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (typing(event.target)) (event.target as HTMLElement).blur();
      if (closeTop()) event.preventDefault();
      return;
    }
    if (typing(event.target)) return;
    const free = event.target === document.body;
    if (event.key === "/") document.getElementById("search")?.focus();
    else if (event.key === "?") togglePanel("help");
    else if (event.key === "t" || event.key === "T" || (event.key === "Enter" && free)) openChat();
    else if (/^[1-9]$/.test(event.key) && Number(event.key) <= tools) tool(Number(event.key) - 1);
    else return;
    event.preventDefault();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
