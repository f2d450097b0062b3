// The drawn map. North is up. Everything still is drawn once as a few paths; people and the own place are dots above it.
// Drag to move, wheel or buttons or +/- to zoom; a click opens what lies there.

import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { StreetGraph, WorldObject } from "../../../worlds/format/world.ts";
import { scene } from "../../core/city-scene.ts";
import { now } from "../../core/clock.ts";
import { t } from "../../core/language.ts";
import { neighbours } from "../../core/room.ts";
import { card, openCard } from "../../core/view.ts";
import { cityName, deviceOf, devices, manifest, objects, streets } from "../../core/world.ts";
import { Icon } from "../controls/icon.tsx";

const zoomMax = 24;
/** Parks larger than this, m², are not boxes any more. */
const areaMax = 60_000;

/** Rectangles of buildings as one path. South is down on paper, so y is turned. */
function buildingsPath(list: readonly WorldObject[]): string {
  let path = "";
  for (const { box, height } of list) {
    // Only buildings have a height; the boxes of streets, squares and rivers say nothing about their shape.
    if (height === undefined) continue;
    const [x, y, , x2, y2] = box;
    path += `M${x.toFixed(0)} ${(-y2).toFixed(0)}h${(x2 - x).toFixed(0)}v${(y2 - y).toFixed(0)}h${(x - x2).toFixed(0)}z`;
  }
  return path;
}

function streetPath(graph: StreetGraph, wide: boolean): string {
  let path = "";
  for (const edge of graph.edges) {
    const big = edge.class === "boulevard" || edge.class === "street";
    const a = graph.nodes[edge.a];
    const b = graph.nodes[edge.b];
    if (a === undefined || b === undefined || big !== wide) continue;
    const line = [a, ...(edge.via ?? []), b];
    path += line.map(([x, y], number) => `${number === 0 ? "M" : "L"}${x.toFixed(0)} ${(-y).toFixed(0)}`).join("");
  }
  return path;
}

const buildings = computed(() => buildingsPath(objects.value));
const wideStreets = computed(() => (streets.value === null ? "" : streetPath(streets.value, true)));
const smallStreets = computed(() => (streets.value === null ? "" : streetPath(streets.value, false)));

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export function CityMap(): JSX.Element | null {
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const [frame, setFrame] = useState<Frame | null>(null);
  const world = manifest.value;
  const wheel = useRef<(event: WheelEvent) => void>(() => undefined);
  useEffect(() => {
    const target = svg.current;
    const listener = (event: WheelEvent): void => wheel.current(event);
    // Preact cannot register a non-passive wheel listener, and the page must not scroll under the map.
    target?.addEventListener("wheel", listener, { passive: false });
    return () => target?.removeEventListener("wheel", listener);
  });
  if (world === null) return null;
  // The own dot follows the tick of the clock: once a second is enough for a map.
  void now.value;
  const [west, south, east, north] = world.bounds;
  const full = Math.max(east - west, north - south);
  const here = scene.value?.pose() ?? null;
  const view = frame ?? { x: (west + east) / 2, y: (south + north) / 2, zoom: 1 };
  const size = full / view.zoom;
  const zoomBy = (factor: number): void =>
    setFrame({ ...view, zoom: Math.max(1, Math.min(zoomMax, view.zoom * factor)) });
  wheel.current = (event) => {
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1.25 : 0.8);
  };
  const metres = (event: { clientX: number; clientY: number }): readonly [number, number] => {
    const matrix = svg.current?.getScreenCTM()?.inverse();
    if (matrix == null) return [0, 0];
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [point.x, -point.y];
  };
  const pick = (x: number, y: number): void => {
    const reach = size / 40;
    let best: { readonly id: string; readonly distance: number } | null = null;
    for (const device of devices.value) {
      const distance = Math.hypot(device.x - x, device.y - y);
      if (view.zoom >= 3 && distance < reach && (best === null || distance < best.distance))
        best = { id: device.id, distance };
    }
    if (best !== null) {
      openCard({ kind: "device", device: best.id });
      return;
    }
    const object = objects.value.find(
      ({ box, height }) => height !== undefined && x >= box[0] && x <= box[3] && y >= box[1] && y <= box[4],
    );
    if (object !== undefined) openCard({ kind: "object", object: object.id });
  };
  const dot = size / 90;
  const subject = card.value;
  const marked = subject?.kind === "device" ? deviceOf(subject.device) : undefined;
  return (
    <div class="city-map">
      <svg
        ref={svg}
        viewBox={`${view.x - size / 2} ${-view.y - size / 2} ${size} ${size}`}
        role="img"
        aria-label={t("map.label", { city: cityName.value })}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY, moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const start = drag.current;
          if (start === null) return;
          const dx = event.clientX - start.x;
          const dy = event.clientY - start.y;
          if (!start.moved && Math.hypot(dx, dy) < 4) return;
          const scale = size / Math.min(event.currentTarget.clientWidth, event.currentTarget.clientHeight);
          drag.current = { x: event.clientX, y: event.clientY, moved: true };
          setFrame({ ...view, x: view.x - dx * scale, y: view.y + dy * scale });
        }}
        onPointerUp={(event) => {
          const start = drag.current;
          drag.current = null;
          if (start !== null && !start.moved) pick(...metres(event));
        }}
      >
        <rect class="map-land" x={west} y={-north} width={east - west} height={north - south} />
        <g>
          {objects.value
            .filter(({ use, box }) => use === "park" && (box[3] - box[0]) * (box[4] - box[1]) < areaMax)
            .map(({ id, box }) => (
              <rect key={id} class="map-park" x={box[0]} y={-box[4]} width={box[3] - box[0]} height={box[4] - box[1]} />
            ))}
        </g>
        <path class="map-street-small" d={smallStreets.value} />
        <path class="map-street" d={wideStreets.value} />
        <path class="map-buildings" d={buildings.value} />
        {view.zoom >= 3
          ? devices.value
              .filter((device) => Math.abs(device.x - view.x) < size / 2 && Math.abs(device.y - view.y) < size / 2)
              .slice(0, 600)
              .map((device) => (
                <circle
                  key={device.id}
                  class={`map-device map-${device.kind}`}
                  cx={device.x}
                  cy={-device.y}
                  r={dot * 0.7}
                />
              ))
          : null}
        {neighbours.value.map(({ session, pose }) => (
          <circle key={session} class="map-citizen" cx={pose.x} cy={-pose.y} r={dot} />
        ))}
        {marked === undefined ? null : <circle class="map-marked" cx={marked.x} cy={-marked.y} r={dot * 2} />}
        {here === null ? null : (
          <path
            class="map-here"
            d="M0 -1.6 L1.1 1.2 L0 0.6 L-1.1 1.2 Z"
            transform={`translate(${here.x} ${-here.y}) rotate(${here.heading}) scale(${dot * 1.3})`}
          />
        )}
      </svg>
      <div class="map-buttons">
        <button type="button" class="glass square" aria-label={t("map.zoom-in")} onClick={() => zoomBy(1.6)}>
          <Icon name="plus" />
        </button>
        <button type="button" class="glass square" aria-label={t("map.zoom-out")} onClick={() => zoomBy(1 / 1.6)}>
          <Icon name="minus" />
        </button>
        {here === null ? null : (
          <button
            type="button"
            class="glass square"
            aria-label={t("map.here")}
            onClick={() => setFrame({ x: here.x, y: here.y, zoom: 6 })}
          >
            <Icon name="focus" />
          </button>
        )}
      </div>
    </div>
  );
}
