// Who guards this citizen: those in force, proven; what waits to take their place; a recovery that somebody proposes, with the veto; and
// the form to choose others. The words say what guardians can do and what they cannot.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { GuardianSet } from "../../../ledger/protocol/guardians.ts";
import { act } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime, duration } from "../../core/format.ts";
import { type Guarded, guardiansEntry, refreshGuardians, shortestDelay, standingAt } from "../../core/guardians.ts";
import { explain } from "../../core/http.ts";
import { t, tn } from "../../core/language.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, TaskButton, useTask } from "../controls/progress-button.tsx";
import { Reading } from "../controls/reading.tsx";
import { Shield } from "../controls/shield.tsx";
import { ProposalState, VetoButton } from "./proposal.tsx";
import { useProvenGuardians } from "./proven.ts";
import { SetGuardians } from "./set-form.tsx";

export function OwnGuardians({ own }: { own: Guarded }): JSX.Element {
  const proof = useProvenGuardians(own.account, own.record);
  const { set, change, proposals = [] } = standingAt(proof.record, now.value);
  return (
    <section aria-label={t("guardians.own")} class="guardians-part" data-testid="own-guardians">
      <div class="value-row">
        <h3>{t("guardians.own")}</h3>
        <Shield
          view={proof.view}
          of={t("guardians.own")}
          testid="guardians-shield"
          question={{ kind: "state", name: guardiansEntry(own.account) }}
          onCheck={proof.check}
        />
      </div>
      {proposals.length === 0 ? null : (
        <div class="notice guardians-danger" data-testid="own-proposals">
          <p>
            <strong>{t("recovery.against-you")}</strong>
          </p>
          {proposals.map((proposal) => (
            <ProposalState key={proposal.by + proposal.key} proposal={proposal} set={set} of={own.account} />
          ))}
          <VetoButton by={own.account} />
        </div>
      )}
      {set === undefined ? (
        <p class="empty" data-testid="no-guardians">
          {t("guardians.none")}
        </p>
      ) : (
        <SetShown set={set} />
      )}
      {change === undefined ? null : (
        <WaitingChange by={own.account} now={set} then={change.set} effectiveMs={change.effectiveMs} />
      )}
      <Rights />
      <Chooser own={own.account} set={set} wanted={change?.set ?? set} />
    </section>
  );
}

function SetShown({ set }: { set: GuardianSet }): JSX.Element {
  return (
    <>
      <ul class="people" data-testid="guardian-list">
        {set.members.map((member) => (
          <li key={member} class="line" data-testid="guardian" data-account={member}>
            <Icon name="user" size={18} />
            <span>{nameOf(member)}</span>
          </li>
        ))}
      </ul>
      <p data-testid="guardian-terms">{termsOf(set)}</p>
    </>
  );
}

const termsOf = ({ members, threshold, delayMs }: GuardianSet): string =>
  `${tn("guardians.must-agree", threshold, { all: members.length })} ${t("guardians.waits", { time: duration(delayMs) })}`;

function WaitingChange(props: {
  by: string;
  now: GuardianSet | undefined;
  then: GuardianSet;
  effectiveMs: number;
}): JSX.Element {
  const task = useTask();
  const { by, then, effectiveMs } = props;
  const time = dateTime(effectiveMs);
  return (
    <div class="notice guardians-waiting" data-testid="guardians-waiting">
      <p>
        {then.members.length === 0
          ? t("guardians.waiting-none", { time })
          : t("guardians.waiting", { time, names: then.members.map(nameOf).join(", ") })}{" "}
        {then.members.length === 0 ? "" : termsOf(then)}
      </p>
      {props.now === undefined ? null : (
        <TaskButton
          task={task}
          class="secondary small"
          testid="guardians-keep"
          run={async () => {
            // Setting those in force withdraws what waits (AC-17).
            await act([{ type: "accounts/set-guardians", by, ...props.now! }]);
            await refreshGuardians();
            return undefined;
          }}
        >
          {t("guardians.keep")}
        </TaskButton>
      )}
      <Outcome task={task} />
    </div>
  );
}

function Rights(): JSX.Element {
  return (
    <details class="fold" data-testid="guardian-rights">
      <summary>{t("guardians.rights")}</summary>
      <ul class="rights">
        {(["can-together", "can-veto", "cannot-alone", "cannot-money", "choose"] as const).map((line) => (
          <li key={line}>
            <Icon name={line.startsWith("cannot") ? "close" : "check"} size={18} />
            <span>{t(`guardians.${line}`)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** The form needs the city's shortest delay, which is asked for once it is opened. */
function Chooser(props: { own: string; set: GuardianSet | undefined; wanted: GuardianSet | undefined }): JSX.Element {
  const [open, setOpen] = useState(false);
  const [shortest, setShortest] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const read = (): void => {
    setProblem(null);
    shortestDelay().then(setShortest, (error: unknown) => setProblem(explain(error)));
  };
  useEffect(() => {
    if (open && shortest === null) read();
  }, [open]);
  return (
    <details
      class="fold"
      data-testid="guardians-form"
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{t(props.set === undefined ? "guardians.choose-first" : "guardians.change")}</summary>
      {problem !== null || shortest === null ? (
        <Reading problem={problem} again={read} />
      ) : (
        <SetGuardians key={JSON.stringify(props.wanted)} {...props} shortestMs={shortest} />
      )}
    </details>
  );
}
