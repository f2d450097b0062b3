// The first step to the market: choosing one's home by address. Homes with solar panels come first, the nearest of them first.

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { WorldDevice } from "../../../worlds/format/world.ts";
import { act } from "../../core/citizen.ts";
import { lookAt, ownPose, scene } from "../../core/city-scene.ts";
import { measured } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import { openCard } from "../../core/view.ts";
import { devices, manifest } from "../../core/world.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, SubmitButton, useTask } from "../controls/progress-button.tsx";

const shownMax = 5;

/** Peak power of the roof, or that there are no panels. */
function sun(solarW: number | undefined): string {
  if (solarW === undefined || solarW <= 0) return t("energy.no-panels");
  const { number, unit } = measured(solarW, "W");
  return t("energy.roof", { power: `${number} ${unit}` });
}

export function FindHome({ by }: { by: string }): JSX.Element {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
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
      <h3>{t("energy.find-home")}</h3>
      <p>{t("energy.find-home-says")}</p>
      <label>
        <span class="sr-only">{t("energy.find-home-example")}</span>
        <input
          data-testid="find-home"
          type="search"
          value={query}
          maxLength={80}
          placeholder={t("energy.find-home-example")}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      {found.length === 0 ? (
        <p class="empty">{devices.value.length === 0 ? t("card.loading") : t("energy.no-homes")}</p>
      ) : null}
      <ul class="lines">
        {found.map(({ device, distance }) => (
          <li key={device.id}>
            <button
              type="button"
              class="line line-button"
              data-testid="home-row"
              aria-expanded={chosen === device.id}
              onClick={() => setChosen(chosen === device.id ? null : device.id)}
            >
              <Icon name={(device.solarW ?? 0) > 0 ? "sun" : "home"} size={20} />
              <span>{device.address ?? device.name}</span>
              <span class="quiet">
                {sun(device.solarW)} · {Math.round(distance)} m
              </span>
            </button>
            {chosen === device.id ? <Confirm device={device} by={by} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Confirm({ device, by }: { device: WorldDevice; by: string }): JSX.Element {
  const task = useTask();
  return (
    <form
      class="confirm-home"
      onSubmit={(event) => {
        event.preventDefault();
        void task.run(async () => {
          await act([{ type: "energy/link-meter", by, meter: device.id }]);
          return t("energy.linked");
        });
      }}
    >
      <p class="quiet">{t((device.solarW ?? 0) > 0 ? "energy.link-says-solar" : "energy.link-says")}</p>
      <div class="row">
        <SubmitButton busy={task.busy} testid="choose-home">
          {t("energy.this-is-my-home")}
        </SubmitButton>
        <button
          type="button"
          class="secondary"
          onClick={() => {
            openCard({ kind: "device", device: device.id });
            if (scene.peek() !== null) lookAt({ kind: "device", device: device.id });
          }}
        >
          {t("energy.show-home")}
        </button>
      </div>
      <Outcome task={task} />
    </form>
  );
}
