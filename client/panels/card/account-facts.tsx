// What the ledger holds about another citizen, with its proof: the name that stands on the register, and the roles with their end.

import "../../core/guardian-words.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { accountsState } from "../../../ledger/protocol/accounts.ts";
import { account as ownAccount } from "../../core/citizen.ts";
import { now } from "../../core/clock.ts";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { type Account, ledgerApi } from "../../core/ledger-api.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { administers, openRoles } from "../../core/roles.ts";
import { openPanel } from "../../core/view.ts";
import { Shield } from "../controls/shield.tsx";
import { RoleList } from "../roles/role-list.tsx";
import { transferTo } from "../wallet/transfer-target.ts";

export function AccountFacts({ account, name }: { account: string; name: string }): JSX.Element {
  const [view, setView] = useState<ProofView>({ state: "checking" });
  const [problem, setProblem] = useState<string | null>(null);
  const [registered, setRegistered] = useState(name);
  const [roles, setRoles] = useState<Account["account"]["roles"]>([]);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    const read = async (): Promise<unknown> => {
      const answer = await ledgerApi.account(account);
      if (current) {
        setRegistered(answer.account.name);
        setRoles(answer.account.roles);
      }
      return answer.account;
    };
    setView({ state: "checking" });
    read()
      .then((shown) => proveEntry(accountsState.account(account), shown, read))
      .then(
        ({ verdict }) => current && setView(verdict),
        (error: unknown) => current && setProblem(explain(error)),
      );
    return () => {
      current = false;
    };
  }, [account, round]);
  return (
    <>
      <div class="value-row">
        <div>
          <div class="value-name">{t("citizen.registered-as")}</div>
          <div class="value-text">{registered}</div>
        </div>
        {problem === null ? (
          <Shield
            view={view}
            of={t("citizen.registered-as")}
            question={{ kind: "state", name: accountsState.account(account) }}
            onCheck={() => setRound(round + 1)}
          />
        ) : (
          <p class="problem">{problem}</p>
        )}
      </div>
      {roles.length === 0 ? null : (
        <section aria-label={t("roles.of-citizen")}>
          <h3>{t("roles.of-citizen")}</h3>
          <RoleList roles={roles} />
        </section>
      )}
      {administers(ownAccount.value?.account.roles ?? [], now.value) ? (
        <button type="button" class="secondary" data-testid="change-roles" onClick={() => openRoles(registered)}>
          {t("roles.change")}
        </button>
      ) : null}
      <button
        type="button"
        class="secondary"
        onClick={() => {
          transferTo.value = registered;
          openPanel("wallet");
        }}
      >
        {t("citizen.send-money")}
      </button>
    </>
  );
}
