// The citizen's own spending limits: what holds (proven), what was spent today, what waits to take its place, and a form to change
// them. The form says beforehand when a change takes effect.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Limits, limitsAt, moneyState, raiseDelayMs, spentAt } from "../../../ledger/protocol/money.ts";
import { act } from "../../core/citizen.ts";
import { now, serverNow } from "../../core/clock.ts";
import { dateTime, moneyExact, scaled } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import { unitsOf } from "../../core/order-amounts.ts";
import { type OwnMoney, ownMoney, refreshMoney } from "../../core/own-money.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { Outcome, SubmitButton, type Task, useTask } from "../controls/progress-button.tsx";
import { Shield } from "../controls/shield.tsx";

/** What a field says: units, undefined for no limit, null when it cannot be read. */
function limitOf(text: string): string | null | undefined {
  if (text.trim() === "") return undefined;
  const units = unitsOf(text, 6);
  return units === null || units.length > 15 ? null : units;
}

const shown = (limit: string | undefined): string => (limit === undefined ? t("limits.none") : moneyExact(limit));
const typed = (limit: string | undefined): string =>
  limit === undefined ? "" : scaled(limit, 6).replaceAll(/[^0-9.]/g, "");
const isRaise = (from: string | undefined, to: string | undefined): boolean =>
  from !== undefined && (to === undefined || BigInt(to) > BigInt(from));

export function SpendingLimits({ own }: { own: OwnMoney }): JSX.Element {
  const record = own.limits;
  const limits = limitsAt(record, now.value);
  const raise = record?.raise !== undefined && record.raise.effectiveMs > now.value ? record.raise : null;
  // One for both: what was done must still be read when the form has been made anew for the limits that hold then.
  const task = useTask();
  return (
    <>
      <div class="value-row">
        <dl class="facts limits-facts">
          <div>
            <dt>{t("limits.per-transfer")}</dt>
            <dd data-testid="limit-transfer">{shown(limits.perTransfer)}</dd>
          </div>
          <div>
            <dt>{t("limits.per-day")}</dt>
            <dd data-testid="limit-day">
              {limits.perDay === undefined
                ? t("limits.none")
                : t("limits.of-day", {
                    limit: moneyExact(limits.perDay),
                    spent: moneyExact(spentAt(record, now.value).toString()),
                  })}
            </dd>
          </div>
        </dl>
        <LimitsProof key={JSON.stringify(record)} own={own} />
      </div>
      {raise === null ? null : <WaitingRaise raise={raise} by={own.account} task={task} />}
      <LimitsForm key={JSON.stringify([limits, raise])} limits={limits} raise={raise} by={own.account} task={task} />
      <Outcome task={task} />
    </>
  );
}

function LimitsProof({ own }: { own: OwnMoney }): JSX.Element {
  const [view, setView] = useState<ProofView>({ state: "checking" });
  const [round, setRound] = useState(0);
  const version = JSON.stringify(own.limits);
  useEffect(() => {
    let current = true;
    setView({ state: "checking" });
    // Read again for the whole panel, so that what is proven is what it shows: a verdict on anything else is not for these limits.
    const reread = async (): Promise<unknown> => {
      await refreshMoney();
      return ownMoney.peek()?.limits ?? null;
    };
    void proveEntry(moneyState.limits(own.account), own.limits, reread).then(({ verdict, shown: proven }) => {
      if (current && JSON.stringify(proven) === version) setView(verdict);
    });
    return () => {
      current = false;
    };
  }, [own.account, version, round]);
  return (
    <Shield
      view={view}
      of={t("limits.title")}
      testid="limits-shield"
      question={{ kind: "state", name: moneyState.limits(own.account) }}
      onCheck={() => setRound(round + 1)}
    />
  );
}

function WaitingRaise(props: { raise: Limits & { effectiveMs: number }; by: string; task: Task }): JSX.Element {
  const { raise, by, task } = props;
  return (
    <div class="notice" data-testid="limits-waiting">
      <p>
        {t("limits.waiting", {
          time: dateTime(raise.effectiveMs),
          transfer: shown(raise.perTransfer),
          day: shown(raise.perDay),
        })}
      </p>
      <button
        type="button"
        class="secondary small"
        data-testid="limits-cancel"
        aria-busy={task.busy}
        onClick={() =>
          void task.run(async () => {
            await act([{ type: "money/cancel-raise", by }]);
            await refreshMoney();
            return t("limits.kept");
          })
        }
      >
        {t("limits.cancel")}
      </button>
    </div>
  );
}

function LimitsForm(props: { limits: Limits; raise: Limits | null; by: string; task: Task }): JSX.Element {
  const { limits, raise, by, task } = props;
  const wanted = raise ?? limits;
  const [perTransfer, setPerTransfer] = useState(typed(wanted.perTransfer));
  const [perDay, setPerDay] = useState(typed(wanted.perDay));
  const one = limitOf(perTransfer);
  const day = limitOf(perDay);
  const readable = one !== null && day !== null;
  const changed = readable && (one !== wanted.perTransfer || day !== wanted.perDay);
  const later = readable && (isRaise(limits.perTransfer, one) || isRaise(limits.perDay, day));
  const sooner =
    readable &&
    (isRaise(one, limits.perTransfer) || isRaise(day, limits.perDay)) &&
    !(one === undefined && day === undefined);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!readable) {
      task.fail(t("amount.money.form"));
      return;
    }
    const limitsAsked = {
      ...(one === undefined ? {} : { perTransfer: one }),
      ...(day === undefined ? {} : { perDay: day }),
    };
    void task.run(async () => {
      await act([{ type: "money/set-limits", by, ...limitsAsked }]);
      await refreshMoney();
      return t("limits.done");
    });
  };
  const field = (
    label: string,
    value: string,
    set: (text: string) => void,
    bad: boolean,
    testid: string,
  ): JSX.Element => (
    <label>
      <span>{label}</span>
      <input
        data-testid={testid}
        inputMode="decimal"
        autocomplete="off"
        placeholder={t("limits.none")}
        value={value}
        maxLength={20}
        aria-invalid={bad}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </label>
  );
  return (
    <form class="order-form" onSubmit={submit} noValidate aria-label={t("limits.title")}>
      {field(t("limits.per-transfer"), perTransfer, setPerTransfer, one === null, "limit-transfer-input")}
      {field(t("limits.per-day"), perDay, setPerDay, day === null, "limit-day-input")}
      <p class="quiet">{t("limits.says")}</p>
      {readable ? null : <p class="problem">{t("amount.money.form")}</p>}
      {changed ? (
        <p class="notice" role="status" data-testid="limits-effect">
          {later
            ? t(sooner ? "limits.effect-both" : "limits.effect-later", { time: dateTime(serverNow() + raiseDelayMs) })
            : t("limits.effect-now")}
        </p>
      ) : null}
      <SubmitButton busy={task.busy} testid="limits-submit" disabled={!changed}>
        {t("limits.save")}
      </SubmitButton>
    </form>
  );
}
