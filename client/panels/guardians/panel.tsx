// Guardians: who can give this citizen a new key when all are lost, and whom this citizen can help in the same way. What is shown of
// the own guardians is proven in this browser.

import "../../core/guardian-words.ts";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { citizenship } from "../../core/citizen.ts";
import { guarded, guardiansProblem, ownGuardians, refreshGuardians } from "../../core/guardians.ts";
import type { Identity } from "../../core/identity.ts";
import { t } from "../../core/language.ts";
import { closePanel, openPanel } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import { Reading } from "../controls/reading.tsx";
import { NameForm } from "../welcome/name-form.tsx";
import { GuardedList } from "./guarded.tsx";
import { OwnGuardians } from "./own.tsx";
import "./panel.css";

export function GuardiansPanel(): JSX.Element {
  const current = citizenship.value;
  return (
    <Glass
      title={t("guardians.title")}
      subtitle={t("guardians.subtitle")}
      icon="guardian"
      testid="guardians-panel"
      onClose={closePanel}
    >
      {current.state === "citizen" ? (
        <Both identity={current.identity} />
      ) : (
        <>
          <p class="empty">{t("guardians.no-citizen")}</p>
          <NameForm />
        </>
      )}
    </Glass>
  );
}

function Both({ identity }: { identity: Identity }): JSX.Element {
  // The alarm follows the guardians for the whole page; opening the panel asks once more.
  useEffect(() => void refreshGuardians(), []);
  const own = ownGuardians.value?.account === identity.account ? ownGuardians.value : null;
  const others = guarded.value;
  const problem = guardiansProblem.value;
  if (own === null || others === null)
    return <Reading problem={problem} says={t("guardians.loading")} again={() => void refreshGuardians()} />;
  return (
    <>
      {problem === null ? null : (
        <p class="notice" role="status">
          {problem} {t("guardians.as-before")}
        </p>
      )}
      <OwnGuardians own={own} />
      <GuardedList self={identity.account} guarded={others} />
      <button type="button" class="link" onClick={() => openPanel("keys")}>
        {t("keys.title")}
      </button>
    </>
  );
}
