// Keys and devices of the citizen: which keys act for the account, proven, and what each may do; passkeys added, devices renewed, keys
// removed. A key is removed in two steps, because nobody can bring it back.

import "../../core/guardian-words.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { accountsState } from "../../../ledger/protocol/accounts.ts";
import { account, act, addPasskey, citizenship, deviceKey, refreshAccount, renewDevice } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { dateTime, money, shortHash } from "../../core/format.ts";
import { ownGuardians, standingAt } from "../../core/guardians.ts";
import type { Identity } from "../../core/identity.ts";
import { t, tn, words } from "../../core/language.ts";
import { type Account, ledgerApi } from "../../core/ledger-api.ts";
import { passkeysPossible } from "../../core/passkey-support.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { awaited } from "../../core/recovery-request.ts";
import { administers, openRoles } from "../../core/roles.ts";
import { closePanel, openPanel } from "../../core/view.ts";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";
import { Outcome, SureButtons, TaskButton, useTask } from "../controls/progress-button.tsx";
import { Reading } from "../controls/reading.tsx";
import { Shield } from "../controls/shield.tsx";
import { LostKeys } from "../guardians/lost-keys.tsx";
import { RoleList } from "../roles/role-list.tsx";
import "./panel.css";

type Key = Account["account"]["keys"][number];

export function KeysPanel(): JSX.Element {
  const current = citizenship.value;
  return (
    <Glass title={t("keys.title")} icon="key" testid="keys-panel" onClose={closePanel}>
      {current.state === "citizen" ? <Keys identity={current.identity} /> : <p class="empty">{t("keys.no-citizen")}</p>}
    </Glass>
  );
}

function Keys({ identity }: { identity: Identity }): JSX.Element {
  const [problem, setProblem] = useState(false);
  const read = (): void => {
    setProblem(false);
    refreshAccount().catch(() => setProblem(true));
  };
  useEffect(read, []);
  const own = account.value;
  if (own === null)
    return <Reading problem={problem ? t("error.unreachable") : null} says={t("wallet.loading")} again={read} />;
  return (
    <>
      <DeviceNotice identity={identity} />
      <KeyList own={own} identity={identity} />
      {deviceKey.value === "ended" && identity.passkeys === undefined ? null : <AddPasskey identity={identity} />}
      {deviceKey.value === "ended" ? <AllLost /> : <GuardiansLink />}
    </>
  );
}

/** A device whose key ended may be the last one: then the guardians are the way back. */
function AllLost(): JSX.Element {
  return (
    <details class="fold" data-testid="all-lost" open={awaited.value !== null}>
      <summary>{t("welcome.lost-keys")}</summary>
      <LostKeys />
    </details>
  );
}

function GuardiansLink(): JSX.Element {
  const own = ownGuardians.value;
  const set = standingAt(own?.record ?? null, now.value).set;
  return (
    <section class="key-notice" aria-label={t("guardians.title")}>
      <h3>{t("guardians.title")}</h3>
      <p class="quiet" data-testid="guardians-summary">
        {set === undefined
          ? t(own === null ? "guardians.subtitle" : "guardians.none")
          : `${set.members.map(nameOf).join(", ")}. ${tn("guardians.must-agree", set.threshold, { all: set.members.length })}`}
      </p>
      <button type="button" class="secondary" data-testid="to-guardians" onClick={() => openPanel("guardians")}>
        <Icon name="guardian" /> {t(own !== null && set === undefined ? "guardians.choose-first" : "guardians.open")}
      </button>
    </section>
  );
}

/** What is left when this device is lost. */
function wayBack(): "keys" | "guardians" | "none" {
  const others = account.value?.account.keys.filter(({ scope }) => scope === undefined).length ?? 0;
  if (others > 1) return "keys";
  return standingAt(ownGuardians.value?.record ?? null, now.value).set === undefined ? "none" : "guardians";
}

function noticeOf({ passkeys }: Identity, until: string): string {
  const state = deviceKey.value;
  if (state === "full") return t(`keys.device-full-${wayBack()}`);
  return state === "ended" && passkeys === undefined ? t("keys.device-gone") : t(`keys.device-${state}`, { until });
}

/** What this device's key is good for, and what to do when it is not any more. */
function DeviceNotice({ identity }: { identity: Identity }): JSX.Element {
  const task = useTask();
  const state = deviceKey.value;
  const until = identity.scope === undefined ? "" : dateTime(identity.scope.untilMs);
  return (
    <section class="key-notice" aria-label={t("keys.this-device")}>
      <p class={state === "ended" ? "notice" : "quiet"} data-testid="device-key" data-state={state}>
        {noticeOf(identity, until)}
      </p>
      {state === "full" ? null : (
        <TaskButton
          task={task}
          class={state === "ended" ? "primary" : "secondary"}
          testid="renew-device"
          icon={<Icon name="fingerprint" />}
          run={async () => {
            await renewDevice();
            return t("keys.renewed");
          }}
        >
          {t("keys.renew")}
        </TaskButton>
      )}
      <Outcome task={task} />
    </section>
  );
}

function KeyList({ own, identity }: { own: Account; identity: Identity }): JSX.Element {
  const entry = accountsState.account(own.id);
  const text = JSON.stringify(own.account);
  const [proof, setProof] = useState<{ readonly record: Account["account"]; readonly view: ProofView }>({
    record: own.account,
    view: { state: "checking" },
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    void proveEntry(entry, own.account, async () => (await ledgerApi.account(own.id)).account).then((proven) => {
      if (current) setProof({ record: proven.shown as Account["account"], view: proven.verdict });
    });
    return () => {
      current = false;
    };
  }, [entry, text, round]);
  const { keys, roles } = proof.record;
  const full = keys.filter(({ scope }) => scope === undefined).length;
  return (
    <section aria-label={t("keys.list")}>
      <div class="value-row">
        <h3>{t("keys.list")}</h3>
        <Shield
          view={proof.view}
          of={t("keys.list")}
          testid="keys-shield"
          question={{ kind: "state", name: entry }}
          onCheck={() => {
            setProof({ ...proof, view: { state: "checking" } });
            setRound(round + 1);
          }}
        />
      </div>
      <ul class="keys" data-testid="key-list">
        {keys.map((key) => (
          <KeyLine
            key={key.key}
            of={own.id}
            line={key}
            here={key.key === identity.publicKey}
            last={key.scope === undefined && full === 1}
          />
        ))}
      </ul>
      {roles.length === 0 ? null : <Roles roles={roles} />}
    </section>
  );
}

/** The roles stand in the same entry as the keys, under the same proof. */
function Roles({ roles }: { roles: Account["account"]["roles"] }): JSX.Element {
  return (
    <div class="own-roles" data-testid="own-roles">
      <h3>{t("roles.own")}</h3>
      <RoleList roles={roles} />
      {administers(roles, now.value) ? (
        <button type="button" class="secondary" data-testid="open-roles" onClick={() => openRoles("")}>
          <Icon name="building" /> {t("roles.open")}
        </button>
      ) : null}
    </div>
  );
}

function KeyLine({ of, line, here, last }: { of: string; line: Key; here: boolean; last: boolean }): JSX.Element {
  const [sure, setSure] = useState(false);
  const task = useTask();
  const passkey = line.kind === "passkey";
  const name = line.label ?? t(passkey ? "keys.passkey" : "keys.device-key");
  return (
    <li class="key-line" data-kind={line.kind} data-testid="key">
      <Icon name={passkey ? "fingerprint" : "key"} />
      <div class="key-words">
        <span class="key-name">
          {name} <span class="quiet">{shortHash(line.key)}</span>
          {here ? <span class="tag">{t("keys.here")}</span> : null}
        </span>
        <span class="quiet">{mayDo(line)}</span>
        {line.rpId === undefined ? null : <span class="quiet">{t("keys.of-site", { site: line.rpId })}</span>}
        <Outcome task={task} />
        {sure ? (
          <SureButtons
            task={task}
            testid="remove-key-sure"
            run={async () => {
              await act([{ type: "accounts/remove-key", by: of, key: line.key }]);
              await refreshAccount();
              return undefined;
            }}
            cancel={() => setSure(false)}
          >
            {t("keys.remove-sure")}
          </SureButtons>
        ) : null}
      </div>
      {sure || last || here ? null : (
        <button
          type="button"
          class="plain square"
          data-testid="remove-key"
          aria-label={t("keys.remove", { name })}
          title={t("keys.remove", { name })}
          onClick={() => setSure(true)}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  );
}

function mayDo({ scope }: Key): string {
  if (scope === undefined) return t("keys.may-all");
  const what = scope.messages.map((entry) => words(`keys.scope.${entry}`) ?? entry).join(", ");
  const until = dateTime(scope.untilMs);
  if (scope.moneyMax === undefined) return t("keys.may", { what, until });
  const left = BigInt(scope.moneyMax) - BigInt(scope.moneySpent ?? "0");
  return t("keys.may-spend", { what, until, left: money((left < 0n ? 0n : left).toString()) });
}

function AddPasskey({ identity }: { identity: Identity }): JSX.Element {
  const task = useTask();
  if (!passkeysPossible()) return <p class="quiet">{t("keys.impossible")}</p>;
  const first = identity.scope === undefined;
  return (
    <section class="key-notice" aria-label={t("keys.add")}>
      <p class="quiet">{t(first ? "keys.add-first-says" : "keys.add-says")}</p>
      <TaskButton
        task={task}
        class={first ? "primary" : "secondary"}
        testid="add-passkey"
        icon={<Icon name="fingerprint" />}
        run={async () => {
          await addPasskey();
          return t("keys.added");
        }}
      >
        {t("keys.add")}
      </TaskButton>
      <Outcome task={task} />
    </section>
  );
}
