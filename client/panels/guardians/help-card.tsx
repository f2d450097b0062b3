// A friend asks for help by a link: whether this citizen may give it, and the form that proposes the key. A link alone proves nothing,
// as anybody could have sent it: the code must be heard from the friend.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { now } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { duration } from "../../core/format.ts";
import { type Guarded, guardiansOf, standingAt } from "../../core/guardians.ts";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { type RecoveryRequest, readLink } from "../../core/recovery-code.ts";
import { askedForHelp } from "../../core/recovery-request.ts";
import { Reading } from "../controls/reading.tsx";
import { CodeForm } from "./code-form.tsx";

/** A friend's link: from the address that was opened, or pasted. */
export function Help({ self }: { self: string }): JSX.Element {
  const [text, setText] = useState("");
  const opened = askedForHelp.value;
  const request = readLink(opened ?? text);
  const put = (): void => {
    askedForHelp.value = null;
    setText("");
  };
  if (request !== null)
    return (
      <div class="notice help-card" data-testid="help-card">
        <Asked key={request.account + request.key} request={request} self={self} put={put} />
      </div>
    );
  return (
    <details class="fold" data-testid="help-friend">
      <summary>{t("guarded.help")}</summary>
      <label>
        <span>{t("guarded.link")}</span>
        <input
          data-testid="help-link"
          value={opened ?? text}
          maxLength={2000}
          autocomplete="off"
          spellcheck={false}
          placeholder="https://…#recover=…"
          aria-invalid={(opened ?? text) !== ""}
          onInput={(event) => {
            askedForHelp.value = null;
            setText(event.currentTarget.value);
          }}
        />
      </label>
      {(opened ?? text) === "" ? (
        <p class="quiet">{t("guarded.link-says")}</p>
      ) : (
        <p class="problem" role="alert">
          {t("guarded.link-wrong")}
        </p>
      )}
    </details>
  );
}

function Asked(props: { request: RecoveryRequest; self: string; put: () => void }): JSX.Element {
  const { request, self, put } = props;
  const { account, key, rpId } = request;
  const [told, setTold] = useState<Guarded | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const read = (): void => {
    setProblem(null);
    guardiansOf(account).then(setTold, (error: unknown) => setProblem(explain(error)));
  };
  useEffect(read, [account]);
  const name = nameOf(account);
  const later = (
    <button type="button" class="secondary small" data-testid="help-put" onClick={put}>
      {t("guarded.put-away")}
    </button>
  );
  if (problem !== null)
    return (
      <>
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="row">
          <button type="button" class="secondary small" onClick={read}>
            {t("action.again")}
          </button>
          {later}
        </div>
      </>
    );
  if (told === null) return <Reading problem={null} />;
  const { set, proposals = [] } = standingAt(told.record, now.value);
  if (set?.members.includes(self) !== true)
    return (
      <>
        <p class="problem" role="alert" data-testid="not-guardian">
          {t("guarded.not-guardian", { name })}
        </p>
        {later}
      </>
    );
  const known = proposals.find((proposal) => proposal.key === key && proposal.rpId === rpId);
  return (
    <>
      <p>
        <strong>{t("guarded.asks", { name })}</strong>
      </p>
      {known === undefined ? (
        <>
          <p>{t("guarded.asks-says", { name, time: duration(set.delayMs) })}</p>
          <CodeForm request={request} self={self} type="accounts/propose-recovery" done={put} />
        </>
      ) : (
        <p>{t("guarded.proposed-already", { name: nameOf(known.by) })}</p>
      )}
      {later}
    </>
  );
}
