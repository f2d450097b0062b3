// One field, one button: the citizen's name. The key pair is made here in the browser; refusals appear at the field.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { becomeCitizen, citizenship, nameProblem } from "../../core/citizen.ts";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { hintSeen } from "../../core/preferences.ts";
import { SubmitButton } from "../controls/progress-button.tsx";

export function NameForm(): JSX.Element {
  const current = citizenship.value;
  const lost = current.state === "guest" ? current.lostName : null;
  const [name, setName] = useState(lost ?? "");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const wanted = name.trim().normalize("NFC");
    const local = nameProblem(wanted);
    if (local !== null) {
      setProblem(t(local));
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await becomeCitizen(wanted);
      hintSeen.value = true;
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="name-form" onSubmit={(event) => void submit(event)} noValidate>
      {current.state === "guest" && current.other !== null ? (
        <p class="notice" role="status">
          {lost === null ? t("welcome.key-kept") : t("welcome.other-chain", { name: lost })}
        </p>
      ) : null}
      <label>
        <span>{t("welcome.name")}</span>
        <input
          data-testid="name-input"
          name="name"
          value={name}
          maxLength={64}
          autocomplete="nickname"
          spellcheck={false}
          placeholder={t("welcome.name-example")}
          aria-invalid={problem !== null}
          aria-describedby="name-problem name-says"
          onInput={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
        />
      </label>
      <p id="name-problem" class="problem" role="alert" data-testid="name-problem" hidden={problem === null}>
        {problem}
      </p>
      <SubmitButton busy={busy} testid="enter-city">
        {t("welcome.enter")}
      </SubmitButton>
      <p id="name-says" class="quiet">
        {t("welcome.no-password")}
      </p>
    </form>
  );
}
