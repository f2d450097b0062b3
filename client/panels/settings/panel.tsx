// Settings of this device: language, light, quality, motion. Light that is not live says so on the screen as well.

import type { ComponentChildren, JSX } from "preact";
import { scene } from "../../core/city-scene.ts";
import { language, languages, t } from "../../core/language.ts";
import { light, quality, reducedMotion } from "../../core/preferences.ts";
import type { LightMode } from "../../core/scene-port.ts";
import { closePanel } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import "./panel.css";

const lights: readonly LightMode[] = ["live", "golden", "noon", "night"];
const qualities = ["low", "medium", "high"] as const;

function Choice<T extends string>(props: {
  legend: string;
  name: string;
  options: readonly { readonly value: T; readonly label: string }[];
  value: T;
  choose: (value: T) => void;
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>{props.legend}</legend>
      <div class="segments">
        {props.options.map(({ value, label }) => (
          <label key={value} class="segment">
            <input
              type="radio"
              name={props.name}
              checked={props.value === value}
              onChange={() => props.choose(value)}
              data-testid={`${props.name}-${value}`}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      {props.children}
    </fieldset>
  );
}

export function SettingsPanel(): JSX.Element {
  return (
    <Glass title={t("settings.title")} icon="adjustments" testid="settings-panel" onClose={closePanel}>
      <Choice
        legend={t("settings.language")}
        name="language"
        options={languages.map(({ id, name }) => ({ value: id, label: name }))}
        value={language.value}
        choose={(value) => {
          language.value = value;
        }}
      />
      <Choice
        legend={t("settings.light")}
        name="light"
        options={lights.map((value) => ({ value, label: t(`light.${value}`) }))}
        value={light.value}
        choose={(value) => {
          light.value = value;
        }}
      >
        <p class="quiet">{t(light.value === "live" ? "light.live-says" : "light.not-live")}</p>
      </Choice>
      {scene.value === null ? null : (
        <div class="row">
          <button type="button" class="secondary" onClick={() => scene.peek()?.setView("fly")}>
            {t("settings.fly")}
          </button>
          <button type="button" class="secondary" onClick={() => scene.peek()?.setView("walk")}>
            {t("settings.walk")}
          </button>
        </div>
      )}
      <Choice
        legend={t("settings.quality")}
        name="quality"
        options={qualities.map((value) => ({ value, label: t(`quality.${value}`) }))}
        value={quality.value}
        choose={(value) => {
          quality.value = value;
        }}
      >
        <p class="quiet">
          {t("settings.quality-says")}{" "}
          <button type="button" class="link" onClick={() => location.reload()}>
            {t("settings.reload")}
          </button>
        </p>
      </Choice>
      <label class="check">
        <input
          type="checkbox"
          checked={reducedMotion.value}
          onChange={(event) => {
            reducedMotion.value = event.currentTarget.checked;
          }}
        />
        <span>{t("settings.motion")}</span>
      </label>
    </Glass>
  );
}
