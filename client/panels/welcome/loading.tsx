// Progress of the city itself, below the welcome card: takes over from the bar that index.html shows before any script runs.

import type { JSX } from "preact";
import { sceneState } from "../../core/city-scene.ts";
import { t, words } from "../../core/language.ts";

export function Loading(): JSX.Element | null {
  const current = sceneState.value;
  if (current.state !== "loading") return null;
  const percent = Math.round(Math.max(0, Math.min(1, current.fraction)) * 100);
  const stage = words(current.stage) ?? t("loading.title");
  return (
    <div class="glass loading-strip" data-testid="loading">
      <div
        class="loading-bar"
        role="progressbar"
        aria-label={t("loading.title")}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={stage}
      >
        <span style={{ width: `${Math.max(4, percent)}%` }} />
      </div>
      <p>
        {stage} <span class="quiet">{percent} %</span>
      </p>
    </div>
  );
}
