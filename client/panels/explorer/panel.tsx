// The explorer: blocks as they arrive, what their transactions say in words, and any of it verified on a click.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { blocks, loadEarlier, streamState } from "../../core/blocks.ts";
import { now } from "../../core/clock.ts";
import { age, count, dateTime } from "../../core/format.ts";
import { heldItems } from "../../core/held-list.ts";
import { explain } from "../../core/http.ts";
import { t, tn } from "../../core/language.ts";
import type { BlockSummary } from "../../core/ledger-api.ts";
import { eventLines, messageWords } from "../../core/message-words.ts";
import { closePanel } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";
import { Days } from "./days.tsx";
import { BlockDetail, TransactionDetail } from "./detail.tsx";
import { Finder } from "./finder.tsx";
import type { Place, View } from "./place.ts";
import { AccountDetail, Transactions } from "./transactions.tsx";
import { wordContext } from "./word-context.ts";
import "./panel.css";

/** Scrolled by this much, the list is being read. */
const scrolledPx = 8;
/** Messages and events of a block that the list spells out; the detail shows all. */
const shownMax = 4;
/** Steps that "back" remembers. */
const trailMax = 50;

const views = ["blocks", "transactions", "days"] as const;

export function ExplorerPanel(): JSX.Element {
  const [trail, setTrail] = useState<readonly Place[]>([{ at: "list", view: "blocks" }]);
  const place = trail.at(-1)!;
  // From where the explorer stands by then: a search may find something after the person has gone on.
  const go = (to: Place): void => setTrail((before) => [...before, to].slice(-trailMax));
  const list = (view: View): void => setTrail([{ at: "list", view }]);
  return (
    <Glass
      title={t("explorer.title")}
      subtitle={t("explorer.says")}
      icon="blocks"
      testid="explorer"
      // Between tabs the focus stays where it is, so that arrows lead on.
      about={place.at === "list" ? "list" : JSON.stringify(place)}
      onClose={closePanel}
    >
      <Finder about={JSON.stringify(place)} go={go} />
      {place.at === "list" ? (
        <>
          <Tabs view={place.view} choose={list} />
          <div id="explorer-view" role="tabpanel" aria-labelledby={`explorer-tab-${place.view}`} class="explorer-view">
            {place.view === "blocks" ? <List go={go} /> : place.view === "days" ? <Days /> : <Transactions go={go} />}
          </div>
        </>
      ) : (
        <>
          <button
            type="button"
            class="plain"
            onClick={() => (trail.length > 1 ? setTrail(trail.slice(0, -1)) : list("blocks"))}
          >
            <Icon name="left" size={18} /> {t(trail.length > 2 ? "explorer.back-one" : "explorer.back")}
          </button>
          {place.at === "block" ? (
            <BlockDetail
              key={place.height}
              height={place.height}
              openTransaction={(id) => go({ at: "transaction", id })}
            />
          ) : place.at === "account" ? (
            <AccountDetail key={place.id} id={place.id} go={go} />
          ) : (
            <TransactionDetail key={place.id} id={place.id} openBlock={(height) => go({ at: "block", height })} />
          )}
        </>
      )}
    </Glass>
  );
}

/** One of them has the focus; arrows, Home and End go from one to the next (ARIA practices, tabs). */
function Tabs({ view, choose }: { view: View; choose: (view: View) => void }): JSX.Element {
  const keyed = (event: KeyboardEvent): void => {
    const at = views.indexOf(view);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: views.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const chosen = views[(to + views.length) % views.length]!;
    choose(chosen);
    document.getElementById(`explorer-tab-${chosen}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t("explorer.views")} onKeyDown={keyed}>
      {views.map((each) => (
        <button
          key={each}
          type="button"
          role="tab"
          id={`explorer-tab-${each}`}
          data-testid={`explorer-tab-${each}`}
          aria-selected={each === view}
          aria-controls="explorer-view"
          tabIndex={each === view ? 0 : -1}
          onClick={() => choose(each)}
        >
          {t(`explorer.view-${each}`)}
        </button>
      ))}
    </div>
  );
}

/** Holds the list still while somebody points at it, has focus in it, or has scrolled into it. */
function useHold(): {
  readonly list: { current: HTMLDivElement | null };
  readonly holdAt: number | null;
  release(): void;
} {
  const list = useRef<HTMLDivElement>(null);
  const [holdAt, setHoldAt] = useState<number | null>(null);
  useEffect(() => {
    const element = list.current;
    if (element === null) return;
    const scroller = element.closest(".panel-body");
    let pointed = false;
    const judge = (): void => {
      const held = pointed || element.contains(document.activeElement) || (scroller?.scrollTop ?? 0) > scrolledPx;
      setHoldAt((before) => (held ? (before ?? blocks.peek()[0]?.height ?? null) : null));
    };
    // A finger does not hover: its scrolling and pressing hold, its lifting does not.
    const point = (event: PointerEvent): void => {
      pointed = event.pointerType !== "touch" && event.type !== "pointerleave";
      judge();
    };
    const later = (): void => void setTimeout(judge);
    element.addEventListener("pointerenter", point);
    element.addEventListener("pointermove", point);
    element.addEventListener("pointerleave", point);
    element.addEventListener("focusin", judge);
    element.addEventListener("focusout", later);
    scroller?.addEventListener("scroll", judge, { passive: true });
    return () => {
      element.removeEventListener("pointerenter", point);
      element.removeEventListener("pointermove", point);
      element.removeEventListener("pointerleave", point);
      element.removeEventListener("focusin", judge);
      element.removeEventListener("focusout", later);
      scroller?.removeEventListener("scroll", judge);
    };
  }, []);
  return {
    list,
    holdAt,
    release() {
      list.current?.closest(".panel-body")?.scrollTo({ top: 0 });
      setHoldAt(null);
    },
  };
}

function List({ go }: { go: (place: Place) => void }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const hold = useHold();
  const { shown, waiting } = heldItems(blocks.value, (block) => block.height, hold.holdAt);
  const earlier = (): void => {
    if (busy) return;
    setBusy(true);
    loadEarlier()
      .then(() => setProblem(null))
      .catch((error: unknown) => setProblem(explain(error)))
      .finally(() => setBusy(false));
  };
  const last = shown.at(-1);
  return (
    <>
      {/* The line of news belongs to what is held: on the way to its button it must not vanish. */}
      <div ref={hold.list} class="held">
        {/* Always there, so that nothing below it moves when it speaks up. */}
        <div class="news">
          {waiting > 0 ? (
            <button type="button" class="secondary small" data-testid="new-blocks" onClick={hold.release}>
              <Icon name="up" size={18} /> {tn("explorer.new-blocks", waiting)}
            </button>
          ) : (
            <span class="quiet">{t(streamState.value === "open" ? "explorer.live" : "explorer.waiting")}</span>
          )}
        </div>
        {shown.length === 0 ? (
          <p class="empty" role="status">
            {streamState.value === "lost" ? t("error.unreachable") : t("explorer.empty")}
          </p>
        ) : null}
        <ol class="blocks" aria-label={t("explorer.blocks")}>
          {shown.map((block) => (
            <BlockRow key={block.height} block={block} go={go} />
          ))}
        </ol>
        {last !== undefined && last.height > 1 ? (
          <button type="button" class="secondary earlier" aria-busy={busy} onClick={earlier}>
            {busy ? t("action.working") : t("explorer.earlier")}
          </button>
        ) : null}
      </div>
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
  const events = eventLines(block.events, context);
  const more = Math.max(0, lines.length - shownMax) + Math.max(0, events.length - shownMax);
  return (
    <li class="block">
      <button
        type="button"
        class="block-head"
        data-testid="block-row"
        data-height={block.height}
        onClick={() => go({ at: "block", height: block.height })}
      >
        <strong>{t("explorer.block", { height: count(block.height) })}</strong>
        {lines.length === 0 && events.length === 0 ? <span class="quiet">{t("explorer.empty-block")}</span> : null}
        <time dateTime={block.time} title={dateTime(time)} class="quiet">
          {age(now.value - time)}
        </time>
      </button>
      {lines.length === 0 && events.length === 0 ? null : (
        <ul class="block-lines">
          {events.slice(0, shownMax).map(({ key, text }) => (
            <li key={key} class="block-event" data-testid="block-event">
              <Icon name="bolt" size={16} /> {text}
            </li>
          ))}
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
        </ul>
      )}
      {more > 0 ? (
        <button type="button" class="link" onClick={() => go({ at: "block", height: block.height })}>
          {tn("explorer.more", more)}
        </button>
      ) : null}
    </li>
  );
}
