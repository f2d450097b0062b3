// Roles of an account as a list: what, for which part of the city, until when. Their proof is that of the account's entry.

import "../../core/guardian-words.ts";
import type { ComponentChildren, JSX } from "preact";
import { now } from "../../core/clock.ts";
import { dateTime } from "../../core/format.ts";
import { t, words } from "../../core/language.ts";
import type { Account } from "../../core/ledger-api.ts";
import { holdingAt } from "../../core/roles.ts";
import "./panel.css";

export type Grant = Account["account"]["roles"][number];

export function RoleList(props: {
  roles: readonly Grant[];
  /** What can be done with a grant. */
  action?: (grant: Grant) => ComponentChildren;
}): JSX.Element {
  return (
    <ul class="lines roles" data-testid="role-list">
      {holdingAt([...props.roles], now.value).map((grant) => (
        <li
          key={`${grant.role} ${grant.scope ?? ""}`}
          class="line role"
          data-testid="role"
          data-role={grant.role}
          data-scope={grant.scope ?? ""}
        >
          <div class="role-words">
            <strong class="role-name">{words(`role.${grant.role}`) ?? grant.role}</strong>
            <span class="quiet">
              {grant.scope === undefined ? t("roles.everywhere") : t("roles.scope-of", { scope: grant.scope })}
              {" · "}
              {grant.untilMs === undefined ? t("roles.lasting") : t("roles.until", { time: dateTime(grant.untilMs) })}
            </span>
          </div>
          {props.action?.(grant)}
        </li>
      ))}
    </ul>
  );
}
