// Talking to those near: a log that screen readers follow, one line to write in, three gestures.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { scene } from "../../core/city-scene.ts";
import { clockTime } from "../../core/format.ts";
import { t, words } from "../../core/language.ts";
import { chatLines, connection, roomRefusal, sendChat, sendGesture, unread } from "../../core/room.ts";
import { chatLengthMax, type Gesture } from "../../core/room-events.ts";
import { chatOpen, closeChat } from "../../core/view.ts";
import { Icon } from "../controls/icon.tsx";
import "./panel.css";

const gestures: readonly Gesture[] = ["wave", "nod", "clap"];
const counterFrom = chatLengthMax - 60;

export function Chat(): JSX.Element | null {
  const log = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const lines = chatLines.value;
  const open = chatOpen.value;
  useEffect(() => {
    if (!open) return;
    unread.value = 0;
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [lines, open]);
  useEffect(() => {
    if (open) input.current?.focus();
  }, [open]);
  if (!open) return null;
  const joined = connection.value.state === "joined";
  const refusal = roomRefusal.value;
  const submit = (event: Event): void => {
    event.preventDefault();
    roomRefusal.value = null;
    if (sendChat(text)) setText("");
  };
  const gesture = (one: Gesture): void => {
    if (sendGesture(one)) scene.peek()?.gesture(null, one);
  };
  return (
    <section class="glass chat" aria-label={t("chat.title")} data-testid="chat-panel">
      <header class="panel-head">
        <Icon name="chat" />
        <h2 class="panel-title">{t("chat.title")}</h2>
        <button type="button" class="plain square" aria-label={t("action.close")} onClick={closeChat}>
          <Icon name="close" />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a log that scrolls must be reachable by keyboard. */}
      <div class="chat-log" ref={log} role="log" aria-label={t("chat.log")} tabIndex={0}>
        {lines.length === 0 ? <p class="empty">{t(joined ? "chat.empty" : "chat.needs-name")}</p> : null}
        {lines.map((line) => (
          <p key={line.number} class={line.own ? "chat-own" : ""} data-testid="chat-message">
            <span class="chat-name">{line.own ? t("account.you") : line.name}</span>
            <time class="quiet">{clockTime(line.time)}</time>
            <span class="chat-text">{line.gesture === undefined ? line.text : t(`chat.did-${line.gesture}`)}</span>
          </p>
        ))}
      </div>
      <div class="gestures">
        {gestures.map((one) => (
          <button
            key={one}
            type="button"
            class="secondary small"
            disabled={!joined}
            data-testid={`gesture-${one}`}
            onClick={() => gesture(one)}
          >
            {t(`chat.${one}`)}
          </button>
        ))}
      </div>
      {refusal === null ? null : (
        <p class="problem" role="alert">
          {words(`refusal.${refusal}`) ?? refusal}
        </p>
      )}
      <form class="chat-form" onSubmit={submit}>
        <input
          ref={input}
          data-testid="chat-input"
          value={text}
          maxLength={chatLengthMax}
          autocomplete="off"
          disabled={!joined}
          placeholder={t(joined ? "chat.write" : "chat.needs-name")}
          aria-label={t("chat.write")}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            // Letters typed here are no keys of the page; Escape still closes.
            if (event.key !== "Escape") event.stopPropagation();
          }}
        />
        {text.length >= counterFrom ? (
          <span class="quiet" role="status">
            {chatLengthMax - text.length}
          </span>
        ) : null}
        <button
          type="submit"
          class="primary square"
          disabled={!joined || text.trim() === ""}
          aria-label={t("chat.send")}
        >
          <Icon name="send" />
        </button>
      </form>
    </section>
  );
}
