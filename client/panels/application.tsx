// The whole interface over the city: one column left (search, panel, chat), the card right, the toolbar below.

import type { JSX } from "preact";
import { sceneState } from "../core/city-scene.ts";
import { t } from "../core/language.ts";
import { card, chatOpen, type PanelName, panel } from "../core/view.ts";
import { Card } from "./card/panel.tsx";
import { Chat } from "./chat/panel.tsx";
import { Guard } from "./controls/guard.tsx";
import { EnergyPanel } from "./energy/panel.tsx";
import { ExplorerPanel } from "./explorer/panel.tsx";
import { HelpPanel } from "./help/panel.tsx";
import { FlatCity, MapPanel } from "./map/panel.tsx";
import { PeoplePanel } from "./people/panel.tsx";
import { Search } from "./search/panel.tsx";
import { SettingsPanel } from "./settings/panel.tsx";
import { Banner, Status } from "./status/panel.tsx";
import { MeButton, Toolbar } from "./toolbar/panel.tsx";
import { WalletPanel } from "./wallet/panel.tsx";
import { Loading } from "./welcome/loading.tsx";
import { Welcome } from "./welcome/panel.tsx";

/** A new panel is one folder and one line here. */
const panels: Readonly<Record<PanelName, () => JSX.Element>> = {
  explorer: ExplorerPanel,
  wallet: WalletPanel,
  energy: EnergyPanel,
  map: MapPanel,
  people: PeoplePanel,
  settings: SettingsPanel,
  help: HelpPanel,
};

export function Application(): JSX.Element {
  const state = sceneState.value;
  const Open = panel.value === null ? null : panels[panel.value];
  return (
    <>
      {state.state === "failed" ? <FlatCity reason={state.reason} /> : null}
      <div
        class={`layout ${card.value === null ? "" : "has-card"} ${Open === null ? "" : "has-panel"} ${chatOpen.value ? "has-chat" : ""}`}
      >
        <div class="column column-left">
          <Search />
          {Open === null ? null : (
            <Guard key={panel.value} name={panel.value ?? ""}>
              <Open />
            </Guard>
          )}
          <Chat />
        </div>
        <div class="column column-right">
          <MeButton />
          <Guard key={JSON.stringify(card.value)} name="card">
            <Card />
          </Guard>
        </div>
        <div class="centre">
          <Banner />
          <Welcome />
          <Loading />
        </div>
        <div class="bottom">
          <Toolbar />
          <Status />
        </div>
      </div>
      <p class="sr-only" aria-live="polite">
        {state.state === "shown" ? t("scene.shown") : ""}
      </p>
    </>
  );
}
