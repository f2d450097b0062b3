// What the tests do with the keyboard alone: pressing a button, opening a fold.

import type { Locator } from "playwright-core";
import type { Visitor } from "./chromium.ts";

export async function press(visitor: Visitor, button: Locator): Promise<void> {
  await button.focus();
  await visitor.page.keyboard.press("Enter");
}

/** Opens a fold (`details`) unless it is open. */
export async function unfold(visitor: Visitor, fold: Locator): Promise<void> {
  if (await fold.evaluate((details) => (details as HTMLDetailsElement).open)) return;
  await press(visitor, fold.locator("summary").first());
}
