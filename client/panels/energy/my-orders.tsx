// The citizen's own orders and what became of them, in one sentence each, from "stands" to "you sold".

import type { JSX } from "preact";
import { act } from "../../core/citizen.ts";
import { nameOf } from "../../core/directory.ts";
import { countdown, energy, energyExact, money, moneyExact, price } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import type { SettledTrade } from "../../core/ledger-api.ts";
import {
  clearedSlots,
  currentSlot,
  followedOrders,
  refreshMarket,
  slotLeftMs,
  slotSeconds,
  trades,
} from "../../core/market.ts";
import { slotLabel } from "../../core/message-words.ts";
import { type FollowedOrder, fateOf } from "../../core/order-fates.ts";
import { openPanel } from "../../core/view.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, useTask } from "../controls/progress-button.tsx";

export function MyOrders({ citizen }: { citizen: string }): JSX.Element | null {
  const task = useTask();
  const orders = followedOrders.value;
  if (orders.length === 0) return null;
  return (
    <section class="my-orders" aria-label={t("energy.my-orders")}>
      <h3>{t("energy.my-orders")}</h3>
      <ul class="lines">
        {orders.map((order) => (
          <OrderLine
            key={order.id}
            order={order}
            busy={task.busy}
            withdraw={() =>
              void task.run(async () => {
                await act([{ type: "energy/cancel-order", by: citizen, slot: order.slot, order: order.id }]);
                await refreshMarket();
                return t("energy.withdrawn");
              })
            }
          />
        ))}
      </ul>
      <Outcome task={task} />
    </section>
  );
}

function OrderLine(props: { order: FollowedOrder; busy: boolean; withdraw: () => void }): JSX.Element {
  const { order } = props;
  const fate = fateOf(order, currentSlot.value, clearedSlots.value, trades.value);
  const selling = order.side === "offer";
  const what = { energy: energy(order.energyWh), price: price(order.price) };
  const leftMs = slotLeftMs.value + (order.slot - currentSlot.value) * slotSeconds.value * 1000;
  return (
    <li class={`line line-tall order-${fate.state}`} data-testid="my-order" data-state={fate.state}>
      <div title={`${energyExact(order.energyWh)} · ${price(order.price)}`}>
        {fate.state === "traded" ? (
          <Traded trades={fate.trades} selling={selling} />
        ) : (
          <div>{t(selling ? "energy.my-offer" : "energy.my-bid", what)}</div>
        )}
        {/* A status for screen readers, without the seconds that tick. */}
        <p class="quiet" role="status">
          {fate.state === "standing" ? t("energy.fate-standing") : null}
          {fate.state === "settling" ? t("energy.fate-settling") : null}
          {fate.state === "not-traded"
            ? t(selling ? "energy.fate-not-sold" : "energy.fate-not-bought", {
                slot: slotLabel(order.slot, slotSeconds.value),
              })
            : null}
        </p>
      </div>
      {fate.state === "standing" ? (
        <>
          <strong class="order-countdown">{countdown(leftMs)}</strong>
          <button type="button" class="secondary small" aria-busy={props.busy} onClick={props.withdraw}>
            {t("energy.withdraw")}
          </button>
        </>
      ) : null}
      {fate.state === "settling" ? <span class="spinner" aria-hidden="true" /> : null}
      {fate.state === "traded" ? (
        <button type="button" class="secondary small" data-testid="to-wallet" onClick={() => openPanel("wallet")}>
          {t("energy.see-proof")}
        </button>
      ) : null}
    </li>
  );
}

function Traded(props: { trades: readonly SettledTrade[]; selling: boolean }): JSX.Element {
  return (
    <>
      {props.trades.map((trade) => (
        <p
          key={`${trade.slot}/${trade.number}`}
          class="success"
          role="status"
          title={`${energyExact(trade.energyWh)} · ${moneyExact(trade.amount)}`}
        >
          <Icon name="check" size={18} />{" "}
          {t(props.selling ? "trade.sold" : "trade.bought", {
            energy: energy(trade.energyWh),
            other: nameOf(props.selling ? trade.buyer : trade.seller),
            price: price(trade.price),
          })}
          {" · "}
          {t("trade.in-all", { amount: money(trade.amount) })}
        </p>
      ))}
    </>
  );
}
