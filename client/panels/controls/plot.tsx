// A small history plot as SVG: one line, its range, its span. The figures are also in the label for screen readers.

import type { JSX } from "preact";
import { clockTime, measured } from "../../core/format.ts";
import { t } from "../../core/language.ts";

export interface PlotPoint {
  /** UNIX ms. */
  readonly time: number;
  readonly value: number;
}

const width = 320;
const height = 96;
const edge = 6;

/** Pixel positions of points, oldest first. A flat line sits in the middle. */
export function plotPositions(points: readonly PlotPoint[]): readonly (readonly [number, number])[] {
  const times = points.map((point) => point.time);
  const values = points.map((point) => point.value);
  const from = Math.min(...times);
  const span = Math.max(...times) - from || 1;
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  return points.map(({ time, value }) => [
    edge + ((time - from) / span) * (width - 2 * edge),
    range === 0 ? height / 2 : height - edge - ((value - low) / range) * (height - 2 * edge),
  ]);
}

export function Plot({ points, symbol }: { points: readonly PlotPoint[]; symbol: string }): JSX.Element {
  const sorted = points.filter((point) => Number.isFinite(point.time) && Number.isFinite(point.value));
  sorted.sort((a, b) => a.time - b.time);
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first === undefined || last === undefined || sorted.length < 2) return <p class="empty">{t("plot.empty")}</p>;
  const positions = plotPositions(sorted);
  const low = measured(Math.min(...sorted.map((point) => point.value)), symbol);
  const high = measured(Math.max(...sorted.map((point) => point.value)), symbol);
  const line = positions.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const end = positions.at(-1) ?? [0, 0];
  const label = t("plot.label", {
    count: sorted.length,
    from: clockTime(first.time),
    to: clockTime(last.time),
    low: `${low.number} ${low.unit}`,
    high: `${high.number} ${high.unit}`,
  });
  return (
    <figure class="plot" aria-label={label}>
      <div class="plot-scale" aria-hidden="true">
        <span>
          {high.number} {high.unit}
        </span>
        <span>
          {low.number} {low.unit}
        </span>
      </div>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <path
          class="plot-area"
          d={`M${positions[0]?.[0] ?? 0},${height} L${line.replaceAll(" ", " L")} L${end[0]},${height} Z`}
        />
        <polyline class="plot-line" points={line} />
      </svg>
      <div class="plot-span" aria-hidden="true">
        <span>{clockTime(first.time)}</span>
        <span>{clockTime(last.time)}</span>
      </div>
    </figure>
  );
}
