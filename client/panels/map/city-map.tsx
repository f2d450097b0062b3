// The drawn map. North is up. Everything still is drawn once as a few paths; people and the own place are dots above it.
// Drag to move, wheel or buttons or + and - to zoom; a click opens what lies there. Where there is no 3D scene, the arrow keys walk
// and a click on open ground walks there; otherwise the arrow keys move the map.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ownPose } from "../../core/city-scene.ts";
import { now } from "../../core/clock.ts";
import { flatPose, standable, steer, walkTo } from "../../core/flat-walk.ts";
import { t } from "../../core/language.ts";
import { water } from "../../core/map-ground.ts";
import { neighbours } from "../../core/room.ts";
import { card, openCard, type Subject } from "../../core/view.ts";
import { cityName, deviceOf, devices, manifest, objectOf, objects } from "../../core/world.ts";
import { Icon } from "../controls/icon.tsx";
import { buildings, fitting, labels, parks, solarBuildings, streetPaths, treeDots } from "./map-paths.ts";

const zoomMax = 24;
/** Devices have their own dots from this zoom on; before it they would be a rash. */
const devicesFrom = 3;
const devicesMax = 600;

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

type Arrow = readonly [x: number, y: number];
const [up, down, left, right]: readonly [Arrow, Arrow, Arrow, Arrow] = [
  [0, 1],
  [0, -1],
  [-1, 0],
  [1, 0],
];
const arrows: Readonly<Record<string, Arrow>> = {
  ArrowUp: up,
  ArrowDown: down,
  ArrowLeft: left,
  ArrowRight: right,
  w: up,
  s: down,
  a: left,
  d: right,
};

/** Keys held together add up; opposite ones stand still. */
function steerHeld(held: ReadonlySet<Arrow>, run: boolean): void {
  let [x, y] = [0, 0];
  for (const arrow of held) [x, y] = [x + arrow[0], y + arrow[1]];
  steer(x === 0 && y === 0 ? null : { x, y, run });
}

/** The frame, moved so that whoever walks stays inside its middle. */
function follow(frame: Frame, full: number, walker: { readonly x: number; readonly y: number } | null): Frame {
  if (walker === null || frame.zoom <= 1) return frame;
  const reach = (full / frame.zoom) * 0.38;
  const within = (value: number, centre: number): number =>
    Math.abs(value - centre) > full / frame.zoom ? centre : Math.max(value - reach, Math.min(value + reach, centre));
  return { ...frame, x: within(walker.x, frame.x), y: within(walker.y, frame.y) };
}

/** Opens the device or house nearest to a place. */
function openNearest(x: number, y: number): void {
  const device = devices.value
    .map(({ id, x: dx, y: dy }) => ({ id, distance: Math.hypot(dx - x, dy - y) }))
    .reduce<{ id: string; distance: number } | null>((a, b) => (a === null || b.distance < a.distance ? b : a), null);
  if (device !== null && device.distance < 60) openCard({ kind: "device", device: device.id });
}

/** Where the subject of the open card is. */
function markOf(subject: Subject | null): { readonly x: number; readonly y: number } | undefined {
  if (subject?.kind === "device") return deviceOf(subject.device);
  if (subject?.kind === "citizen") return neighbours.value.find(({ session }) => session === subject.session)?.pose;
  if (subject?.kind !== "object") return undefined;
  const box = objectOf(subject.object)?.box;
  return box === undefined ? undefined : { x: (box[0] + box[3]) / 2, y: (box[1] + box[4]) / 2 };
}

export function CityMap(): JSX.Element | null {
  const svg = useRef<SVGSVGElement>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const held = useRef(new Set<Arrow>());
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
  // In the scene the own dot follows the tick of the clock: once a second is enough for a map.
  void now.value;
  const [west, south, east, north] = world.bounds;
  const full = Math.max(east - west, north - south);
  const here = ownPose();
  const walking = flatPose.value !== null;
  const view = follow(frame ?? { x: (west + east) / 2, y: (south + north) / 2, zoom: 1 }, full, walking ? here : null);
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
    // Walking, only what is clicked on itself is opened: everything between is ground to walk on.
    let best: { readonly id: string; readonly distance: number } | null = null;
    for (const device of devices.value) {
      const distance = Math.hypot(device.x - x, device.y - y);
      if (view.zoom >= devicesFrom && distance < reach && (best === null || distance < best.distance))
        best = { id: device.id, distance };
    }
    if (best !== null) {
      openCard({ kind: "device", device: best.id });
      return;
    }
    const object = objects.value.find(
      ({ box, height }) => height !== undefined && x >= box[0] && x <= box[3] && y >= box[1] && y <= box[4],
    );
    if (object !== undefined && !(walking && standable(x, y))) openCard({ kind: "object", object: object.id });
    else if (walking) walkTo(x, y);
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = arrows[event.key] ?? arrows[event.key.toLowerCase()];
    if (event.key === "+" || event.key === "=") zoomBy(1.6);
    else if (event.key === "-") zoomBy(1 / 1.6);
    else if (event.key === "Enter" && here !== null) {
      const ahead = (here.heading * Math.PI) / 180;
      openNearest(here.x + 8 * Math.sin(ahead), here.y + 8 * Math.cos(ahead));
    } else if (arrow !== undefined && walking) {
      held.current.add(arrow);
      steerHeld(held.current, event.shiftKey);
    } else if (arrow !== undefined)
      setFrame({ ...view, x: view.x + (arrow[0] * size) / 8, y: view.y + (arrow[1] * size) / 8 });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const released = (event: KeyboardEvent): void => {
    const arrow = arrows[event.key] ?? arrows[event.key.toLowerCase()];
    if (arrow !== undefined && held.current.delete(arrow)) steerHeld(held.current, event.shiftKey);
  };
  const dot = size / 90;
  const subject = card.value;
  const marked = markOf(subject);
  return (
    <div class="city-map">
      <svg
        ref={svg}
        viewBox={`${view.x - size / 2} ${-view.y - size / 2} ${size} ${size}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map takes arrow keys; everything on it is in the lists as well.
        tabIndex={0}
        role="application"
        data-testid="city-map"
        aria-label={`${t("map.label", { city: cityName.value })}. ${t(walking ? "map.keys-walk" : "map.keys-move")}`}
        onKeyDown={keyed}
        onKeyUp={released}
        onBlur={() => {
          held.current.clear();
          steer(null);
        }}
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
        <clipPath id="map-bounds">
          <rect x={west} y={-north} width={east - west} height={north - south} />
        </clipPath>
        <g clip-path="url(#map-bounds)">
          <rect class="map-land" x={west} y={-north} width={east - west} height={north - south} />
          <path class="map-park" d={parks.value} />
          <path class="map-water" d={water.value} />
          {streetPaths.value.map(({ width, path }) => (
            <path key={`edge-${width}`} class="map-street-edge" stroke-width={width + 2} d={path} />
          ))}
          {streetPaths.value.map(({ width, path }) => (
            <path key={width} class="map-street" stroke-width={width} d={path} />
          ))}
          <path class="map-buildings" d={buildings.value} />
          <path class="map-buildings map-solar" d={solarBuildings.value} />
          <path class="map-trees" d={treeDots.value} />
        </g>
        {view.zoom >= devicesFrom
          ? devices.value
              .filter((device) => Math.abs(device.x - view.x) < size / 2 && Math.abs(device.y - view.y) < size / 2)
              .slice(0, devicesMax)
              .map((device) => (
                <circle
                  key={device.id}
                  class={`map-device map-${device.kind}`}
                  cx={device.x}
                  cy={-device.y}
                  r={dot * (device.kind === "lamp" ? 0.4 : 0.7)}
                />
              ))
          : null}
        {neighbours.value.map(({ session, pose }) => (
          <circle key={session} class="map-citizen" cx={pose.x} cy={-pose.y} r={dot} />
        ))}
        {fitting(labels.value, size / 48).map(({ id, name, use, x, y }) => (
          <text key={id} class={`map-label map-label-${use}`} x={x} y={-y} font-size={size / 48}>
            {name}
          </text>
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
            onClick={() => setFrame({ x: here.x, y: here.y, zoom: Math.max(6, view.zoom) })}
          >
            <Icon name="focus" />
          </button>
        )}
      </div>
    </div>
  );
}
