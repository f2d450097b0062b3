// Sending money to a citizen by name, at once or set aside until it is accepted. Names are looked up through the light client, so that
// money goes to the proven owner of the name, and so does the say over it.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { availableIn, dayMs } from "../../../ledger/protocol/money.ts";
import type { Message } from "../../../ledger/protocol/transaction.ts";
import { act, nameProblem } from "../../core/citizen.ts";
import { serverNow } from "../../core/clock.ts";
import { dateTime, moneyExact } from "../../core/format.ts";
import { t, tn, words } from "../../core/language.ts";
import { ownerOf } from "../../core/name-owner.ts";
import { moneyAmount } from "../../core/order-amounts.ts";
import { ownMoney, refreshMoney } from "../../core/own-money.ts";
import { CitizenNameField } from "../controls/citizen-name.tsx";
import { NumberSelect } from "../controls/number-select.tsx";
import { Outcome, SubmitButton, useTask } from "../controls/progress-button.tsx";
import { transferTo } from "./transfer-target.ts";

/** How long money can be set aside, in days; the last is the ledger's most. */
const spans = [1, 7, 30, 90] as const;
/** The longest span is asked for with some room, because the block that carries it may be a little older than now. */
const roomMs = 60_000;

export function Transfer({ by }: { by: string }): JSX.Element {
  const [sum, setSum] = useState("");
  const [note, setNote] = useState("");
  const [days, setDays] = useState(0);
  const [third, setThird] = useState("");
  const [revocable, setRevocable] = useState(false);
  const task = useTask();
  const amount = moneyAmount(sum);
  const to = transferTo.value.trim().normalize("NFC");
  const judge = third.trim().normalize("NFC");
  const later = days > 0;
  const ready = amount.ok && nameProblem(to) === null && (!later || judge === "" || nameProblem(judge) === null);
  const own = ownMoney.value?.account === by ? ownMoney.value : null;
  const lacking = amount.ok && own !== null && BigInt(amount.units) > availableIn(own.balance);
  const messageOf = async (units: string): Promise<Message> => {
    const text = note.trim();
    const common = { by, to: await ownerOf(to), amount: units, ...(text === "" ? {} : { note: text }) };
    if (!later) return { type: "money/transfer", ...common };
    const decides = judge === "" ? null : await ownerOf(judge);
    const mayVoid = [...(revocable ? [by] : []), ...(decides === null || decides === by ? [] : [decides])];
    return {
      type: "money/reserve",
      ...common,
      expiresMs: serverNow() + days * dayMs - (days === spans.at(-1) ? roomMs : 0),
      ...(decides === null ? {} : { mayPost: [decides] }),
      ...(mayVoid.length === 0 ? {} : { mayVoid }),
    };
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!amount.ok) {
      task.fail(t(amount.problem));
      return;
    }
    void task.run(async () => {
      await act([await messageOf(amount.units)]);
      setSum("");
      setNote("");
      await refreshMoney();
      return t(later ? "wallet.reserved" : "wallet.sent", { amount: moneyExact(amount.units), to });
    });
  };
  return (
    <form class="order-form" onSubmit={submit} noValidate aria-label={t("wallet.send")}>
      <CitizenNameField
        label={t("wallet.send-to")}
        testid="transfer-to"
        value={transferTo.value}
        change={(name) => {
          transferTo.value = name;
        }}
      />
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
      <NumberSelect
        label={t("wallet.when")}
        testid="transfer-when"
        value={days}
        options={[
          { value: 0, words: t("wallet.when-now") },
          ...spans.map((span) => ({ value: span, words: tn("wallet.when-days", span) })),
        ]}
        choose={setDays}
      />
      {later ? (
        <>
          <p class="quiet">{t("wallet.reserve-says", { time: dateTime(serverNow() + days * dayMs) })}</p>
          <label class="check">
            <input
              type="checkbox"
              data-testid="transfer-revocable"
              checked={revocable}
              onChange={(event) => setRevocable(event.currentTarget.checked)}
            />
            <span>{t("wallet.revocable")}</span>
          </label>
          <CitizenNameField label={t("wallet.third")} testid="transfer-third" value={third} change={setThird} />
        </>
      ) : null}
      {sum !== "" && !amount.ok ? <p class="problem">{t(amount.problem)}</p> : null}
      {lacking ? <p class="problem">{words("refusal.money_balance_must_suffice")}</p> : null}
      <SubmitButton busy={task.busy} testid="transfer-submit" disabled={!ready || lacking}>
        {t(later ? "wallet.reserve-button" : "wallet.send-button", {
          amount: amount.ok ? moneyExact(amount.units) : "–",
          to: to === "" ? "…" : to,
        })}
      </SubmitButton>
      <Outcome task={task} />
    </form>
  );
}
