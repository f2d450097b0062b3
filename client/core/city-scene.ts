// The 3D scene as the application holds it: loaded after the first paint, fed with people, light and values. The page works
// without it: when the GPU is missing or lost, the map and the lists take its place.

import { effect, signal } from "@preact/signals";
import { citizenship } from "./citizen.ts";
import { clockOffset } from "./clock.ts";
import { flatPose, placeOnMap } from "./flat-walk.ts";
import { light, quality, reducedMotion } from "./preferences.ts";
import { crowd, neighboursNow, type RoomListener, sendMove } from "./room.ts";
import type { OpenScene, Pose, ScenePort } from "./scene-port.ts";
import { closeCard, openCard, type Subject, subjectOf } from "./view.ts";
import { worldUrl } from "./world.ts";

export type SceneState =
  | { readonly state: "loading"; readonly fraction: number; readonly stage: string }
  | { readonly state: "shown" }
  | { readonly state: "failed"; readonly reason: string; readonly detail: string };

export const scene = signal<ScenePort | null>(null);
export const sceneState = signal<SceneState>({ state: "loading", fraction: 0, stage: "loading.code" });

/** Values that came before the scene stood; bounded by the number of streams. */
const waitingValues = new Map<string, readonly [device: string, stream: string, value: number]>();
const waitingMax = 20_000;

/** A live value for the city itself: lamps, windows, markers. */
export function showValue(device: string, stream: string, value: number): void {
  const port = scene.peek();
  if (port !== null) port.setDeviceValue(device, stream, value);
  else if (waitingValues.size < waitingMax) waitingValues.set(`${device}/${stream}`, [device, stream, value]);
}

/** Loads the scene's code, opens it on a canvas. Never rejects: failures end in `sceneState`. */
export async function startScene(canvas: HTMLCanvasElement, load: () => Promise<OpenScene>): Promise<void> {
  const failed = (reason: string, detail: string): void => {
    // From now on the map does the walking, from where the scene stood or the room has put us.
    const pose = scene.peek()?.pose() ?? null;
    const at = pose === null ? waitingSpawn : ([pose.x, pose.y, pose.heading] as const);
    sceneState.value = { state: "failed", reason, detail };
    if (at !== null) placeOnMap(...at);
  };
  try {
    const openScene = await load();
    const port = await openScene({
      canvas,
      worldUrl,
      onProgress: (fraction, stage) => {
        if (sceneState.peek().state === "loading") sceneState.value = { state: "loading", fraction, stage };
      },
      onMove: sendMove,
      onPick: (picked) => {
        if (picked === null) closeCard();
        else openCard(subjectOf(picked));
      },
      // The scene shows names under the pointer itself.
      onHover: () => undefined,
      onFailure: (reason, detail) => {
        failed(reason, detail);
        if (reason === "context-lost") scene.value = null;
      },
      reducedMotion: reducedMotion.peek(),
      quality: quality.peek(),
    });
    scene.value = port;
    effect(() => port.setClockOffset(clockOffset.value));
    effect(() => port.setLight(light.value));
    effect(() => {
      if (citizenship.value.state === "citizen") port.setSelf(citizenship.value.name);
    });
    effect(() => port.setCrowd(crowd.value.count, crowd.value.seed));
    for (const neighbour of neighboursNow()) port.upsertCitizen(neighbour.session, neighbour.name, neighbour.pose);
    for (const [device, stream, value] of waitingValues.values()) port.setDeviceValue(device, stream, value);
    waitingValues.clear();
    if (waitingSpawn !== null) port.spawn(...waitingSpawn);
    await port.shown;
    if (sceneState.peek().state === "loading") sceneState.value = { state: "shown" };
  } catch (error) {
    if (sceneState.peek().state !== "failed")
      failed("scene-failed", error instanceof Error ? error.message : String(error));
  }
}

/** Where the room put us last, for whoever does the walking. */
let waitingSpawn: readonly [number, number, number] | null = null;

/** What the room tells the scene. */
export const roomToScene: RoomListener = {
  spawn(x, y, heading) {
    waitingSpawn = [x, y, heading];
    if (sceneState.peek().state === "failed") placeOnMap(x, y, heading);
    else scene.peek()?.spawn(x, y, heading);
  },
  correct(x, y) {
    if (sceneState.peek().state === "failed") placeOnMap(x, y, null);
    else scene.peek()?.correct(x, y);
  },
  upsert: (neighbour) => scene.peek()?.upsertCitizen(neighbour.session, neighbour.name, neighbour.pose),
  remove: (session) => scene.peek()?.removeCitizen(session),
  said: (session, text) => scene.peek()?.say(session, text),
  gestured: (session, gesture) => scene.peek()?.gesture(session, gesture),
};

/** Where this citizen stands, in the scene or on the map; null for guests without a scene. */
export const ownPose = (): Pose | null => scene.value?.pose() ?? flatPose.value;

/** Walks the camera to what a card is about and outlines it. */
export function lookAt(subject: Subject): void {
  const port = scene.peek();
  if (port === null) return;
  if (subject.kind === "device") port.focus({ device: subject.device });
  if (subject.kind === "object") port.focus({ object: subject.object });
  if (subject.kind === "citizen") {
    const neighbour = neighboursNow().find((one) => one.session === subject.session);
    if (neighbour !== undefined) port.focus({ x: neighbour.pose.x, y: neighbour.pose.y });
  }
}

/** Outlines what a card is about; null clears. */
export function outline(subject: Subject | null): void {
  const port = scene.peek();
  if (port === null) return;
  if (subject === null) port.highlight(null);
  else if (subject.kind === "device") port.highlight({ kind: "device", device: subject.device });
  else if (subject.kind === "citizen") port.highlight({ kind: "citizen", session: subject.session });
  else if (subject.kind === "walker") port.highlight({ kind: "walker", number: subject.number });
  else {
    const object = port.objects.find((one) => one.id === subject.object);
    if (object !== undefined) {
      const [minX, minY, , maxX, maxY] = object.box;
      port.highlight({ kind: "object", object, x: (minX + maxX) / 2, y: (minY + maxY) / 2 });
    }
  }
}
