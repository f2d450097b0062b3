// One field, one button: the citizen's name. The key pair is made here in the browser; refusals appear at the field.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  becomeCitizen,
  becomePasskeyCitizen,
  citizenship,
  nameProblem,
  signInWithPasskey,
} from "../../core/citizen.ts";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { lookForPasskeys, passkeyAtHand, passkeysPossible } from "../../core/passkey-support.ts";
import { hintSeen } from "../../core/preferences.ts";
import { awaited, keysLost } from "../../core/recovery-request.ts";
import { Icon } from "../controls/icon.tsx";
import { SubmitButton } from "../controls/progress-button.tsx";
import { lazyPart } from "../lazy.tsx";

const lostKeysPart = lazyPart(async () => (await import("../guardians/lost-keys.tsx")).LostKeys);

/** Coming in: as a newcomer, with a passkey, or with a new key that friends confirm when all keys are lost. */
export function NameForm(): JSX.Element {
  return keysLost.value || awaited.value !== null ? <lostKeysPart.Shown /> : <Newcomer />;
}

function Newcomer(): JSX.Element {
  const current = citizenship.value;
  const lost = current.state === "guest" ? current.lostName : null;
  const [name, setName] = useState(lost ?? "");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => void lookForPasskeys(), []);
  // Whoever has a key here already registers that one.
  const kept = current.state === "guest" && current.other !== null;
  const passkeyFirst = passkeyAtHand.value && !kept;
  const run = async (task: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await task();
      hintSeen.value = true;
    } catch (error) {
      setProblem(explain(error));
    } finally {
      setBusy(false);
    }
  };
  const enter = (become: (name: string) => Promise<void>): void => {
    const wanted = name.trim().normalize("NFC");
    const local = nameProblem(wanted);
    if (local !== null) setProblem(t(local));
    else void run(() => become(wanted));
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    enter(passkeyFirst ? becomePasskeyCitizen : becomeCitizen);
  };
  return (
    <form class="name-form" onSubmit={submit} noValidate>
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
      <SubmitButton busy={busy} testid={passkeyFirst ? "enter-passkey" : "enter-city"}>
        {passkeyFirst ? <Icon name="fingerprint" /> : null}
        {t(passkeyFirst ? "welcome.enter-passkey" : "welcome.enter")}
      </SubmitButton>
      <p id="name-says" class="quiet">
        {t(passkeyFirst ? "welcome.passkey-says" : "welcome.no-password")}
      </p>
      <div class="other-ways">
        {passkeysPossible() && !kept ? (
          <>
            <button
              type="button"
              class="link"
              data-testid={passkeyFirst ? "enter-city" : "enter-passkey"}
              disabled={busy}
              onClick={() => enter(passkeyFirst ? becomeCitizen : becomePasskeyCitizen)}
            >
              {t(passkeyFirst ? "welcome.without-passkey" : "welcome.with-passkey")}
            </button>
            <button
              type="button"
              class="link"
              data-testid="sign-in-passkey"
              disabled={busy}
              onClick={() => void run(signInWithPasskey)}
            >
              {t("welcome.been-here")}
            </button>
          </>
        ) : null}
        <button
          type="button"
          class="link"
          data-testid="lost-keys"
          disabled={busy}
          onClick={() => {
            keysLost.value = true;
          }}
        >
          {t("welcome.lost-keys")}
        </button>
      </div>
    </form>
  );
}
