// Roles, for those who administer the city: find a citizen, see the roles with their proof, grant and revoke. Others are told that this
// is not theirs and see no control; the ledger would refuse them all the same.

import "../../core/guardian-words.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { account, refreshAccount } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { t } from "../../core/language.ts";
import { ownerOf } from "../../core/name-owner.ts";
import { administers, rolesOf } from "../../core/roles.ts";
import { closePanel } from "../../core/view.ts";
import { CitizenNameField, runWithName } from "../controls/citizen-name.tsx";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";
import { Outcome, useTask } from "../controls/progress-button.tsx";
import { CitizenRoles } from "./citizen-roles.tsx";
import { Holders } from "./holders.tsx";
import "./panel.css";

export function RolesPanel(): JSX.Element {
  useEffect(() => void refreshAccount().catch(() => undefined), []);
  const own = account.value;
  return (
    <Glass
      title={t("roles.title")}
      subtitle={t("roles.subtitle")}
      icon="building"
      testid="roles-panel"
      onClose={closePanel}
    >
      {own !== null && administers(own.account.roles, now.value) ? (
        <Desk by={own.id} />
      ) : (
        <p class="empty" data-testid="not-city">
          {t("roles.not-city")}
        </p>
      )}
    </Glass>
  );
}

function Desk({ by }: { by: string }): JSX.Element {
  const [name, setName] = useState(rolesOf.value);
  const [found, setFound] = useState<{ readonly id: string; readonly name: string } | null>(null);
  const task = useTask();
  const look = (typed: string): void => {
    setFound(null);
    runWithName(task, typed, async (wanted) => {
      setFound({ id: await ownerOf(wanted), name: wanted });
      return undefined;
    });
  };
  useEffect(() => {
    if (rolesOf.value === "") return;
    setName(rolesOf.value);
    look(rolesOf.value);
  }, [rolesOf.value]);
  return (
    <>
      <form
        class="field field-below"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          look(name);
        }}
      >
        <CitizenNameField label={t("roles.find")} testid="roles-name" value={name} change={setName} task={task} />
        <button
          type="submit"
          class="secondary"
          data-testid="roles-look"
          disabled={name.trim() === ""}
          aria-busy={task.busy}
        >
          {task.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="search" />}
          {t("roles.look")}
        </button>
      </form>
      <Outcome task={task} />
      {found === null ? (
        <p class="empty">{t("roles.find-says")}</p>
      ) : (
        <CitizenRoles key={found.id} by={by} id={found.id} />
      )}
      <Holders
        choose={(chosen) => {
          setName(chosen);
          look(chosen);
        }}
      />
    </>
  );
}
