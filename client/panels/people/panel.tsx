// Who is near: citizens as a list, nearest first, each opening a card. The simulated crowd is counted apart.

import type { JSX } from "preact";
import { ownPose } from "../../core/city-scene.ts";
import { t, tn } from "../../core/language.ts";
import { connection, crowd, neighbours } from "../../core/room.ts";
import { closePanel, openCard } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";

export function PeoplePanel(): JSX.Element {
  const here = ownPose();
  const near = neighbours.value.map((neighbour) => ({
    neighbour,
    distance: here === null ? null : Math.hypot(neighbour.pose.x - here.x, neighbour.pose.y - here.y),
  }));
  near.sort((a, b) => (a.distance ?? 0) - (b.distance ?? 0));
  return (
    <Glass
      title={t("people.title")}
      subtitle={tn("people.near", near.length)}
      icon="users"
      testid="people-panel"
      onClose={closePanel}
    >
      {near.length === 0 ? (
        <p class="empty">{t(connection.value.state === "joined" ? "people.empty" : "people.needs-name")}</p>
      ) : null}
      <ul class="lines">
        {near.map(({ neighbour, distance }) => (
          <li key={neighbour.session}>
            <button
              type="button"
              class="line line-button"
              data-testid="citizen-row"
              onClick={() => openCard({ kind: "citizen", session: neighbour.session })}
            >
              <Icon name="user" size={18} />
              <span>{neighbour.name}</span>
              {distance === null ? null : <span class="quiet">{Math.round(distance)} m</span>}
            </button>
          </li>
        ))}
      </ul>
      {crowd.value.count > 0 ? <p class="tag tag-simulated">{tn("status.crowd", crowd.value.count)}</p> : null}
    </Glass>
  );
}
