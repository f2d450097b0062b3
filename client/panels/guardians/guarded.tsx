// Whom this citizen guards, and what can be done for them: propose the key that a link brings, agree to one that another guardian has
// proposed, complete what has waited long enough. Nothing is agreed to before its code, heard from the friend, has been typed and fits.

import type { JSX } from "preact";
import type { GuardianSet, GuardiansRecord, RecoveryProposal } from "../../../ledger/protocol/guardians.ts";
import { ledgerTime } from "../../core/blocks.ts";
import { act } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime } from "../../core/format.ts";
import { type Guarded, guardedMax, refreshGuardians, stageOf, standingAt } from "../../core/guardians.ts";
import { t, tn } from "../../core/language.ts";
import type { RecoveryRequest } from "../../core/recovery-code.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, TaskButton, useTask } from "../controls/progress-button.tsx";
import { CodeForm } from "./code-form.tsx";
import { Help } from "./help-card.tsx";
import { ProposalState } from "./proposal.tsx";

export function GuardedList({ self, guarded }: { self: string; guarded: readonly Guarded[] }): JSX.Element {
  const inForce = (record: GuardiansRecord | null): GuardianSet | undefined => {
    const { set } = standingAt(record, now.value);
    return set?.members.includes(self) === true ? set : undefined;
  };
  return (
    <section class="guardians-part" aria-label={t("guarded.title")} data-testid="guarded">
      <h3>{t("guarded.title")}</h3>
      <Help self={self} />
      {guarded.length === 0 ? <p class="empty">{t("guarded.none")}</p> : null}
      <ul class="guarded">
        {guarded.map(({ account, record }) => (
          <li key={account} class="guarded-person" data-testid="guarded-person" data-account={account}>
            <Person account={account} record={record} self={self} set={inForce(record)} />
          </li>
        ))}
      </ul>
      {guarded.length < guardedMax ? null : <p class="quiet">{t("guarded.more", { count: guardedMax })}</p>}
    </section>
  );
}

function Person(props: {
  account: string;
  record: GuardiansRecord | null;
  self: string;
  set: GuardianSet | undefined;
}): JSX.Element {
  const { account, record, self, set } = props;
  const { change, proposals = [] } = standingAt(record, now.value);
  return (
    <>
      <div class="guarded-name">
        <Icon name="user" size={18} />
        <strong>{nameOf(account)}</strong>
        <span class="quiet">
          {set === undefined
            ? t("guarded.later", { time: change === undefined ? "–" : dateTime(change.effectiveMs) })
            : tn("guardians.must-agree", set.threshold, { all: set.members.length })}
        </span>
      </div>
      {set === undefined ? null : proposals.length === 0 ? (
        <p class="quiet">{t("guarded.calm")}</p>
      ) : (
        proposals.map((proposal) => (
          <Proposal key={proposal.by + proposal.key} account={account} proposal={proposal} set={set} self={self} />
        ))
      )}
    </>
  );
}

function Proposal(props: { account: string; proposal: RecoveryProposal; set: GuardianSet; self: string }): JSX.Element {
  const { account, proposal, set, self } = props;
  const stage = stageOf(proposal, ledgerTime.value);
  const agreed = proposal.approvals.includes(self);
  const { key, rpId } = proposal;
  const request: RecoveryRequest = { account, key, ...(rpId === undefined ? {} : { rpId }) };
  return (
    <div class="notice">
      <ProposalState proposal={proposal} set={set} of={account} />
      {stage === "due" ? (
        <Complete request={request} self={self} />
      ) : agreed ? (
        <p class="success">{t("recovery.you-agreed")}</p>
      ) : stage === "gathering" ? (
        <CodeForm request={request} self={self} type="accounts/approve-recovery" />
      ) : null}
    </div>
  );
}

function Complete({ request, self }: { request: RecoveryRequest; self: string }): JSX.Element {
  const task = useTask();
  return (
    <>
      <TaskButton
        task={task}
        class="primary"
        testid="complete-recovery"
        run={async () => {
          await act([{ type: "accounts/complete-recovery", by: self, ...request }]);
          await refreshGuardians();
          return undefined;
        }}
      >
        {t("recovery.complete", { name: nameOf(request.account) })}
      </TaskButton>
      <Outcome task={task} />
    </>
  );
}
