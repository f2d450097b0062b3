// The city from above, without WebGL: streets, houses, devices and people as SVG, and the same as lists for keyboard and
// screen reader. Where the 3D scene cannot run it fills the page.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { lookAt } from "../../core/city-scene.ts";
import { explain } from "../../core/http.ts";
import { t, words } from "../../core/language.ts";
import { loadMapGround } from "../../core/map-ground.ts";
import { neighbours } from "../../core/room.ts";
import { closePanel, openCard } from "../../core/view.ts";
import { devices, loadStreets, manifest, streets } from "../../core/world.ts";
import { Glass } from "../controls/glass.tsx";
import { Icon, kindIcon } from "../controls/icon.tsx";
import { Reading } from "../controls/reading.tsx";
import { CityMap } from "./city-map.tsx";
import "./panel.css";

const listMax = 40;

export function MapView(): JSX.Element {
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const loaded = manifest.value !== null;
  useEffect(() => {
    if (!loaded) return;
    loadStreets().catch((error: unknown) => setProblem(explain(error)));
    void loadMapGround();
  }, [loaded, round]);
  return (
    <>
      {problem === null ? null : (
        <div class="row">
          <p class="problem" role="alert">
            {problem}
          </p>
          <button
            type="button"
            class="secondary"
            onClick={() => {
              setProblem(null);
              setRound(round + 1);
            }}
          >
            {t("action.again")}
          </button>
        </div>
      )}
      {streets.value === null && problem === null ? <Reading problem={null} says={t("map.loading")} /> : null}
      {streets.value === null ? null : <CityMap />}
    </>
  );
}

/** Devices by kind, each opening its card. */
export function DeviceLists(): JSX.Element {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const kinds = [...new Set(devices.value.map((device) => device.kind))];
  return (
    <div class="device-lists">
      <label>
        <span>{t("map.filter")}</span>
        <input type="search" value={filter} maxLength={80} onInput={(event) => setFilter(event.currentTarget.value)} />
      </label>
      {kinds.map((kind) => {
        const found = devices.value.filter(
          (device) =>
            device.kind === kind &&
            `${device.name} ${device.address ?? ""} ${device.id}`.toLowerCase().includes(wanted),
        );
        if (found.length === 0) return null;
        return (
          <details key={kind} class="fold" name={wanted === "" ? "device-kind" : undefined} open={wanted !== ""}>
            <summary>
              <Icon name={kindIcon(kind)} size={18} /> {words(`kind.${kind}`) ?? kind} ({found.length})
            </summary>
            <ul class="links">
              {found.slice(0, listMax).map((device) => (
                <li key={device.id}>
                  <button
                    type="button"
                    class="link"
                    data-testid="device-row"
                    data-device={device.id}
                    onClick={() => {
                      openCard({ kind: "device", device: device.id });
                      lookAt({ kind: "device", device: device.id });
                    }}
                  >
                    {device.name}
                    {device.address === undefined ? "" : ` · ${device.address}`}
                  </button>
                </li>
              ))}
            </ul>
            {found.length > listMax ? <p class="quiet">{t("map.narrow", { count: found.length - listMax })}</p> : null}
          </details>
        );
      })}
      <h3>{t("people.title")}</h3>
      {neighbours.value.length === 0 ? <p class="empty">{t("people.empty")}</p> : null}
      <ul class="links">
        {neighbours.value.map((neighbour) => (
          <li key={neighbour.session}>
            <button
              type="button"
              class="link"
              onClick={() => openCard({ kind: "citizen", session: neighbour.session })}
            >
              {neighbour.name}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function MapPanel(): JSX.Element {
  return (
    <Glass title={t("map.title")} icon="map" testid="map-panel" onClose={closePanel}>
      <MapView />
      <DeviceLists />
    </Glass>
  );
}
