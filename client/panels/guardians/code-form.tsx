// How a guardian agrees to a key: by its code, typed from the friend's voice. Until it fits, nothing can be sent; when it is another
// key's, the page says so at the first wrong digit.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { chain } from "../../core/blocks.ts";
import { act } from "../../core/citizen.ts";
import { nameOf } from "../../core/directory.ts";
import { refreshGuardians } from "../../core/guardians.ts";
import { t } from "../../core/language.ts";
import { codeOf, judgeCode, type RecoveryRequest } from "../../core/recovery-code.ts";
import { Outcome, SubmitButton, useTask } from "../controls/progress-button.tsx";

/** The code, typed from the friend's voice: the only thing that tells the friend's key from a stranger's. */
export function CodeForm(props: {
  request: RecoveryRequest;
  self: string;
  type: "accounts/propose-recovery" | "accounts/approve-recovery";
  done?: () => void;
}): JSX.Element {
  const { request, self, type } = props;
  const [typed, setTyped] = useState("");
  const task = useTask();
  const name = nameOf(request.account);
  const judged = judgeCode(typed, codeOf(chain.value?.chain ?? "", request));
  const proposes = type === "accounts/propose-recovery";
  return (
    <form
      class="order-form"
      noValidate
      aria-label={t("recovery.code-form", { name })}
      onSubmit={(event) => {
        event.preventDefault();
        if (judged !== "right") return;
        void task.run(async () => {
          await act([{ type, by: self, ...request }]);
          await refreshGuardians();
          props.done?.();
          return undefined;
        });
      }}
    >
      <p>{t("recovery.call", { name })}</p>
      <label>
        <span>{t("recovery.code-label", { name })}</span>
        <input
          class="code-input"
          data-testid="code-input"
          data-judged={judged}
          value={typed}
          maxLength={60}
          inputMode="numeric"
          autocomplete="off"
          spellcheck={false}
          aria-invalid={judged === "wrong"}
          placeholder="0000 0000 0000 0000 0000 0000"
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
      </label>
      <p class="problem" role="alert" data-testid="code-wrong" hidden={judged !== "wrong"}>
        {judged === "wrong" ? t("recovery.code-wrong", { name }) : ""}
      </p>
      {judged === "right" ? (
        <p class="success" role="status">
          {t("recovery.code-right")}
        </p>
      ) : null}
      <SubmitButton busy={task.busy} testid={proposes ? "propose" : "approve"} disabled={judged !== "right"}>
        {t(proposes ? "recovery.propose" : "recovery.approve", { name })}
      </SubmitButton>
      <Outcome task={task} />
    </form>
  );
}
