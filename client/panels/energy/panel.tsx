// The energy market: sell what the own roof makes, buy what is needed, see the slot fill and clear at one price.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { availableIn } from "../../../ledger/protocol/money.ts";
import { account, act, citizenship } from "../../core/citizen.ts";
import { serverNow } from "../../core/clock.ts";
import { nameOf } from "../../core/directory.ts";
import { countdown, energy, energyExact, money, moneyExact, moneyRoundedDown, price } from "../../core/format.ts";
import { type MessageKey, t } from "../../core/language.ts";
import type { Order } from "../../core/ledger-api.ts";
import {
  currentSlot,
  followMarket,
  lastCleared,
  marketProblem,
  nextSlot,
  refreshMarket,
  slot,
  slotLeftMs,
  slotSeconds,
} from "../../core/market.ts";
import { slotLabel } from "../../core/message-words.ts";
import { earnedByOffer, energyAmount, heldForBid, priceAmount, slotForOrder } from "../../core/order-amounts.ts";
import { followMoney, ownMoney } from "../../core/own-money.ts";
import { closePanel, openCard, openPanel } from "../../core/view.ts";
import { deviceName, deviceOf } from "../../core/world.ts";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";
import { Outcome, SubmitButton, useTask } from "../controls/progress-button.tsx";
import { MarketCurve } from "./curve.tsx";
import { FindHome } from "./find-home.tsx";
import { MyOrders } from "./my-orders.tsx";
import "./panel.css";

/** Orders sent in the last three seconds of a slot name the next one: they could arrive too late. */
const guardMs = 3000;

export function EnergyPanel(): JSX.Element {
  useEffect(() => {
    const stops = [followMarket(), followMoney()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const citizen = citizenship.value.state === "citizen" ? citizenship.value.identity.account : null;
  const orders = [...(slot.value?.orders ?? []), ...(nextSlot.value?.orders ?? [])];
  return (
    <Glass title={t("energy.title")} subtitle={<SlotLine />} icon="bolt" testid="energy-panel" onClose={closePanel}>
      <p class="problem" role="alert" hidden={marketProblem.value === null}>
        {marketProblem.value}
      </p>
      {citizen === null ? (
        <>
          <p>{t("energy.says")}</p>
          <button type="button" class="primary" data-testid="choose-name" onClick={() => openPanel("wallet")}>
            {t("energy.choose-name")}
          </button>
        </>
      ) : (
        <Home by={citizen} />
      )}
      {citizen === null ? null : (
        <div class="orders-forms">
          {account.value?.meter != null ? <OrderForm side="offer" by={citizen} meter={account.value.meter} /> : null}
          <OrderForm side="bid" by={citizen} meter={null} />
        </div>
      )}
      {citizen === null ? null : <MyOrders citizen={citizen} />}
      <h3>{t("energy.open-orders")}</h3>
      <MarketCurve orders={slot.value?.orders ?? []} />
      <OpenOrders orders={orders} citizen={citizen} />
      <h3>{t("energy.last-result")}</h3>
      <LastResult />
    </Glass>
  );
}

function SlotLine(): JSX.Element {
  return (
    <>
      {t("energy.slot-closes", { slot: slotLabel(currentSlot.value, slotSeconds.value) })}{" "}
      <strong data-testid="slot-countdown">{countdown(slotLeftMs.value)}</strong>
    </>
  );
}

function Home({ by }: { by: string }): JSX.Element {
  const meter = account.value?.meter ?? null;
  if (meter === null) return <FindHome by={by} />;
  const device = deviceOf(meter);
  return (
    <p class="tag tag-own">
      <Icon name="home" size={18} />
      <button type="button" class="link" onClick={() => openCard({ kind: "device", device: meter })}>
        {device?.address ?? deviceName(meter)}
      </button>
    </p>
  );
}

function OrderForm({ side, by, meter }: { side: "offer" | "bid"; by: string; meter: string | null }): JSX.Element {
  const selling = side === "offer";
  const [kwh, setKwh] = useState(selling ? "1.2" : "1");
  const [limit, setLimit] = useState(selling ? "0.14" : "0.20");
  const task = useTask();
  const amount = energyAmount(kwh);
  const limitAmount = priceAmount(limit);
  const problem: MessageKey | null = amount.ok ? (limitAmount.ok ? null : limitAmount.problem) : amount.problem;
  const total =
    amount.ok && limitAmount.ok
      ? selling
        ? earnedByOffer(amount.units, limitAmount.units)
        : heldForBid(amount.units, limitAmount.units)
      : null;
  const own = ownMoney.value?.account === by ? ownMoney.value : null;
  const available = own === null ? null : availableIn(own.balance);
  const lacking = !selling && total !== null && available !== null && BigInt(total) > available;

  const submit = (event: Event): void => {
    event.preventDefault();
    if (!amount.ok || !limitAmount.ok) {
      task.fail(problem === null ? null : t(problem));
      return;
    }
    const order = {
      by,
      slot: slotForOrder(serverNow(), slotSeconds.peek(), guardMs),
      energyWh: amount.units,
      price: limitAmount.units,
    };
    void task.run(async () => {
      if (selling && meter !== null) await act([{ type: "energy/offer", meter, ...order }]);
      else await act([{ type: "energy/bid", ...order }]);
      await refreshMarket();
      return t(selling ? "energy.offered" : "energy.bid-placed", { slot: slotLabel(order.slot, slotSeconds.peek()) });
    });
  };

  return (
    <form class="order-form" onSubmit={submit} aria-label={t(selling ? "energy.sell" : "energy.buy")} noValidate>
      <h3>{t(selling ? "energy.sell" : "energy.buy")}</h3>
      <div class="sentence">
        <label>
          <span>{t(selling ? "energy.sell-how-much" : "energy.buy-how-much")}</span>
          <span class="field">
            <input
              data-testid={selling ? "sell-kwh" : "buy-kwh"}
              inputMode="decimal"
              autocomplete="off"
              value={kwh}
              maxLength={12}
              aria-invalid={!amount.ok}
              onInput={(event) => setKwh(event.currentTarget.value)}
            />
            <span class="unit">kWh</span>
          </span>
        </label>
        <label>
          <span>{t(selling ? "energy.sell-limit" : "energy.buy-limit")}</span>
          <span class="field">
            <input
              data-testid={selling ? "sell-price" : "buy-price"}
              inputMode="decimal"
              autocomplete="off"
              value={limit}
              maxLength={12}
              aria-invalid={!limitAmount.ok}
              onInput={(event) => setLimit(event.currentTarget.value)}
            />
            <span class="unit">{t("energy.per-kwh")}</span>
          </span>
        </label>
      </div>
      <p class="quiet" role="status">
        {problem === null && total !== null ? (
          <span title={`${moneyExact(total)} · ${amount.ok ? energyExact(amount.units) : ""}`}>
            {t(selling ? "energy.earns" : "energy.holds", { amount: money(total) })}
          </span>
        ) : (
          <span class="problem">{problem === null ? "" : t(problem)}</span>
        )}
        {lacking ? (
          <span class="problem"> {t("energy.not-enough", { money: moneyRoundedDown(String(available ?? 0n)) })}</span>
        ) : null}
      </p>
      <SubmitButton
        busy={task.busy}
        testid={selling ? "sell-submit" : "buy-submit"}
        disabled={problem !== null || lacking}
      >
        {t(selling ? "energy.sell-button" : "energy.buy-button", {
          energy: amount.ok ? energy(amount.units) : "–",
          price: limitAmount.ok ? price(limitAmount.units) : "–",
        })}
      </SubmitButton>
      <Outcome task={task} />
    </form>
  );
}

const ordersShownMax = 40;

function OpenOrders({ orders, citizen }: { orders: readonly Order[]; citizen: string | null }): JSX.Element {
  if (orders.length === 0) return <p class="empty">{t("energy.no-orders")}</p>;
  return (
    <>
      <ul class="lines">
        {orders.slice(0, ordersShownMax).map((order) => (
          <li key={order.id} class="line" data-testid="order-row">
            <Icon name={order.side === "offer" ? "plus" : "minus"} size={18} />
            <span title={`${energyExact(order.energyWh)} · ${price(order.price)}`}>
              {t(order.side === "offer" ? "energy.order-offer" : "energy.order-bid", {
                by: order.by === citizen ? t("account.you") : nameOf(order.by),
                energy: energy(order.energyWh),
                price: price(order.price),
              })}
            </span>
          </li>
        ))}
      </ul>
      {orders.length > ordersShownMax ? (
        <p class="quiet">{t("energy.more-orders", { count: orders.length - ordersShownMax })}</p>
      ) : null}
    </>
  );
}

function LastResult(): JSX.Element {
  const cleared = lastCleared.value;
  if (cleared?.record?.price === undefined) return <p class="empty">{t("energy.no-result")}</p>;
  return (
    <p>
      {t("energy.result", {
        slot: slotLabel(cleared.slot, slotSeconds.value),
        energy: energy(cleared.record.tradedWh ?? "0"),
        price: price(cleared.record.price),
        count: cleared.record.trades ?? cleared.trades.length,
      })}
    </p>
  );
}
