// Finding one's house by address: homes with solar panels first, the nearest of them first.

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { lookAt, ownPose } from "../../core/city-scene.ts";
import { measured } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import { openCard } from "../../core/view.ts";
import { devices, manifest } from "../../core/world.ts";

const shownMax = 6;

/** Peak power of the roof, or that there are no panels. */
function sun(solarW: number | undefined): string {
  if (solarW === undefined || solarW <= 0) return t("energy.no-panels");
  const { number, unit } = measured(solarW, "W");
  return `${number} ${unit}`;
}

export function FindHome(): JSX.Element {
  const [query, setQuery] = useState("");
  const homes = useMemo(() => devices.value.filter((device) => device.kind === "meter"), [devices.value]);
  const here = ownPose() ?? manifest.value?.spawn ?? { x: 0, y: 0 };
  const wanted = query.trim().toLowerCase();
  const found = homes
    .filter((device) => `${device.name} ${device.address ?? ""} ${device.id}`.toLowerCase().includes(wanted))
    .map((device) => ({ device, distance: Math.hypot(device.x - here.x, device.y - here.y) }))
    .sort((a, b) => Number((b.device.solarW ?? 0) > 0) - Number((a.device.solarW ?? 0) > 0) || a.distance - b.distance)
    .slice(0, shownMax);
  return (
    <section class="find-home" aria-label={t("energy.find-home")}>
      <p>{t("energy.find-home-says")}</p>
      <label>
        <span>{t("energy.find-home")}</span>
        <input
          data-testid="find-home"
          type="search"
          value={query}
          maxLength={80}
          placeholder={t("energy.find-home-example")}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      {found.length === 0 ? <p class="empty">{t("energy.no-homes")}</p> : null}
      <ul class="lines">
        {found.map(({ device, distance }) => (
          <li key={device.id}>
            <button
              type="button"
              class="line line-button"
              data-testid="home-row"
              onClick={() => {
                openCard({ kind: "device", device: device.id });
                lookAt({ kind: "device", device: device.id });
              }}
            >
              <span>{device.address ?? device.name}</span>
              <span class="quiet">
                {sun(device.solarW)} · {Math.round(distance)} m
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
