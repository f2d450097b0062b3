// Sending money to a citizen by name. The name is looked up through the light client, so money goes to the proven owner of it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { accountsState } from "../../../ledger/protocol/accounts.ts";
import { account, act, nameProblem } from "../../core/citizen.ts";
import { money, moneyExact } from "../../core/format.ts";
import { RequestError } from "../../core/http.ts";
import { t, words } from "../../core/language.ts";
import { ask } from "../../core/light.ts";
import { moneyAmount } from "../../core/order-amounts.ts";
import { Outcome, SubmitButton, useTask } from "../controls/progress-button.tsx";
import { transferTo } from "./transfer-target.ts";

/** The account that owns a name, proven. @throws {Error} with words for people when nobody does or the proof fails. */
async function ownerOf(name: string): Promise<string> {
  const verdict = await ask((light) => light.verifyState(accountsState.name(name)));
  if (verdict.state !== "verified")
    throw new RequestError("refused", verdict.state, { refusal: "page_recipient_must_be_proven" });
  const owner = (verdict.value as { account?: unknown } | null)?.account;
  if (typeof owner !== "string") throw new RequestError("refused", name, { refusal: "money_recipient_must_exist" });
  return owner;
}

export function Transfer({ by }: { by: string }): JSX.Element {
  const [sum, setSum] = useState("");
  const [note, setNote] = useState("");
  const task = useTask();
  const amount = moneyAmount(sum);
  const to = transferTo.value.trim().normalize("NFC");
  const ready = amount.ok && nameProblem(to) === null;
  const lacking = amount.ok && account.value !== null && BigInt(amount.units) > BigInt(account.value.money);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!amount.ok) {
      task.fail(t(amount.problem));
      return;
    }
    void task.run(async () => {
      const text = note.trim();
      await act([
        {
          type: "money/transfer",
          by,
          to: await ownerOf(to),
          amount: amount.units,
          ...(text === "" ? {} : { note: text }),
        },
      ]);
      setSum("");
      setNote("");
      return t("wallet.sent", { amount: money(amount.units), to });
    });
  };
  return (
    <form class="order-form" onSubmit={submit} noValidate aria-label={t("wallet.send")}>
      <label>
        <span>{t("wallet.send-to")}</span>
        <input
          data-testid="transfer-to"
          value={transferTo.value}
          maxLength={32}
          autocomplete="off"
          onInput={(event) => {
            transferTo.value = event.currentTarget.value;
          }}
        />
      </label>
      <label>
        <span>{t("wallet.amount")}</span>
        <input
          data-testid="transfer-amount"
          inputMode="decimal"
          autocomplete="off"
          value={sum}
          maxLength={20}
          aria-invalid={sum !== "" && !amount.ok}
          onInput={(event) => setSum(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>{t("wallet.note")}</span>
        <input
          value={note}
          maxLength={140}
          autocomplete="off"
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
      {sum !== "" && !amount.ok ? <p class="problem">{t(amount.problem)}</p> : null}
      {lacking ? <p class="problem">{words("refusal.money_balance_must_suffice")}</p> : null}
      <SubmitButton busy={task.busy} testid="transfer-submit" disabled={!ready || lacking}>
        <span title={amount.ok ? moneyExact(amount.units) : ""}>
          {t("wallet.send-button", { amount: amount.ok ? money(amount.units) : "–", to: to === "" ? "…" : to })}
        </span>
      </SubmitButton>
      <Outcome task={task} />
    </form>
  );
}
