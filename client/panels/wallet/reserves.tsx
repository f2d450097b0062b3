// Money that is set aside: offered to the citizen, held for others, or in the citizen's care, each with the proof of its terms and
// what the terms let the citizen do. The list is complete when it adds up to what the proven balance says is pending.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { moneyState, sumOf } from "../../../ledger/protocol/money.ts";
import { act } from "../../core/citizen.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime, moneyExact } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import type { Reserve } from "../../core/ledger-api.ts";
import { moneyAmount } from "../../core/order-amounts.ts";
import { type OwnMoney, type ReserveRights, refreshMoney, rightsIn } from "../../core/own-money.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { Outcome, type Task, useTask } from "../controls/progress-button.tsx";
import { Shield } from "../controls/shield.tsx";

export function Reserves({ own }: { own: OwnMoney }): JSX.Element | null {
  const task = useTask();
  const lines = own.reserves.map((reserve) => ({ reserve, rights: rightsIn(reserve, own.account) }));
  // What has just been settled leaves the list; what was done must still be read.
  if (lines.length === 0 && task.done === null && task.problem === null) return null;
  const groups = [
    { role: "payee", title: "wallet.offered", testid: "reserves-offered" },
    { role: "payer", title: "wallet.set-aside", testid: "reserves-given" },
    { role: "third", title: "wallet.in-care", testid: "reserves-third" },
  ] as const;
  return (
    <>
      {groups.map(({ role, title, testid }) => {
        const mine = lines.filter(({ rights }) => rights.role === role);
        if (mine.length === 0) return null;
        return (
          <section key={role} aria-label={t(title)} data-testid={testid}>
            <h3>{t(title)}</h3>
            <ul class="lines">
              {mine.map(({ reserve, rights }) => (
                <ReserveLine key={reserve.id} reserve={reserve} rights={rights} by={own.account} task={task} />
              ))}
            </ul>
          </section>
        );
      })}
      <Completeness own={own} />
      <Outcome task={task} />
    </>
  );
}

/** Says when the server's list does not fit the balance: something is left out, or has changed a moment ago. */
function Completeness({ own: { account, balance, reserves, complete } }: { own: OwnMoney }): JSX.Element | null {
  const offered = reserves.reduce((sum, { record }) => (record.to === account ? sum + BigInt(record.amount) : sum), 0n);
  const given = reserves.filter(({ record }) => record.from === account).length;
  if (!complete) return <p class="notice">{t("wallet.reserves-more", { count: reserves.length })}</p>;
  if (offered === sumOf(balance.creditsPending) && given === (balance.reserves ?? 0)) return null;
  return (
    <p class="notice" role="status">
      {t("wallet.reserves-incomplete")}
    </p>
  );
}

function ReserveLine(props: { reserve: Reserve; rights: ReserveRights; by: string; task: Task }): JSX.Element {
  const { reserve, rights, by, task } = props;
  const { record } = reserve;
  const { from, to, amount, expiresMs, note } = record;
  const other = nameOf(rights.role === "payee" ? from : to);
  const sentence =
    rights.role === "payee"
      ? t("reserve.offered", { amount: moneyExact(amount), from: other })
      : rights.role === "payer"
        ? t("reserve.given", { amount: moneyExact(amount), to: other })
        : t("reserve.third", { amount: moneyExact(amount), from: nameOf(from), to: other });
  return (
    <li class="line line-tall" data-testid="reserve-row" data-reserve={reserve.id}>
      <div>
        <div>{sentence}</div>
        {note === undefined ? null : <div class="reserve-note">{t("reserve.note", { note })}</div>}
        <div class="quiet">
          {t("reserve.until", { time: dateTime(expiresMs) })} {termsOf(reserve, rights, by)}
        </div>
      </div>
      <ReserveProof key={JSON.stringify(record)} reserve={reserve} of={sentence} />
      <Decide reserve={reserve} rights={rights} by={by} task={task} other={other} />
    </li>
  );
}

/** Who decides, when it is not the reader alone. */
function termsOf({ record: { to, mayPost = [to], mayVoid = [] } }: Reserve, rights: ReserveRights, by: string): string {
  const others = [...new Set([...mayPost, ...mayVoid])].filter((party) => party !== by);
  const names = others.map(nameOf).join(", ");
  if (rights.mayPost && rights.mayVoid) return "";
  if (rights.mayPost) return t("reserve.you-pay-only");
  return names === "" ? "" : t("reserve.decided-by", { names });
}

/** Made anew, and so "checking", when the server tells another record of the same reserve: no verdict ever stands beside that. */
function ReserveProof({ reserve: { id, record }, of }: { reserve: Reserve; of: string }): JSX.Element {
  const [view, setView] = useState<ProofView>({ state: "checking" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    setView({ state: "checking" });
    // A reserve never changes until it ends: what is proven must be exactly what the line shows.
    void proveEntry(moneyState.reserve(id), record, async () => record).then(
      ({ verdict }) => current && setView(verdict),
    );
    return () => {
      current = false;
    };
  }, [id, round]);
  return (
    <Shield
      view={view}
      of={of}
      question={{ kind: "state", name: moneyState.reserve(id) }}
      onCheck={() => setRound(round + 1)}
    />
  );
}

function Decide(props: {
  reserve: Reserve;
  rights: ReserveRights;
  by: string;
  task: Task;
  other: string;
}): JSX.Element | null {
  const { reserve, rights, by, task, other } = props;
  const [part, setPart] = useState("");
  if (!rights.mayPost && !rights.mayVoid) return null;
  const wanted = part.trim() === "" ? null : moneyAmount(part);
  const tooMuch = wanted?.ok === true && BigInt(wanted.units) > BigInt(reserve.record.amount);
  const paid = wanted?.ok === true ? wanted.units : reserve.record.amount;
  const payee = rights.role === "payee";
  const post = (): void =>
    void task.run(async () => {
      const some = wanted?.ok === true ? { amount: wanted.units } : {};
      await act([{ type: "money/post-reserved", by, reserve: reserve.id, ...some }]);
      await refreshMoney();
      return payee
        ? t("reserve.accepted", { amount: moneyExact(paid) })
        : t("reserve.paid", { amount: moneyExact(paid), to: other });
    });
  const giveBack = (): void =>
    void task.run(async () => {
      await act([{ type: "money/void-reserved", by, reserve: reserve.id }]);
      await refreshMoney();
      return payee ? t("reserve.declined") : t("reserve.returned", { amount: moneyExact(reserve.record.amount) });
    });
  return (
    <div class="reserve-actions">
      {rights.mayPost ? (
        <button
          type="button"
          class="primary small"
          data-testid="reserve-post"
          aria-busy={task.busy}
          disabled={tooMuch || wanted?.ok === false}
          onClick={post}
        >
          {t(payee ? "reserve.accept" : "reserve.pay", { amount: moneyExact(paid) })}
        </button>
      ) : null}
      {rights.mayVoid ? (
        <button
          type="button"
          class="secondary small"
          data-testid="reserve-void"
          aria-busy={task.busy}
          onClick={giveBack}
        >
          {t(payee ? "reserve.decline" : rights.role === "payer" ? "reserve.take-back" : "reserve.give-back")}
        </button>
      ) : null}
      {rights.mayPart ? (
        <details class="reserve-part">
          <summary>{t("reserve.part")}</summary>
          <label>
            <span>{t("reserve.part-says")}</span>
            <input
              inputMode="decimal"
              autocomplete="off"
              data-testid="reserve-part"
              value={part}
              maxLength={20}
              aria-invalid={tooMuch || wanted?.ok === false}
              onInput={(event) => setPart(event.currentTarget.value)}
            />
          </label>
          {wanted?.ok === false ? <p class="problem">{t(wanted.problem)}</p> : null}
          {tooMuch ? <p class="problem">{t("refusal.money_amount_must_not_exceed_reserve")}</p> : null}
        </details>
      ) : null}
    </div>
  );
}
