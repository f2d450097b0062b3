// What the city did by day: bars with an axis, and the same figures as a table.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { headHeight } from "../../core/blocks.ts";
import { now } from "../../core/clock.ts";
import { count, dayAndMonth, energy, money } from "../../core/format.ts";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { type Day, ledgerApi } from "../../core/ledger-api.ts";
import { Reading } from "../controls/reading.tsx";
import { barsOf, type DayBar, type DayFigure, share } from "./day-bars.ts";

const daysShown = 30;
const dayMs = 86_400_000;
const figures = ["transactions", "energy", "money", "accounts"] as const;

const width = 340;
const height = 140;
const bottom = 18;
const top = 8;

export function Days(): JSX.Element {
  const [days, setDays] = useState<readonly Day[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [figure, setFigure] = useState<DayFigure>("transactions");
  const [round, setRound] = useState(0);
  const to = new Date(now.value).toISOString().slice(0, 10);
  const from = new Date(Date.parse(to) - (daysShown - 1) * dayMs).toISOString().slice(0, 10);
  // Every ten blocks is often enough for sums of a day.
  const pace = Math.floor(headHeight.value / 10);
  useEffect(() => {
    let current = true;
    ledgerApi.daily(from, to).then(
      (answer) => {
        if (!current) return;
        setDays(answer.days);
        setProblem(null);
      },
      (error: unknown) => current && setProblem(explain(error)),
    );
    return () => {
      current = false;
    };
  }, [from, to, pace, round]);
  if (days === null)
    return problem === null ? (
      <Reading problem={null} says={t("explorer.loading")} />
    ) : (
      <Failed problem={problem} again={() => setRound(round + 1)} />
    );
  const bars = barsOf(days, figure, from, to);
  return (
    <section data-testid="days">
      <label class="days-what">
        {t("explorer.days-what")}
        <select data-testid="days-figure" onChange={(event) => setFigure(event.currentTarget.value as DayFigure)}>
          {figures.map((each) => (
            <option key={each} value={each}>
              {t(`explorer.days-${each}`)}
            </option>
          ))}
        </select>
      </label>
      {problem === null ? null : <Failed problem={t("explorer.offline")} again={() => setRound(round + 1)} />}
      {days.length === 0 ? (
        <p class="empty" role="status">
          {t("explorer.days-empty")}
        </p>
      ) : (
        <>
          <Bars bars={bars} figure={figure} />
          <Table bars={bars} figure={figure} />
        </>
      )}
      <p class="hint">{t("explorer.days-source")}</p>
    </section>
  );
}

function Failed({ problem, again }: { problem: string; again: () => void }): JSX.Element {
  return (
    <div role="alert">
      <p class="problem">{problem}</p>
      <button type="button" class="secondary" onClick={again}>
        {t("explorer.retry")}
      </button>
    </div>
  );
}

function shown(value: bigint, figure: DayFigure): string {
  if (figure === "money") return money(value.toString());
  return figure === "energy" ? energy(value.toString()) : count(Number(value));
}

function largestOf(bars: readonly DayBar[]): bigint {
  let largest = 0n;
  for (const { value } of bars) if (value > largest) largest = value;
  return largest;
}

function Bars({ bars, figure }: { bars: readonly DayBar[]; figure: DayFigure }): JSX.Element {
  const most = largestOf(bars);
  const step = width / bars.length;
  const full = height - bottom - top;
  const first = bars[0]?.day ?? "";
  const last = bars.at(-1)?.day ?? "";
  const what = t(`explorer.days-${figure}`);
  return (
    <figure class="days-plot">
      <div class="days-scale" aria-hidden="true">
        <span>{shown(most, figure)}</span>
      </div>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t("explorer.days-label", { what, from: first, to: last, most: shown(most, figure) })}
      >
        <line class="days-grid" x1="0" x2={width} y1={top} y2={top} />
        <line class="days-grid" x1="0" x2={width} y1={top + full / 2} y2={top + full / 2} />
        <line class="days-axis" x1="0" x2={width} y1={height - bottom} y2={height - bottom} />
        {bars.map(({ day, value, refused }, at) => {
          const tall = value === 0n ? 0 : Math.max(2, share(value, most) * full);
          const wrong = refused === 0n ? 0 : Math.max(2, share(refused, most) * full);
          const x = at * step + step * 0.14;
          return (
            <g key={day}>
              <title>{`${day}: ${shown(value, figure)}`}</title>
              <rect class="days-bar" x={x} width={step * 0.72} y={height - bottom - tall} height={tall} />
              <rect class="days-refused" x={x} width={step * 0.72} y={height - bottom - wrong} height={wrong} />
            </g>
          );
        })}
        {[0, Math.floor(bars.length / 2), bars.length - 1].map((at, place) => (
          <text
            key={at}
            class="days-tick"
            x={place === 0 ? 0 : place === 2 ? width : (at + 0.5) * step}
            y={height - 4}
            text-anchor={place === 0 ? "start" : place === 2 ? "end" : "middle"}
          >
            {dayAndMonth(bars[at]!.day)}
          </text>
        ))}
      </svg>
      {figure === "transactions" ? (
        <figcaption class="days-legend">
          <span class="days-key-applied">{t("explorer.applied")}</span>
          <span class="days-key-refused">{t("explorer.refused-only")}</span>
        </figcaption>
      ) : null}
    </figure>
  );
}

function Table({ bars, figure }: { bars: readonly DayBar[]; figure: DayFigure }): JSX.Element {
  const what = t(`explorer.days-${figure}`);
  return (
    <details class="fold">
      <summary>{t("explorer.days-table")}</summary>
      <table class="days-table">
        <thead>
          <tr>
            <th scope="col">{t("explorer.days-day")}</th>
            <th scope="col">{what}</th>
            {figure === "transactions" ? <th scope="col">{t("explorer.refused-only")}</th> : null}
            <th scope="col">{t("explorer.days-blocks")}</th>
          </tr>
        </thead>
        <tbody>
          {[...bars]
            .reverse()
            .filter(({ blocks }) => blocks > 0)
            .map(({ day, value, refused, blocks }) => (
              <tr key={day}>
                <th scope="row">{day}</th>
                <td>{shown(value, figure)}</td>
                {figure === "transactions" ? <td>{count(Number(refused))}</td> : null}
                <td>{count(blocks)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  );
}
