// What must not be overlooked, on every page while it lasts: somebody wants to give this citizen's account a new key; and, more quietly,
// somebody whom this citizen guards waits for help. One thing at a time, the most urgent first.

import "../../core/guardian-words.ts";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RecoveryProposal } from "../../../ledger/protocol/guardians.ts";
import { ledgerTime } from "../../core/blocks.ts";
import { citizenship } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime } from "../../core/format.ts";
import {
  followGuardians,
  guarded,
  guardiansEntry,
  guardiansOf,
  ownGuardians,
  stageOf,
  standingAt,
} from "../../core/guardians.ts";
import { t } from "../../core/language.ts";
import { proveEntry } from "../../core/proofs.ts";
import { askedForHelp } from "../../core/recovery-request.ts";
import { vetoedAt } from "../../core/recovery-veto.ts";
import { openPanel, panel } from "../../core/view.ts";
import { Icon, type IconName } from "../controls/icon.tsx";
import { VetoButton } from "./proposal.tsx";
import "./panel.css";

export function RecoveryAlarm(): JSX.Element | null {
  const current = citizenship.value;
  const account = current.state === "citizen" ? current.identity.account : null;
  const link = askedForHelp.value;
  useEffect(() => (account === null ? undefined : followGuardians()), [account]);
  useEffect(() => {
    if (account !== null && link !== null) openPanel("guardians");
  }, [account, link]);
  const hidden = useHidden(account);
  const own = standingAt(ownGuardians.value?.account === account ? ownGuardians.value.record : null, now.value);
  const against = own.proposals ?? [];
  useEffect(() => {
    // What was stopped before is no news beside what is proposed now.
    if (against.length > 0) vetoedAt.value = null;
  }, [against.length]);
  if (account === null)
    return link === null ? null : <Bar testid="help-asked" icon="guardian" text={t("help-asked.guest")} />;
  if (against.length > 0) return <Against proposals={against} by={account} />;
  if (hidden) return <Bar testid="guardians-hidden" icon="alert" urgent text={t("recovery.hidden")} look />;
  if (vetoedAt.value !== null)
    return (
      <Bar testid="vetoed" icon="check" text={t("recovery.vetoed")} look>
        <Close put={() => (vetoedAt.value = null)} />
      </Bar>
    );
  return <Helping self={account} />;
}

function Against({ proposals, by }: { proposals: readonly RecoveryProposal[]; by: string }): JSX.Element {
  const times = proposals.map(({ completableMs }) => completableMs).filter((time) => time !== undefined);
  const first = times.length === 0 ? null : Math.min(...times);
  const names = [...new Set(proposals.map((proposal) => proposal.by))].map(nameOf).join(", ");
  const late = proposals.every((proposal) => stageOf(proposal, ledgerTime.value) === "due");
  return (
    <Bar testid="recovery-alarm" icon="alert" urgent text={t("recovery.alarm", { names })} look>
      <span class="bar-more">
        {first === null
          ? t("recovery.alarm-gathering")
          : t(late ? "recovery.alarm-late" : "recovery.alarm-until", { time: dateTime(first) })}
      </span>
      {late ? null : <VetoButton by={by} />}
    </Bar>
  );
}

/** Whom this citizen can help now: what nobody has to do yet stays quiet. */
function Helping({ self }: { self: string }): JSX.Element | null {
  const [put, setPut] = useState<string | null>(null);
  for (const { account, record } of guarded.value ?? []) {
    const { set, proposals = [] } = standingAt(record, now.value);
    if (set?.members.includes(self) !== true) continue;
    for (const proposal of proposals) {
      const stage = stageOf(proposal, ledgerTime.value);
      const id = `${stage} ${account} ${proposal.key}`;
      if (put === id || stage === "waiting" || (stage === "gathering" && proposal.approvals.includes(self))) continue;
      // In the panel itself it stands already.
      if (panel.value === "guardians") return null;
      const name = nameOf(account);
      return (
        <Bar
          testid="help-wanted"
          icon="guardian"
          text={t(stage === "due" ? "recovery.help-complete" : "recovery.help-approve", {
            name,
            by: nameOf(proposal.by),
          })}
          look
        >
          <Close put={() => setPut(id)} />
        </Bar>
      );
    }
  }
  return null;
}

/** Whether the server says of the own guardians what its chain does not hold: a recovery could be kept from its owner. */
function useHidden(account: string | null): boolean {
  const [hidden, setHidden] = useState(false);
  const told = ownGuardians.value?.account === account ? ownGuardians.value : null;
  const text = JSON.stringify(told);
  useEffect(() => {
    setHidden(false);
    if (told === null) return;
    let current = true;
    const prove = async (): Promise<void> => {
      const reread = async (): Promise<unknown> => (await guardiansOf(told.account)).record;
      const { verdict } = await proveEntry(guardiansEntry(told.account), told.record, reread);
      if (current) setHidden(verdict.state === "failed" && verdict.reason === "value_must_match_entry");
    };
    void prove();
    const timer = setInterval(() => void prove(), provePauseMs);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [account, text]);
  return hidden;
}
const provePauseMs = 120_000;

function Bar(props: {
  testid: string;
  icon: IconName;
  text: string;
  urgent?: boolean;
  look?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const { urgent = false, look = false } = props;
  return (
    <section
      class={`glass banner recovery-bar ${urgent ? "is-urgent" : ""}`}
      role={urgent ? "alert" : "status"}
      data-testid={props.testid}
    >
      <Icon name={props.icon} />
      <div class="bar-words">
        <span>{props.text}</span>
        {props.children}
        {look && panel.value !== "guardians" ? (
          <button
            type="button"
            class="secondary small"
            data-testid="open-guardians"
            onClick={() => openPanel("guardians")}
          >
            {t("recovery.look")}
          </button>
        ) : null}
      </div>
    </section>
  );
}

function Close({ put }: { put: () => void }): JSX.Element {
  return (
    <button type="button" class="secondary small" data-testid="bar-close" onClick={put}>
      {t("action.close")}
    </button>
  );
}
