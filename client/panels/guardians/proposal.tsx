// One recovery as everybody concerned sees it: which key by its code, who has agreed, what comes next and when; and the owner's veto.

import type { JSX } from "preact";
import type { GuardianSet, RecoveryProposal } from "../../../ledger/protocol/guardians.ts";
import { chain, ledgerTime } from "../../core/blocks.ts";
import { act, refreshAccount } from "../../core/citizen.ts";
import { nameOf } from "../../core/directory.ts";
import { count, dateTime } from "../../core/format.ts";
import { refreshGuardians, stageOf } from "../../core/guardians.ts";
import { t } from "../../core/language.ts";
import { codeOf } from "../../core/recovery-code.ts";
import { vetoedAt } from "../../core/recovery-veto.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, TaskButton, useTask } from "../controls/progress-button.tsx";

/** The three steps of a recovery, with the one that it stands at. */
export function ProposalState(props: {
  proposal: RecoveryProposal;
  set: GuardianSet | undefined;
  /** The account that is to get the key. */
  of: string;
  /** The code is shown where it cannot be copied from instead of being asked for. */
  code?: boolean;
}): JSX.Element {
  const { proposal, set, of, code = false } = props;
  const stage = stageOf(proposal, ledgerTime.value);
  const needed = Math.max(set?.threshold ?? 0, proposal.approvals.length);
  const approvals = t("recovery.approvals", {
    count: count(proposal.approvals.length),
    needed: count(needed),
    names: proposal.approvals.map(nameOf).join(", "),
  });
  const delay =
    proposal.completableMs === undefined
      ? t("recovery.then-waits")
      : t(stage === "due" ? "recovery.waited" : "recovery.waiting", { time: dateTime(proposal.completableMs) });
  const done = t(stage === "due" ? "recovery.due" : "recovery.then-key", { time: dateTime(proposal.expiresMs) });
  const lines: readonly (readonly [string, boolean])[] = [
    [approvals, proposal.completableMs !== undefined],
    [delay, stage === "due"],
    [done, false],
  ];
  return (
    <div class="recovery" data-testid="recovery" data-stage={stage} data-approvals={proposal.approvals.length}>
      <ol class="recovery-steps">
        {lines.map(([text, passed], number) => (
          <li key={String(number)} class={passed ? "is-passed" : ""}>
            <Icon name={passed ? "check" : "circleDashed"} size={18} />
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {stage === "gathering" ? (
        <p class="quiet">{t("recovery.expires", { time: dateTime(proposal.expiresMs) })}</p>
      ) : null}
      {code ? <Code of={{ account: of, ...proposal }} /> : null}
    </div>
  );
}

/** A key as 24 digits to read out. */
export function Code({ of }: { of: { account: string; key: string; rpId?: string } }): JSX.Element {
  const { account, key, rpId } = of;
  const code = codeOf(chain.value?.chain ?? "", { account, key, ...(rpId === undefined ? {} : { rpId }) });
  return (
    <p class="code" data-testid="recovery-code">
      <span class="sr-only">{t("recovery.code")}: </span>
      {code.split(" ").map((group, number) => (
        <span key={String(number)}>{group} </span>
      ))}
    </p>
  );
}

/** One press ends every recovery whose waiting time is not over. */
export function VetoButton({ by }: { by: string }): JSX.Element {
  const task = useTask();
  return (
    <>
      <TaskButton
        task={task}
        class="danger"
        testid="veto"
        icon={task.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="wave" />}
        run={async () => {
          await act([{ type: "accounts/veto-recovery", by }]);
          await Promise.all([refreshGuardians(), refreshAccount()]);
          vetoedAt.value = Date.now();
          return undefined;
        }}
      >
        {t("recovery.veto")}
      </TaskButton>
      <Outcome task={task} />
    </>
  );
}
