// For a citizen who lost all keys: the name, a new key on this device, the link and the code for the guardians, and what they have done
// so far. When the recovery is complete, this device comes in by itself. Shown in the welcome card and in the keys panel.

import "../../core/guardian-words.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { onBlock } from "../../core/blocks.ts";
import { citizenship } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime, duration } from "../../core/format.ts";
import { type Guarded, guardiansOf, lastVeto, standingAt } from "../../core/guardians.ts";
import { explain } from "../../core/http.ts";
import type { Identity } from "../../core/identity.ts";
import { t, tn } from "../../core/language.ts";
import { askForRecovery, comeIn, giveUp } from "../../core/lost-keys.ts";
import { linkOf } from "../../core/recovery-code.ts";
import { awaited, keysLost } from "../../core/recovery-request.ts";
import { CitizenNameField, runWithName } from "../controls/citizen-name.tsx";
import { copyText } from "../controls/copy.tsx";
import { Icon } from "../controls/icon.tsx";
import { Outcome, SubmitButton, SureButtons, useTask } from "../controls/progress-button.tsx";
import { Reading } from "../controls/reading.tsx";
import { Code, ProposalState } from "./proposal.tsx";
import "./panel.css";

export function LostKeys(): JSX.Element {
  const identity = awaited.value;
  const current = citizenship.value;
  const name = current.state === "citizen" ? current.name : "";
  return (
    <section class="lost-keys" aria-label={t("lost.title")} data-testid="lost-keys-part">
      <h2>{t("lost.title")}</h2>
      {identity === null ? <Ask known={name} /> : <Waiting key={identity.publicKey} identity={identity} />}
    </section>
  );
}

/** @param known the name, when this device knows whose keys are lost. */
function Ask({ known }: { known: string }): JSX.Element {
  const [name, setName] = useState(known);
  const task = useTask();
  return (
    <form
      class="name-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        runWithName(task, name, async (wanted) => {
          await askForRecovery(wanted);
          return undefined;
        });
      }}
    >
      <p>{t("lost.says")}</p>
      <ol class="lost-steps">
        {(["lost.step-key", "lost.step-call", "lost.step-wait"] as const).map((step) => (
          <li key={step}>{t(step)}</li>
        ))}
      </ol>
      <CitizenNameField
        label={t("lost.name")}
        testid="lost-name"
        value={name}
        change={setName}
        task={task}
        own
        readOnly={known !== ""}
      />
      <Outcome task={task} />
      <SubmitButton busy={task.busy} testid="lost-begin" disabled={name.trim() === ""}>
        <Icon name="key" /> {t("lost.begin")}
      </SubmitButton>
      {known === "" ? (
        <button
          type="button"
          class="link"
          data-testid="lost-back"
          onClick={() => {
            keysLost.value = false;
          }}
        >
          {t("lost.back")}
        </button>
      ) : null}
    </form>
  );
}

const pauseMs = 10_000;

interface Standing {
  readonly told: Guarded | null;
  readonly vetoed: number | null;
  readonly problem: string | null;
}

/** Reads how the recovery stands at every block that could matter and every ten seconds; comes in when it is complete. */
function useStanding(identity: Identity): Standing {
  const [standing, setStanding] = useState<Standing>({ told: null, vetoed: null, problem: null });
  useEffect(() => {
    let stopped = false;
    let busy = false;
    let again = false;
    const read = async (): Promise<void> => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      again = false;
      try {
        if (await comeIn(identity)) return;
        const [told, vetoed] = await Promise.all([guardiansOf(identity.account), lastVeto(identity.account)]);
        if (!stopped) setStanding({ told, vetoed, problem: null });
      } catch (error) {
        if (!stopped) setStanding((before) => ({ ...before, problem: explain(error) }));
      } finally {
        busy = false;
        if (again && !stopped) void read();
      }
    };
    void read();
    const timer = setInterval(() => void read(), pauseMs);
    // The block after the last one that names the account is the one by which its state can be proven.
    let named = 0;
    const stop = onBlock((block) => {
      if (JSON.stringify(block.transactions).includes(identity.account)) named = block.height;
      if (named > 0 && block.height - named <= 2) void read();
    });
    return () => {
      stopped = true;
      clearInterval(timer);
      stop();
    };
  }, [identity]);
  return standing;
}

function Waiting({ identity }: { identity: Identity }): JSX.Element {
  const { told, vetoed, problem } = useStanding(identity);
  const { account, publicKey, name } = identity;
  const request = { account, key: publicKey };
  const { set, proposals = [] } = standingAt(told?.record ?? null, now.value);
  const own = proposals.find(({ key }) => key === publicKey);
  const strange = proposals.filter(({ key }) => key !== publicKey);
  return (
    <>
      <p>{t("lost.for", { name: name ?? "" })}</p>
      <section class="lost-part" aria-label={t("lost.link")}>
        <h3>{t("lost.link")}</h3>
        <p class="quiet">{t("lost.link-says")}</p>
        <Share link={linkOf(location.origin + location.pathname, request)} name={name ?? ""} />
      </section>
      <section class="lost-part" aria-label={t("lost.code")}>
        <h3>{t("lost.code")}</h3>
        <Code of={request} />
        <p class="quiet">{t("lost.code-says")}</p>
      </section>
      <section class="lost-part" aria-label={t("lost.state")} aria-live="polite" data-testid="lost-state">
        <h3>{t("lost.state")}</h3>
        {told === null || problem !== null ? <Reading problem={problem} /> : null}
        {told !== null && set === undefined ? <p class="problem">{t("lost.no-guardians")}</p> : null}
        {set === undefined ? null : (
          <>
            <p>
              {t("lost.guardians", { names: set.members.map(nameOf).join(", ") })}{" "}
              {tn("guardians.must-agree", set.threshold, { all: set.members.length })}{" "}
              {t("guardians.waits", { time: duration(set.delayMs) })}
            </p>
            {own !== undefined ? (
              <ProposalState proposal={own} set={set} of={account} />
            ) : vetoed !== null && vetoed >= identity.created ? (
              <p class="notice" data-testid="lost-vetoed">
                {t("lost.vetoed", { time: dateTime(vetoed) })}
              </p>
            ) : (
              <p class="empty" data-testid="lost-nobody">
                {t("lost.nobody")}
              </p>
            )}
            {own?.completableMs !== undefined ? <p class="quiet">{t("lost.completes")}</p> : null}
          </>
        )}
        {strange.map((proposal) => (
          <div key={proposal.key + proposal.by} class="notice guardians-danger" role="alert" data-testid="lost-strange">
            <p>{t("lost.strange", { name: nameOf(proposal.by) })}</p>
          </div>
        ))}
      </section>
      <GiveUp identity={identity} />
    </>
  );
}

function Share({ link, name }: { link: string; name: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const share = typeof navigator.share === "function";
  return (
    <>
      <input
        class="share-link"
        data-testid="recovery-link"
        readOnly
        value={link}
        aria-label={t("lost.link")}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div class="row">
        <button
          type="button"
          class="secondary"
          data-testid="copy-link"
          onClick={async () => setCopied(await copyText(link))}
        >
          <Icon name={copied ? "check" : "copy"} size={18} /> {t(copied ? "action.copied" : "lost.copy")}
        </button>
        {share ? (
          <button
            type="button"
            class="secondary"
            onClick={() =>
              // A person who closes the list of apps has changed their mind.
              void navigator
                .share({ title: t("lost.title"), text: t("lost.share", { name }), url: link })
                .catch(() => undefined)
            }
          >
            <Icon name="send" size={18} /> {t("lost.send")}
          </button>
        ) : null}
      </div>
    </>
  );
}

function GiveUp({ identity }: { identity: Identity }): JSX.Element {
  const [sure, setSure] = useState(false);
  const task = useTask();
  if (!sure)
    return (
      <button type="button" class="link" data-testid="give-up" onClick={() => setSure(true)}>
        {t("lost.give-up")}
      </button>
    );
  return (
    <div class="notice">
      <p>{t("lost.give-up-says")}</p>
      <SureButtons
        task={task}
        testid="give-up-sure"
        run={async () => {
          await giveUp(identity);
          keysLost.value = false;
          return undefined;
        }}
        cancel={() => setSure(false)}
      >
        {t("lost.give-up-sure")}
      </SureButtons>
      <Outcome task={task} />
    </div>
  );
}
