// The whole interface over the city: one column left (search, panel, chat), the card right, the toolbar below.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { sceneState } from "../core/city-scene.ts";
import { t } from "../core/language.ts";
import { card, chatOpen, type PanelName, panel } from "../core/view.ts";
import { Chat } from "./chat/panel.tsx";
import "./controls/controls.css";
import { Guard } from "./controls/guard.tsx";
import { type LazyPart, lazyPart } from "./lazy.tsx";
import { Search } from "./search/panel.tsx";
import { Banner, Status } from "./status/panel.tsx";
import { MeButton, Toolbar } from "./toolbar/panel.tsx";
import { TrustCard } from "./trust/panel.tsx";
import { Loading } from "./welcome/loading.tsx";
import { Welcome } from "./welcome/panel.tsx";

/** A new panel is one folder and one line here. */
const panels: Readonly<Record<PanelName, LazyPart>> = {
  explorer: lazyPart(async () => (await import("./explorer/panel.tsx")).ExplorerPanel),
  wallet: lazyPart(async () => (await import("./wallet/panel.tsx")).WalletPanel),
  energy: lazyPart(async () => (await import("./energy/panel.tsx")).EnergyPanel),
  map: lazyPart(async () => (await import("./map/panel.tsx")).MapPanel),
  people: lazyPart(async () => (await import("./people/panel.tsx")).PeoplePanel),
  keys: lazyPart(async () => (await import("./keys/panel.tsx")).KeysPanel),
  guardians: lazyPart(async () => (await import("./guardians/panel.tsx")).GuardiansPanel),
  roles: lazyPart(async () => (await import("./roles/panel.tsx")).RolesPanel),
  trusted: lazyPart(async () => (await import("./trusted/panel.tsx")).TrustedPanel),
  settings: lazyPart(async () => (await import("./settings/panel.tsx")).SettingsPanel),
  help: lazyPart(async () => (await import("./help/panel.tsx")).HelpPanel),
};
const cardPart = lazyPart(async () => (await import("./card/panel.tsx")).Card);
const alarmPart = lazyPart(async () => (await import("./guardians/alarm.tsx")).RecoveryAlarm, "unseen");
const flatCityPart = lazyPart(async () => (await import("./map/flat-city.tsx")).FlatCity);

/** Panels come while nobody waits for them: a first click then opens at once. */
function preloadPanels(): () => void {
  const timer = setTimeout(() => {
    for (const part of [cardPart, ...Object.values(panels)]) part.preload();
  }, preloadAfterMs);
  return () => clearTimeout(timer);
}
const preloadAfterMs = 2500;

export function Application(): JSX.Element {
  useEffect(preloadPanels, []);
  const state = sceneState.value;
  const open = panel.value;
  const Open = open === null ? null : panels[open].Shown;
  return (
    <>
      <div
        class={`layout ${card.value === null ? "" : "has-card"} ${Open === null ? "" : "has-panel"} ${chatOpen.value ? "has-chat" : ""}`}
      >
        <div class="centre">
          <Banner />
          <alarmPart.Shown />
          <TrustCard />
          <Welcome />
          <Loading />
        </div>
        <div class="column column-left">
          <Search />
          {Open === null ? null : (
            <Guard key={open} name={open ?? ""}>
              <Open />
            </Guard>
          )}
          <Chat />
        </div>
        <div class="column column-right">
          <MeButton />
          {card.value === null ? null : (
            <Guard key={JSON.stringify(card.value)} name="card">
              <cardPart.Shown />
            </Guard>
          )}
        </div>
        <div class="bottom">
          <Toolbar />
          <Status />
        </div>
      </div>
      {/* After the interface, so that its lists do not stand between the keyboard and the name field. */}
      {state.state === "failed" ? <flatCityPart.Shown /> : null}
      <p class="sr-only" aria-live="polite">
        {state.state === "shown" ? t("scene.shown") : ""}
      </p>
    </>
  );
}
