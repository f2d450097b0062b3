// The live part of a card: each stream's value with its age and shield, and the history of the first.

import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { now } from "../../core/clock.ts";
import { type DeviceFeedState, followDevice, type StreamFeed } from "../../core/device-feed.ts";
import { age, clockTime, dateTime, measured } from "../../core/format.ts";
import { t, words } from "../../core/language.ts";
import { Plot } from "../controls/plot.tsx";
import { Reading } from "../controls/reading.tsx";
import { Shield } from "../controls/shield.tsx";

export function DeviceValues({ device, plot = true }: { device: string; plot?: boolean }): JSX.Element {
  const feed = useMemo(() => followDevice(device), [device]);
  useEffect(() => () => feed.stop(), [feed]);
  return <Values view={feed.view.value} plot={plot} />;
}

function Values({ view, plot }: { view: DeviceFeedState; plot: boolean }): JSX.Element {
  if (view.state === "loading" || view.state === "problem")
    return <Reading problem={view.state === "problem" ? view.text : null} says={t("card.loading")} />;
  if (view.state === "missing" || view.streams.length === 0) return <p class="empty">{t("card.no-readings")}</p>;
  return (
    <>
      {view.away ? (
        <p class="problem" role="alert">
          {t("card.away")}
        </p>
      ) : null}
      {view.thing.simulated ? <p class="tag tag-simulated">{t("card.simulated-device")}</p> : null}
      <ul class="values">
        {view.streams.map((stream, number) => (
          <li key={stream.id}>
            <Value stream={stream} head={number === 0} />
            {plot && number === 0 ? <Plot points={stream.points.value} symbol={stream.symbol} /> : null}
          </li>
        ))}
      </ul>
    </>
  );
}

function Value({ stream, head }: { stream: StreamFeed; head: boolean }): JSX.Element {
  const shown = stream.proof.shown.value;
  const name = (shown === null ? null : words(`stream.${shown.reading.stream}`)) ?? stream.name;
  if (shown === null)
    return (
      <div class="value">
        <div class="value-name">{name}</div>
        <p class="empty">{t("card.waiting")}</p>
      </div>
    );
  const { reading, view } = shown;
  const { number, unit } = measured(reading.result, stream.symbol);
  const time = Date.parse(reading.time);
  const anchored = stream.proof.anchored.value;
  const older = anchored !== null && anchored.reading.logIndex !== reading.logIndex ? anchored : null;
  return (
    <div class={`value ${head ? "value-head" : ""} ${view.state === "failed" ? "value-failed" : ""}`}>
      <div class="value-row">
        <div>
          <div class="value-name">{name}</div>
          <div
            class="value-number"
            data-testid={head ? "card-value" : "card-value-more"}
            title={t("card.exact", { value: `${reading.result} ${stream.symbol}` })}
          >
            {number} <span class="unit">{unit}</span>
          </div>
          <div class="quiet">
            <time dateTime={reading.time} title={dateTime(time)}>
              {age(now.value - time)}
            </time>
          </div>
        </div>
        <Shield
          view={view}
          of={name}
          announce={head}
          question={{ kind: "reading", reading }}
          onCheck={stream.proof.recheck}
        />
      </div>
      {older === null ? null : (
        <div class="value-row value-anchored" data-testid="card-anchored">
          <span class="quiet">
            {t("card.anchored", {
              value: `${measured(older.reading.result, stream.symbol).number} ${measured(older.reading.result, stream.symbol).unit}`,
              time: clockTime(Date.parse(older.reading.time), true),
            })}
          </span>
          <Shield
            view={older.view}
            of={t("card.anchored-of", { name })}
            testid="shield-anchored"
            question={{ kind: "reading", reading: older.reading }}
          />
        </div>
      )}
    </div>
  );
}
