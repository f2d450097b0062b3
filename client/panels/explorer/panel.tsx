// The explorer: blocks as they arrive, what their transactions say in words, and any of it verified on a click.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { blocks, loadEarlier, streamState } from "../../core/blocks.ts";
import { now } from "../../core/clock.ts";
import { age, count, dateTime } from "../../core/format.ts";
import { explain } from "../../core/http.ts";
import { t, tn } from "../../core/language.ts";
import type { BlockSummary } from "../../core/ledger-api.ts";
import { eventWords, messageWords } from "../../core/message-words.ts";
import { closePanel } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";
import { BlockDetail, TransactionDetail } from "./detail.tsx";
import { wordContext } from "./word-context.ts";
import "./panel.css";

type Place =
  | { readonly at: "list" }
  | { readonly at: "block"; readonly height: number }
  | { readonly at: "transaction"; readonly id: string };

/** Messages of a block that the list spells out; the detail shows all. */
const shownMax = 4;

export function ExplorerPanel(): JSX.Element {
  const [place, setPlace] = useState<Place>({ at: "list" });
  return (
    <Glass
      title={t("explorer.title")}
      subtitle={streamState.value === "open" ? t("explorer.live") : t("explorer.waiting")}
      icon="blocks"
      testid="explorer-panel"
      about={JSON.stringify(place)}
      onClose={closePanel}
    >
      <Finder go={setPlace} />
      {place.at === "list" ? (
        <List go={setPlace} />
      ) : (
        <>
          <button type="button" class="plain" onClick={() => setPlace({ at: "list" })}>
            <Icon name="left" size={18} /> {t("explorer.back")}
          </button>
          {place.at === "block" ? (
            <BlockDetail
              key={place.height}
              height={place.height}
              openTransaction={(id) => setPlace({ at: "transaction", id })}
            />
          ) : (
            <TransactionDetail key={place.id} id={place.id} openBlock={(height) => setPlace({ at: "block", height })} />
          )}
        </>
      )}
    </Glass>
  );
}

function Finder({ go }: { go: (place: Place) => void }): JSX.Element {
  const [query, setQuery] = useState("");
  const [problem, setProblem] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    const wanted = query.trim().replaceAll(",", "").toLowerCase();
    if (/^[1-9][0-9]{0,14}$/.test(wanted)) go({ at: "block", height: Number(wanted) });
    else if (/^[0-9a-f]{64}$/.test(wanted)) go({ at: "transaction", id: wanted });
    else {
      setProblem(wanted !== "");
      return;
    }
    setProblem(false);
  };
  return (
    <search class="finder">
      <form onSubmit={submit}>
        <label>
          <span class="sr-only">{t("explorer.find")}</span>
          <input
            type="search"
            data-testid="explorer-find"
            value={query}
            maxLength={80}
            placeholder={t("explorer.find")}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </label>
        {problem ? (
          <p class="problem" role="alert">
            {t("explorer.find-problem")}
          </p>
        ) : null}
      </form>
    </search>
  );
}

function List({ go }: { go: (place: Place) => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const shown = blocks.value;
  const earlier = (): void => {
    if (busy) return;
    setBusy(true);
    loadEarlier()
      .then(() => setProblem(null))
      .catch((error: unknown) => setProblem(explain(error)))
      .finally(() => setBusy(false));
  };
  if (shown.length === 0)
    return (
      <p class="empty" role="status">
        {streamState.value === "lost" ? t("error.unreachable") : t("explorer.empty")}
      </p>
    );
  const last = shown.at(-1);
  return (
    <>
      <ol class="blocks">
        {shown.map((block) => (
          <BlockRow key={block.height} block={block} go={go} />
        ))}
      </ol>
      {last !== undefined && last.height > 1 ? (
        <button type="button" class="secondary" aria-busy={busy} onClick={earlier}>
          {busy ? t("action.working") : t("explorer.earlier")}
        </button>
      ) : null}
      <p class="problem" role="alert" hidden={problem === null}>
        {problem}
      </p>
    </>
  );
}

function BlockRow({ block, go }: { block: BlockSummary; go: (place: Place) => void }): JSX.Element {
  const context = wordContext();
  const time = Date.parse(block.time);
  const lines = block.transactions.flatMap((transaction) =>
    transaction.messages.map((message, number) => ({ transaction, message, key: `${transaction.id}.${number}` })),
  );
  const events = block.events.map((event) => eventWords(event, context)).filter((text) => text !== null);
  return (
    <li class="block" data-testid="block-row" data-height={block.height}>
      <button type="button" class="block-head" onClick={() => go({ at: "block", height: block.height })}>
        <strong>{t("explorer.block", { height: count(block.height) })}</strong>
        <time dateTime={block.time} title={dateTime(time)} class="quiet">
          {age(now.value - time)}
        </time>
      </button>
      {lines.length === 0 && events.length === 0 ? <p class="quiet">{t("explorer.empty-block")}</p> : null}
      <ul class="block-lines">
        {lines.slice(0, shownMax).map(({ transaction, message, key }) => (
          <li key={key}>
            <button
              type="button"
              class={`tx ${transaction.code === 0 ? "" : "tx-refused"}`}
              data-testid="tx-row"
              onClick={() => go({ at: "transaction", id: transaction.id })}
            >
              {messageWords(message, context)}
              {transaction.code === 0 ? "" : ` · ${t("explorer.refused")}`}
            </button>
          </li>
        ))}
        {events.map((text) => (
          <li key={text} class="block-event">
            <Icon name="bolt" size={16} /> {text}
          </li>
        ))}
      </ul>
      {lines.length > shownMax ? (
        <button type="button" class="link" onClick={() => go({ at: "block", height: block.height })}>
          {tn("explorer.more", lines.length - shownMax)}
        </button>
      ) : null}
    </li>
  );
}
