// One citizen's roles in the city's hands: proven, each with its revocation in two steps, and a form that grants.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { accountsState, type Role, roleScopeSchema } from "../../../ledger/protocol/accounts.ts";
import { act } from "../../core/citizen.ts";
import { now, serverNow } from "../../core/clock.ts";
import { explain } from "../../core/http.ts";
import { t, words } from "../../core/language.ts";
import { type Account, ledgerApi } from "../../core/ledger-api.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { holdingAt } from "../../core/roles.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, SubmitButton, SureButtons, useTask } from "../controls/progress-button.tsx";
import { Reading } from "../controls/reading.tsx";
import { Shield } from "../controls/shield.tsx";
import { type Grant, RoleList } from "./role-list.tsx";
import { RoleSelect } from "./role-select.tsx";

type AccountRecord = Account["account"];

export function CitizenRoles({ by, id }: { by: string; id: string }): JSX.Element {
  const [shown, setShown] = useState<AccountRecord | null>(null);
  const [view, setView] = useState<ProofView>({ state: "checking" });
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    const read = async (): Promise<AccountRecord> => (await ledgerApi.account(id)).account;
    setView({ state: "checking" });
    setProblem(null);
    read()
      .then(async (record) => {
        if (current) setShown(record);
        const proven = await proveEntry(accountsState.account(id), record, read);
        if (!current) return;
        setShown(proven.shown as AccountRecord);
        setView(proven.verdict);
      })
      .catch((error: unknown) => current && setProblem(explain(error)));
    return () => {
      current = false;
    };
  }, [id, round]);
  const again = (): void => setRound(round + 1);
  if (shown === null) return <Reading problem={problem} again={again} />;
  const held = holdingAt([...shown.roles], now.value);
  return (
    <section class="citizen-roles" aria-label={t("roles.of", { name: shown.name })} data-testid="citizen-roles">
      <div class="value-row">
        <h3>{t("roles.of", { name: shown.name })}</h3>
        <Shield
          view={view}
          of={t("roles.of", { name: shown.name })}
          testid="roles-shield"
          question={{ kind: "state", name: accountsState.account(id) }}
          onCheck={again}
        />
      </div>
      {problem === null ? null : <p class="problem">{problem}</p>}
      {held.length === 0 ? (
        <p class="empty" data-testid="no-roles">
          {t("roles.none", { name: shown.name })}
        </p>
      ) : (
        <RoleList roles={held} action={(grant) => <Revoke by={by} account={id} grant={grant} done={again} />} />
      )}
      <GrantForm by={by} account={id} name={shown.name} done={again} />
    </section>
  );
}

function Revoke(props: { by: string; account: string; grant: Grant; done: () => void }): JSX.Element {
  const [sure, setSure] = useState(false);
  const task = useTask();
  const { by, account, grant, done } = props;
  const name = words(`role.${grant.role}`) ?? grant.role;
  if (!sure)
    return (
      <button
        type="button"
        class="plain square"
        data-testid="revoke"
        aria-label={t("roles.revoke", { role: name })}
        title={t("roles.revoke", { role: name })}
        onClick={() => setSure(true)}
      >
        <Icon name="close" />
      </button>
    );
  return (
    <div class="revoke">
      <SureButtons
        task={task}
        testid="revoke-sure"
        run={async () => {
          const { scope } = grant;
          const what = { account, role: grant.role as Role, ...(scope === undefined ? {} : { scope }) };
          await act([{ type: "accounts/revoke-role", by, ...what }]);
          done();
          return undefined;
        }}
        cancel={() => setSure(false)}
      >
        {t("roles.revoke-sure")}
      </SureButtons>
      <Outcome task={task} />
    </div>
  );
}

/** The end of a day in the person's own time, UNIX ms; null when it is no day. */
function endOfDay(day: string): number | null {
  const time = new Date(`${day}T23:59:59.999`).getTime();
  return Number.isFinite(time) ? time : null;
}

function GrantForm(props: { by: string; account: string; name: string; done: () => void }): JSX.Element {
  const { by, account, name, done } = props;
  const [role, setRole] = useState<Role>("grid-operator");
  const [scope, setScope] = useState("");
  const [day, setDay] = useState("");
  const task = useTask();
  // The administration is for the whole city and without end (AC-16).
  const whole = role === "city";
  const part = whole ? "" : scope.trim();
  const badScope = part !== "" && !roleScopeSchema.safeParse(part).success;
  const untilMs = whole || day === "" ? undefined : endOfDay(day);
  const past = typeof untilMs === "number" && untilMs <= serverNow();
  const ready = !badScope && untilMs !== null && !past;
  const title = words(`role.${role}`) ?? role;
  return (
    <form
      class="order-form"
      noValidate
      aria-label={t("roles.grant-title")}
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void task.run(async () => {
          await act([
            {
              type: "accounts/grant-role",
              by,
              account,
              role,
              ...(part === "" ? {} : { scope: part }),
              ...(untilMs === undefined ? {} : { untilMs }),
            },
          ]);
          setScope("");
          setDay("");
          done();
          return t("roles.granted", { name, role: title });
        });
      }}
    >
      <h3>{t("roles.grant-title")}</h3>
      <RoleSelect testid="grant-role" role={role} choose={setRole} />
      {whole ? (
        <p class="notice">{t("roles.whole")}</p>
      ) : (
        <>
          <label>
            <span>{t("roles.scope")}</span>
            <input
              data-testid="grant-scope"
              value={scope}
              maxLength={64}
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              placeholder="district/3"
              aria-invalid={badScope}
              onInput={(event) => setScope(event.currentTarget.value)}
            />
          </label>
          {badScope ? <p class="problem">{t("roles.scope-form")}</p> : null}
          <label>
            <span>{t("roles.end")}</span>
            <input
              type="date"
              data-testid="grant-end"
              value={day}
              aria-invalid={past}
              onInput={(event) => setDay(event.currentTarget.value)}
            />
          </label>
          {past ? <p class="problem">{words("refusal.accounts_until_must_be_ahead")}</p> : null}
        </>
      )}
      <SubmitButton busy={task.busy} testid="grant-submit" disabled={!ready}>
        {t("roles.grant", { name, role: title })}
      </SubmitButton>
      <Outcome task={task} />
    </form>
  );
}
