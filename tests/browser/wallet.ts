// The wallet as the tests use it: who has it open, and its form for money.

import type { Locator } from "playwright-core";
import { enterCity, type Visitor } from "./chromium.ts";
import { press, unfold } from "./keyboard.ts";

export const wallet = ({ page }: Visitor): Locator => page.getByTestId("wallet-panel");

/** Lets visitors enter under their names, and then opens the wallet of each. */
export async function enterWithWallets(visitors: readonly (readonly [Visitor, name: string])[]): Promise<void> {
  for (const [{ page }, name] of visitors) await enterCity(page, name);
  for (const [{ page }] of visitors) await page.getByTestId("open-wallet").click();
}

/** Fills the form for money in and submits it; answers the form. Zero days pay at once, others set money aside. */
export async function submitTransfer(
  visitor: Visitor,
  to: string,
  amount: string,
  days: string,
  revocable = false,
): Promise<Locator> {
  const form = wallet(visitor).getByTestId("send");
  await unfold(visitor, form);
  await form.getByTestId("transfer-to").fill(to);
  await form.getByTestId("transfer-amount").fill(amount);
  await form.getByTestId("transfer-when").selectOption(days);
  if (revocable) await form.getByTestId("transfer-revocable").check();
  await press(visitor, form.getByTestId("transfer-submit"));
  return form;
}
