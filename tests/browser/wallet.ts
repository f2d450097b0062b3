// The wallet as the tests use it: two of them open, and the form for money.

import type { Browser, Locator } from "playwright-core";
import { enterCity, type Visitor, visit } from "./chromium.ts";
import { press, unfold } from "./keyboard.ts";

export const wallet = ({ page }: Visitor): Locator => page.getByTestId("wallet-panel");

/** Ada and Ben, each in the city by way of a URL and with the wallet open. */
export async function openTwoWallets(browser: Browser, adaUrl: string, benUrl: string): Promise<[Visitor, Visitor]> {
  const ada = await visit(browser, adaUrl);
  const ben = await visit(browser, benUrl);
  await enterCity(ada.page, "Ada");
  await enterCity(ben.page, "Ben");
  for (const { page } of [ada, ben]) await page.getByTestId("open-wallet").click();
  return [ada, ben];
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
