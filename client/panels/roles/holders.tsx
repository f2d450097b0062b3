// Who holds a role, as the server lists them: the first hundred, each opening the citizen's own roles, where they are proven.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { z } from "zod";
import { accountIdSchema, type Role } from "../../../ledger/protocol/accounts.ts";
import { explain, request } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { ledgerUrl } from "../../core/ledger-api.ts";
import { Icon } from "../controls/icon.tsx";
import { Reading } from "../controls/reading.tsx";
import { RoleSelect } from "./role-select.tsx";

const pageMax = 100;
const listSchema = z.object({
  accounts: z.array(z.object({ id: accountIdSchema, account: z.object({ name: z.string().max(64) }) })).max(pageMax),
  next: z.string().max(600).nullable(),
});
type List = z.infer<typeof listSchema>;

export function Holders({ choose }: { choose: (name: string) => void }): JSX.Element {
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Role>("city");
  const [list, setList] = useState<List | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!open) return;
    let current = true;
    setList(null);
    setProblem(null);
    request(`${ledgerUrl}/v1/accounts?role=${role}&limit=${pageMax}`, listSchema).then(
      (answer) => current && setList(answer),
      (error: unknown) => current && setProblem(explain(error)),
    );
    return () => {
      current = false;
    };
  }, [open, role, round]);
  return (
    <details class="fold" data-testid="holders" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("roles.holders")}</summary>
      <RoleSelect testid="holders-role" role={role} choose={setRole} />
      {list === null || problem !== null ? <Reading problem={problem} again={() => setRound(round + 1)} /> : null}
      {list?.accounts.length === 0 ? <p class="empty">{t("roles.no-holders")}</p> : null}
      <ul class="lines">
        {list?.accounts.map(({ id, account }) => (
          <li key={id}>
            <button type="button" class="line line-button" data-testid="holder" onClick={() => choose(account.name)}>
              <Icon name="user" size={18} />
              <span>{account.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {list?.next == null ? null : <p class="quiet">{t("roles.more-holders", { count: pageMax })}</p>}
    </details>
  );
}
