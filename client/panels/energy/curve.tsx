// Supply and demand of the open slot as steps; where they cross, the slot would clear. For the eye; the orders stand below as text.

import type { JSX } from "preact";
import { t } from "../../core/language.ts";
import type { Order } from "../../core/ledger-api.ts";
import { type CurvePoint, curves } from "../../core/order-amounts.ts";

const width = 320;
const height = 110;
const edge = 8;

export function MarketCurve({ orders }: { orders: readonly Order[] }): JSX.Element | null {
  if (orders.length === 0) return null;
  const { supply, demand } = curves(orders);
  const all = [...supply, ...demand];
  const energyMax = Math.max(...all.map((point) => point.energyWh), 1);
  const priceMax = Math.max(...all.map((point) => point.price), 1) * 1.15;
  const path = (points: readonly CurvePoint[]): string =>
    points
      .map(({ energyWh, price }) => {
        const x = edge + (energyWh / energyMax) * (width - 2 * edge);
        const y = height - edge - (price / priceMax) * (height - 2 * edge);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
      })
      .join(" ");
  return (
    <figure class="curve" aria-label={t("energy.curve-label")}>
      <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
        <line class="curve-axis" x1={edge} y1={height - edge} x2={width - edge} y2={height - edge} />
        <polyline class="curve-supply" points={path(supply)} />
        <polyline class="curve-demand" points={path(demand)} />
      </svg>
      <figcaption class="quiet">
        <span class="key key-supply">{t("energy.supply")}</span>
        <span class="key key-demand">{t("energy.demand")}</span>
        <span>{t("energy.curve-axes")}</span>
      </figcaption>
    </figure>
  );
}
