// What a newcomer sees over the living city: how to move, and one field for a name. Looking around needs no name.

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { citizenship } from "../../core/citizen.ts";
import { sceneState } from "../../core/city-scene.ts";
import { t } from "../../core/language.ts";
import { hintSeen } from "../../core/preferences.ts";
import { awaited, keysLost } from "../../core/recovery-request.ts";
import { broken } from "../../core/trust.ts";
import { card, panel } from "../../core/view.ts";
import { cityName } from "../../core/world.ts";
import { Icon, type IconName } from "../controls/icon.tsx";
import { NameForm } from "./name-form.tsx";
import "./panel.css";

/** Looking around without a name; lasts as long as the page. */
const lookingAround = signal(false);

export function MoveHints(): JSX.Element {
  if (sceneState.value.state === "failed")
    return (
      <ul class="hints" data-testid="hint">
        <li class="hint">
          <Icon name="map" />
          <span>{t("hint.map")}</span>
        </li>
      </ul>
    );
  const hints: readonly (readonly [IconName, string])[] = [
    ["keyboard", t("hint.keyboard")],
    ["mouse", t("hint.mouse")],
    ["touch", t("hint.touch")],
  ];
  return (
    <ul class="hints" data-testid="hint">
      {hints.map(([icon, text]) => (
        <li key={icon} class={`hint hint-${icon}`}>
          <Icon name={icon} />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

export function Welcome(): JSX.Element | null {
  const current = citizenship.value;
  // While the chain shown is not the trusted one, nobody is asked to sign anything.
  if (current.state === "looking" || lookingAround.value || broken.value !== null) return null;
  if (current.state === "citizen") return hintSeen.value ? <HintCard /> : null;
  const lost = keysLost.value || awaited.value !== null;
  return (
    <section class="glass welcome" aria-label={t("welcome.title", { city: cityName.value })}>
      {/* Who lost all keys has been welcomed before. */}
      {lost ? null : (
        <>
          <h1>{t("welcome.title", { city: cityName.value })}</h1>
          <p class="lead">{t("welcome.says")}</p>
        </>
      )}
      <NameForm />
      {lost ? null : <MoveHints />}
      <button
        type="button"
        class="plain"
        data-testid="look-around"
        onClick={() => {
          lookingAround.value = true;
        }}
      >
        {t("welcome.look-around")}
      </button>
    </section>
  );
}

const hintClosed = signal(false);

/** After entering: the hint stays until it is closed or something is done with the city. */
function HintCard(): JSX.Element | null {
  // Whoever has opened something has found out how.
  if (card.value !== null || panel.value !== null) hintClosed.value = true;
  if (hintClosed.value || sceneState.value.state === "failed") return null;
  return (
    <aside class="glass hint-card" aria-label={t("hint.title")}>
      <MoveHints />
      <button
        type="button"
        class="plain square"
        aria-label={t("action.close")}
        onClick={() => {
          hintClosed.value = true;
        }}
      >
        <Icon name="close" />
      </button>
    </aside>
  );
}
