// The list of keys, and what the shield means. Opened by `?`.

import type { JSX } from "preact";
import { type MessageKey, t } from "../../core/language.ts";
import { closePanel } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import { MoveHints } from "../welcome/panel.tsx";
import "./panel.css";

const keys: readonly (readonly [string, MessageKey])[] = [
  ["/", "help.search"],
  ["T", "help.chat"],
  ["1 – 7", "help.panels"],
  ["Tab", "help.tab"],
  ["Esc", "help.escape"],
  ["?", "help.help"],
];

export function HelpPanel(): JSX.Element {
  return (
    <Glass title={t("help.title")} icon="help" testid="help-panel" onClose={closePanel}>
      <MoveHints />
      <dl class="keys">
        {keys.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(words)}</dd>
          </div>
        ))}
      </dl>
      <h3>{t("help.shield")}</h3>
      <p>{t("help.shield-says")}</p>
      <ul class="legend" aria-label={t("help.shield")}>
        {(["verified", "signed", "unverified", "failed"] as const).map((state) => (
          <li key={state}>
            <strong>{t(`proof.${state}`)}</strong> {t(`help.${state}`)}
          </li>
        ))}
      </ul>
    </Glass>
  );
}
