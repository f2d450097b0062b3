// The citizen's statement, newest first: what was received, given, set aside and given back, with notes. Told by the server; what the
// account has in all is proven above it. At most 500 lines are kept.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { statementLine } from "../../../ledger/protocol/money-statement.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime, moneyExact } from "../../core/format.ts";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { type HistoryEvent, ledgerApi } from "../../core/ledger-api.ts";

const keptMax = 500;
const keyOf = ({ height, index, number }: HistoryEvent): string => `${height}.${index}.${number}`;

export function Statement({ account, version }: { account: string; version: string }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="fold" data-testid="statement" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("statement.title")}</summary>
      {open ? <Lines account={account} version={version} /> : null}
    </details>
  );
}

function Lines({ account, version }: { account: string; version: string }): JSX.Element {
  const [read, setRead] = useState<Read | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let current = true;
    // The newest lines are read again when the balance has changed; earlier ones never change.
    ledgerApi.history(account, null).then(
      (answer) => {
        if (!current) return;
        setProblem(null);
        setRead((before) => withNewest(answer, before));
      },
      (error: unknown) => current && setProblem(explain(error)),
    );
    return () => {
      current = false;
    };
  }, [account, version]);
  const earlier = async (): Promise<void> => {
    if (busy || read === null) return;
    setBusy(true);
    try {
      const from = read.next;
      const answer = await ledgerApi.history(account, from);
      // Meanwhile newer lines may have come; or the list may have begun anew, where this page would leave a gap.
      setRead((known) =>
        known?.next === from ? { events: merge(known.events, answer.events), next: answer.next } : known,
      );
      setProblem(null);
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };
  const lines = (read?.events ?? []).flatMap((event) => {
    const line = statementLine(account, event);
    return line === null ? [] : [{ event, line }];
  });
  return (
    <>
      <p class="quiet">{t("statement.says")}</p>
      {problem === null ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {read !== null && lines.length === 0 ? <p class="empty">{t("statement.empty")}</p> : null}
      <ul class="lines">
        {lines.map(({ event, line }) => (
          <li class="line line-tall" key={keyOf(event)} data-testid="statement-line" data-change={String(line.change)}>
            <div>
              <div>
                {t(`statement.${line.kind}-${line.paying ? "out" : "in"}`, {
                  other: nameOf(line.other),
                  amount: moneyExact(line.amount.toString()),
                })}
              </div>
              {line.note === null ? null : <div class="reserve-note">{t("reserve.note", { note: line.note })}</div>}
              <div class="quiet">
                {dateTime(Date.parse(event.time))} · {t("statement.block", { height: event.height })}
              </div>
            </div>
            {line.change === 0n ? null : (
              <strong class="statement-change">
                {line.change > 0n ? "+" : ""}
                {moneyExact(line.change.toString())}
              </strong>
            )}
          </li>
        ))}
      </ul>
      {read === null || read.next === null || read.events.length >= keptMax ? null : (
        <button type="button" class="secondary" aria-busy={busy} onClick={() => void earlier()}>
          {t("statement.earlier")}
        </button>
      )}
    </>
  );
}

interface Read {
  readonly events: readonly HistoryEvent[];
  /** Where earlier events go on; null when there are none. */
  readonly next: string | null;
}

/** The newest events before those known; alone when some between them may be missing. */
function withNewest(newest: Read, known: Read | null): Read {
  const keys = new Set(newest.events.map(keyOf));
  const meets = known?.events.some((event) => keys.has(keyOf(event))) === true;
  return known === null || !meets ? newest : { events: merge(newest.events, known.events), next: known.next };
}

/** Both lists are newest first, and the first is newer; each event once. */
function merge(newer: readonly HistoryEvent[], older: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const known = new Set(newer.map(keyOf));
  return [...newer, ...older.filter((event) => !known.has(keyOf(event)))].slice(0, keptMax);
}
