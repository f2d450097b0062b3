// Walking without the 3D scene: on the drawn map, by arrow keys or along the streets to a chosen place. The room is told ten times a
// second, at speeds that it allows, so that others see this citizen walk as they see everyone.

import { signal } from "@preact/signals";
import { inWater } from "./map-ground.ts";
import { sendMove } from "./room.ts";
import type { Pose } from "./scene-port.ts";
import { advance, halfWidth, headingOf, nearestStreet, type Point, route } from "./street-route.ts";
import { manifest, objects, streets } from "./world.ts";

const tickMs = 100;
/** A little below what the room allows (2.2 and 7 m/s): its clock and ours tick apart. */
const speeds = { walk: 2, run: 6 } as const;
/** Ways longer than this are run. */
const runFrom = 30;

/** Where this citizen stands on the map; null while the scene does the walking, or nobody has entered. */
export const flatPose = signal<Pose | null>(null);

let way: readonly Point[] = [];
let direction: { readonly x: number; readonly y: number; readonly run: boolean } | null = null;
let timer: ReturnType<typeof setInterval> | undefined;
let lastTick = 0;

/** The room has put us somewhere. */
export function placeOnMap(x: number, y: number, heading: number | null): void {
  way = [];
  flatPose.value = { x, y, heading: heading ?? flatPose.peek()?.heading ?? 0, gait: 0, altitude: 0 };
}

/** Leaves walking to the scene. */
export function stopFlatWalk(): void {
  clearInterval(timer);
  timer = undefined;
  way = [];
  direction = null;
  flatPose.value = null;
}

/** Walks along the streets. False when there is nobody to walk. */
export function walkTo(x: number, y: number): boolean {
  const from = flatPose.peek();
  if (from === null) return false;
  const graph = streets.peek();
  way = graph === null ? [[x, y]] : route(graph, [from.x, from.y], [x, y]);
  start();
  return true;
}

/** Walks in a direction for as long as it is held; null stops. */
export function steer(next: { readonly x: number; readonly y: number; readonly run: boolean } | null): void {
  if (flatPose.peek() === null) return;
  direction = next;
  if (next !== null) {
    way = [];
    start();
  }
}

/** Whether a citizen may stand at a place: on any street or bridge; else not in houses, not in water, not beyond the edge. */
export function standable(x: number, y: number): boolean {
  const bounds = manifest.peek()?.bounds;
  if (bounds !== undefined && (x < bounds[0] || y < bounds[1] || x > bounds[2] || y > bounds[3])) return false;
  const graph = streets.peek();
  const street = graph === null ? null : nearestStreet(graph, [x, y]);
  if (street !== null && street.distance <= halfWidth(street.edge)) return true;
  if (inWater(x, y)) return false;
  return !objects
    .peek()
    .some(({ box, height }) => height !== undefined && x > box[0] && x < box[3] && y > box[1] && y < box[4]);
}

function start(): void {
  if (timer !== undefined) return;
  lastTick = performance.now();
  timer = setInterval(tick, tickMs);
}

function tick(): void {
  const pose = flatPose.peek();
  const time = performance.now();
  // A page that slept does not leap: the room would call it too fast.
  const seconds = Math.min(0.25, (time - lastTick) / 1000);
  lastTick = time;
  if (pose === null || (way.length === 0 && direction === null)) {
    clearInterval(timer);
    timer = undefined;
    if (pose !== null) move({ ...pose, gait: 0 });
    return;
  }
  if (direction !== null) {
    const length = Math.hypot(direction.x, direction.y) || 1;
    const metres = (direction.run ? speeds.run : speeds.walk) * seconds;
    const [dx, dy] = [(direction.x / length) * metres, (direction.y / length) * metres];
    const heading = headingOf(dx, dy);
    // Along a wall one slides.
    const free = [
      [dx, dy],
      [dx, 0],
      [0, dy],
    ].find(([x = 0, y = 0]) => (x !== 0 || y !== 0) && standable(pose.x + x, pose.y + y));
    // Who has been put inside a house may leave it.
    const [x = 0, y = 0] = free ?? (standable(pose.x, pose.y) ? [0, 0] : [dx, dy]);
    move({ ...pose, x: pose.x + x, y: pose.y + y, heading, gait: direction.run ? 2 : 1 });
    return;
  }
  const left = lengthOf([pose.x, pose.y], way);
  const run = left > runFrom;
  const step = advance([pose.x, pose.y], way, (run ? speeds.run : speeds.walk) * seconds);
  way = step.left;
  move({ ...pose, x: step.at[0], y: step.at[1], heading: step.heading ?? pose.heading, gait: run ? 2 : 1 });
}

function lengthOf(from: Point, points: readonly Point[]): number {
  let length = 0;
  let at = from;
  for (const point of points) {
    length += Math.hypot(point[0] - at[0], point[1] - at[1]);
    at = point;
  }
  return length;
}

function move(pose: Pose): void {
  flatPose.value = pose;
  sendMove(pose);
}
