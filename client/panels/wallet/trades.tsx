// The citizen's trades, each with the proof of its record on the ledger.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { energyState } from "../../../ledger/protocol/energy.ts";
import { citizenship } from "../../core/citizen.ts";
import { nameOf } from "../../core/directory.ts";
import { clockTime, energy, energyExact, money, moneyExact, price } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import type { SettledTrade } from "../../core/ledger-api.ts";
import { trades } from "../../core/market.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { Shield } from "../controls/shield.tsx";

const recordOf = ({ seller, buyer, meter, energyWh, price: perKwh, amount, offer, bid }: SettledTrade): unknown => ({
  seller,
  buyer,
  meter,
  energyWh,
  price: perKwh,
  amount,
  offer,
  bid,
});

export function Trades(): JSX.Element {
  if (trades.value.length === 0) return <p class="empty">{t("wallet.no-trades")}</p>;
  return (
    <ul class="lines">
      {trades.value.map((trade) => (
        <Trade key={`${trade.slot}/${trade.number}`} trade={trade} />
      ))}
    </ul>
  );
}

function Trade({ trade }: { trade: SettledTrade }): JSX.Element {
  const [view, setView] = useState<ProofView>({ state: "checking" });
  const [round, setRound] = useState(0);
  const shown = JSON.stringify(recordOf(trade));
  useEffect(() => {
    let current = true;
    setView({ state: "checking" });
    const { slot, number } = trade;
    // A trade's record never changes: what is proven must be exactly what the row shows.
    const same = async (): Promise<unknown> => recordOf(trade);
    void proveEntry(energyState.trade(slot, number), recordOf(trade), same).then(({ verdict }) => {
      if (current) setView(verdict);
    });
    return () => {
      current = false;
    };
  }, [shown, round]);
  const citizen = citizenship.value.state === "citizen" ? citizenship.value.identity.account : "";
  const sold = trade.seller === citizen;
  return (
    <li class="line line-tall" data-testid="trade-row">
      <div title={`${energyExact(trade.energyWh)} · ${price(trade.price)} · ${moneyExact(trade.amount)}`}>
        <div>
          {t(sold ? "trade.sold" : "trade.bought", {
            energy: energy(trade.energyWh),
            other: nameOf(sold ? trade.buyer : trade.seller),
            price: price(trade.price),
          })}
        </div>
        <div class="quiet">
          {clockTime(Date.parse(trade.time), true)} · {t("trade.in-all", { amount: money(trade.amount) })}
        </div>
      </div>
      <Shield
        view={view}
        of={t("trade.proof")}
        question={{ kind: "state", name: energyState.trade(trade.slot, trade.number) }}
        onCheck={() => setRound(round + 1)}
      />
    </li>
  );
}
