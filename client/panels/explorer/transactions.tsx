// Transactions of the whole chain or of one account, narrowed by filters. Further pages are added below, so nothing jumps.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { count, energy, money } from "../../core/format.ts";
import { explain } from "../../core/http.ts";
import { t, tn } from "../../core/language.ts";
import { type Account, ledgerApi, type TransactionAnswer, type TransactionFilter } from "../../core/ledger-api.ts";
import { messageWords, type WordContext } from "../../core/message-words.ts";
import { AccountFacts } from "../card/account-facts.tsx";
import { Hash } from "../controls/copy.tsx";
import { Reading } from "../controls/reading.tsx";
import { useLoaded } from "./loaded.ts";
import type { Place } from "./place.ts";
import { wordContext } from "./word-context.ts";

const pageLength = 20;
/** Pages that may come empty, one after another, before the person is asked again. */
const emptyPagesMax = 5;
/** Lines kept; whoever wants more narrows the filters. */
const linesMax = 1_000;
const modules = ["accounts", "money", "energy", "telemetry"] as const;

type Go = (place: Place) => void;

export function Transactions({ go }: { go: Go }): JSX.Element {
  const [filter, setFilter] = useState<TransactionFilter>({});
  const narrow = (member: keyof TransactionFilter, value: string): void => {
    const { [member]: _, ...rest } = filter;
    setFilter(value === "" ? rest : ({ ...rest, [member]: value } as TransactionFilter));
  };
  return (
    <>
      <fieldset class="filters">
        <legend class="sr-only">{t("explorer.filters")}</legend>
        <label>
          {t("explorer.filter-module")}
          <select data-testid="filter-module" onChange={(event) => narrow("module", event.currentTarget.value)}>
            <option value="">{t("explorer.all")}</option>
            {modules.map((module) => (
              <option key={module} value={module}>
                {t(`explorer.module-${module}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("explorer.filter-outcome")}
          <select data-testid="filter-outcome" onChange={(event) => narrow("outcome", event.currentTarget.value)}>
            <option value="">{t("explorer.all")}</option>
            <option value="applied">{t("explorer.applied")}</option>
            <option value="refused">{t("explorer.refused-only")}</option>
          </select>
        </label>
        <label>
          {t("explorer.filter-from")}
          <input type="date" max={filter.to} onChange={(event) => narrow("from", event.currentTarget.value)} />
        </label>
        <label>
          {t("explorer.filter-to")}
          <input type="date" min={filter.from} onChange={(event) => narrow("to", event.currentTarget.value)} />
        </label>
      </fieldset>
      <TransactionList key={JSON.stringify(filter)} filter={filter} label={t("explorer.transactions-list")} go={go} />
    </>
  );
}

export function AccountDetail({ id, go }: { id: string; go: Go }): JSX.Element {
  const { value: account, problem } = useLoaded<Account>(() => ledgerApi.account(id));
  if (account === null) return <Reading problem={problem} says={t("explorer.loading")} />;
  const { name } = account.account;
  return (
    <article data-testid="account-detail">
      <h3>{t("explorer.account", { name })}</h3>
      <AccountFacts account={id} name={name} />
      <dl class="facts">
        <div>
          <dt>{t("explorer.account-money")}</dt>
          <dd>{money(account.money)}</dd>
        </div>
        <div>
          <dt>{t("explorer.account-energy")}</dt>
          <dd>{energy(account.energyWh)}</dd>
        </div>
        <div>
          <dt>{t("fact.account")}</dt>
          <dd>
            <Hash text={id} />
          </dd>
        </div>
      </dl>
      <p class="hint">{t("explorer.account-unproven")}</p>
      <TransactionList filter={{ account: id }} label={t("explorer.account-transactions", { name })} go={go} />
    </article>
  );
}

/** Messages of a transaction that a line spells out; the transaction itself shows all. */
const spelledMax = 3;

function messagesInWords({ transaction }: TransactionAnswer, context: WordContext): string {
  const { messages } = transaction.body;
  const spelled = messages.slice(0, spelledMax).map((message) => messageWords(message, context));
  const more = messages.length - spelled.length;
  return [...spelled, ...(more > 0 ? [tn("explorer.more", more)] : [])].join(" · ");
}

function TransactionList(props: { filter: TransactionFilter; label: string; go: Go }): JSX.Element {
  const { filter, label, go } = props;
  const [lines, setLines] = useState<readonly TransactionAnswer[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  const [problem, setProblem] = useState("");
  const alive = useRef(true);
  const load = async (cursor: string | null, before: readonly TransactionAnswer[]): Promise<void> => {
    setState("loading");
    try {
      let from = cursor;
      // A page may hold nothing although the list goes on.
      for (let empty = 0; empty < emptyPagesMax; empty++) {
        const page = await ledgerApi.transactions(filter, pageLength, from);
        from = page.next;
        if (!alive.current) return;
        setNext(from);
        if (page.transactions.length === 0 && from !== null) continue;
        setLines([...before, ...page.transactions].slice(0, linesMax));
        break;
      }
      setState("shown");
    } catch (error) {
      if (!alive.current) return;
      setProblem(explain(error));
      setState("failed");
    }
  };
  useEffect(() => {
    alive.current = true;
    void load(null, []);
    return () => {
      alive.current = false;
    };
  }, []);
  const context = wordContext();
  return (
    <section aria-busy={state === "loading"}>
      <ol class="transactions" aria-label={label}>
        {lines.map((line) => (
          <li key={line.id}>
            <button
              type="button"
              class={`tx ${line.code === 0 ? "" : "tx-refused"}`}
              data-testid="tx-row"
              onClick={() => go({ at: "transaction", id: line.id })}
            >
              <span>
                {messagesInWords(line, context)}
                {line.code === 0 ? "" : ` · ${t("explorer.refused")}`}
              </span>
              <span class="quiet tx-height">{t("explorer.block", { height: count(line.height) })}</span>
            </button>
          </li>
        ))}
      </ol>
      {state === "loading" && lines.length === 0 ? <Reading problem={null} says={t("explorer.loading")} /> : null}
      {state === "shown" && lines.length === 0 && next === null ? (
        <p class="empty" role="status">
          {t("explorer.no-transactions")}
        </p>
      ) : null}
      {state === "failed" ? (
        <div role="alert">
          <p class="problem">{problem}</p>
          <button type="button" class="secondary" onClick={() => void load(next, lines)}>
            {t("explorer.retry")}
          </button>
        </div>
      ) : null}
      {/* It stays while more is on its way, and the keyboard with it; after the last page there is only the list. */}
      {state !== "failed" && next !== null && lines.length < linesMax && (state === "shown" || lines.length > 0) ? (
        <button
          type="button"
          class="secondary earlier"
          data-testid="more-transactions"
          aria-busy={state === "loading"}
          aria-disabled={state === "loading"}
          onClick={() => state === "shown" && void load(next, lines)}
        >
          {t("explorer.more-transactions")}
        </button>
      ) : null}
    </section>
  );
}
