// The choice of one of the city's roles, with its label.

import type { JSX } from "preact";
import { type Role, roles } from "../../../ledger/protocol/accounts.ts";
import { t, words } from "../../core/language.ts";

export function RoleSelect(props: { testid: string; role: Role; choose: (role: Role) => void }): JSX.Element {
  const { testid, role, choose } = props;
  return (
    <label>
      <span>{t("roles.role")}</span>
      <select
        data-testid={testid}
        value={role}
        onChange={(event) => choose(roles.find((one) => one === event.currentTarget.value) ?? role)}
      >
        {roles.map((one) => (
          <option key={one} value={one}>
            {words(`role.${one}`) ?? one}
          </option>
        ))}
      </select>
    </label>
  );
}
