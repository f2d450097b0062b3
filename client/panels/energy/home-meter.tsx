// The part of a meter's card that makes it the citizen's own, and leads to selling.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { account, act, citizenship } from "../../core/citizen.ts";
import { t } from "../../core/language.ts";
import { openPanel } from "../../core/view.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, useTask } from "../controls/progress-button.tsx";

export function HomeMeter({ meter, solarW }: { meter: string; solarW: number | null }): JSX.Element | null {
  const task = useTask();
  const [shownFor, setShownFor] = useState(meter);
  useEffect(() => setShownFor(meter), [meter]);
  if (citizenship.value.state !== "citizen" || shownFor !== meter)
    return citizenship.value.state === "citizen" ? null : <p class="empty">{t("energy.needs-name")}</p>;
  const own = account.value?.meter ?? null;
  const by = citizenship.value.identity.account;
  if (own === meter)
    return (
      <div class="home">
        <p class="tag tag-own">
          <Icon name="home" size={18} /> {t("energy.your-home")}
        </p>
        <div class="row">
          <button type="button" class="primary" onClick={() => openPanel("energy")}>
            <Icon name="bolt" size={18} /> {solarW === null ? t("energy.open-market") : t("energy.sell-from-here")}
          </button>
          <button
            type="button"
            class="secondary"
            aria-busy={task.busy}
            onClick={() => void task.run(async () => void (await act([{ type: "energy/unlink-meter", by, meter }])))}
          >
            {task.busy ? t("action.working") : t("energy.unlink")}
          </button>
        </div>
        <Outcome task={task} />
      </div>
    );
  if (own !== null) return null;
  return (
    <div class="home">
      <button
        type="button"
        class="primary"
        data-testid="link-meter"
        aria-busy={task.busy}
        onClick={() =>
          void task.run(async () => {
            await act([{ type: "energy/link-meter", by, meter }]);
            return t("energy.linked");
          })
        }
      >
        {task.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="home" size={18} />}
        {task.busy ? t("action.working") : t("energy.this-is-my-home")}
      </button>
      <p class="quiet">{t(solarW === null ? "energy.link-says" : "energy.link-says-solar")}</p>
      <Outcome task={task} />
    </div>
  );
}
