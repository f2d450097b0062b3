// The whole page when there is no 3D: map left, lists right.

import type { JSX } from "preact";
import { sceneState } from "../../core/city-scene.ts";
import { t, words } from "../../core/language.ts";
import { DeviceLists, MapView } from "./panel.tsx";
import "./panel.css";

export function FlatCity(): JSX.Element {
  const state = sceneState.value;
  const reason = state.state === "failed" ? state.reason : "scene-failed";
  return (
    <main class="flat-city" data-testid="flat-city">
      <div class="flat-lists glass">
        <h2>{t("map.lists")}</h2>
        <p class="notice" role="status">
          {words(`scene.${reason}`) ?? t("scene.scene-failed")}
        </p>
        <DeviceLists />
      </div>
      <div class="flat-map">
        <MapView />
      </div>
    </main>
  );
}
