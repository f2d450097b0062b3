// What the balance is made of besides what may be spent: what is set aside, what bids hold, and what others offer.

import type { JSX } from "preact";
import { type BalanceRecord, postedIn, sumOf } from "../../../ledger/protocol/money.ts";
import { money, moneyExact, moneyRoundedDown } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import type { OwnMoney } from "../../core/own-money.ts";

export function Figures({ balance, own }: { balance: BalanceRecord; own: OwnMoney }): JSX.Element | null {
  const held = sumOf(balance.debitsPending);
  const offered = sumOf(balance.creditsPending);
  if (held === 0n && offered === 0n) return null;
  const given = own.reserves.reduce(
    (sum, { record }) => (record.from === own.account ? sum + BigInt(record.amount) : sum),
    0n,
  );
  // Balance and list are read one after the other; where they differ, the panel says so.
  const bids = held > given ? held - given : 0n;
  const lines = [
    { label: "wallet.balance", units: postedIn(balance), testid: "balance-posted", show: moneyRoundedDown },
    { label: "wallet.held", units: held - bids, testid: "balance-held", show: money },
    { label: "wallet.held-bids", units: bids, testid: "balance-bids", show: money },
    { label: "wallet.promised", units: offered, testid: "balance-promised", show: money },
  ] as const;
  return (
    <dl class="facts figures">
      {lines.map(({ label, units, testid, show }) =>
        units === 0n ? null : (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd data-testid={testid} data-units={units.toString()} title={moneyExact(units.toString())}>
              {show(units.toString())}
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}
