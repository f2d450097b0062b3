// The one toolbar: every panel has a button and a number key.

import type { JSX } from "preact";
import { citizenship } from "../../core/citizen.ts";
import { type MessageKey, t } from "../../core/language.ts";
import { unread } from "../../core/room.ts";
import { chatOpen, closeChat, openChat, type PanelName, panel, togglePanel } from "../../core/view.ts";
import { Icon, type IconName } from "../controls/icon.tsx";
import "./panel.css";

interface Tool {
  readonly panel: PanelName | "chat";
  readonly icon: IconName;
  readonly words: MessageKey;
  readonly testid: string;
}

/** In the order of their number keys, from 1. */
export const tools: readonly Tool[] = [
  { panel: "map", icon: "map", words: "tool.map", testid: "open-map" },
  { panel: "energy", icon: "bolt", words: "tool.energy", testid: "open-energy" },
  { panel: "explorer", icon: "blocks", words: "tool.explorer", testid: "open-explorer" },
  { panel: "people", icon: "users", words: "tool.people", testid: "open-people" },
  { panel: "chat", icon: "chat", words: "tool.chat", testid: "open-chat" },
  { panel: "settings", icon: "adjustments", words: "tool.settings", testid: "open-settings" },
  { panel: "help", icon: "help", words: "tool.help", testid: "open-help" },
];

export function pressTool(name: PanelName | "chat"): void {
  if (name === "chat") {
    if (chatOpen.peek()) closeChat();
    else openChat();
  } else togglePanel(name);
}

export function Toolbar(): JSX.Element {
  return (
    <nav class="glass toolbar" aria-label={t("tool.label")}>
      {tools.map(({ panel: name, icon, words, testid }, number) => {
        const open = name === "chat" ? chatOpen.value : panel.value === name;
        return (
          <button
            key={name}
            type="button"
            class={`tool tool-${name}`}
            data-testid={testid}
            aria-pressed={open}
            title={`${t(words)} (${number + 1})`}
            onClick={() => pressTool(name)}
          >
            <Icon name={icon} size={24} />
            <span class="tool-words">{t(words)}</span>
            {name === "chat" && unread.value > 0 && !open ? (
              <span class="unread" data-testid="unread">
                {Math.min(99, unread.value)}
                <span class="sr-only"> {t("chat.unread")}</span>
              </span>
            ) : null}
          </button>
        );
      })}
    </nav>
  );
}

/** The "me" button, alone in its corner. */
export function MeButton(): JSX.Element {
  const current = citizenship.value;
  return (
    <button
      type="button"
      class="glass me"
      data-testid="open-wallet"
      aria-pressed={panel.value === "wallet"}
      onClick={() => togglePanel("wallet")}
    >
      <Icon name="user" size={24} />
      <span class="me-name" data-testid="me-name">
        {current.state === "citizen" ? current.name : t("wallet.guest")}
      </span>
    </button>
  );
}
