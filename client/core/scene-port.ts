// What the application and the 3D scene say to each other. No Babylon here, so panels can be tested without a GPU,
// and the scene can be loaded after the first paint. Metres in the world's local frame, headings in degrees (0 north, 90 east).

import type { WorldManifest, WorldObject } from "../../worlds/format/world.ts";

/** What a pointer or the crosshair stands on. */
export type Picked =
  | { readonly kind: "object"; readonly object: WorldObject; readonly x: number; readonly y: number }
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "vehicle"; readonly device: string }
  | { readonly kind: "citizen"; readonly session: string }
  | { readonly kind: "walker"; readonly number: number };

export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly heading: number;
  readonly gait: 0 | 1 | 2 | 3;
  /** Metres above ground, when flying. */
  readonly altitude: number;
}

export interface SceneOptions {
  readonly canvas: HTMLCanvasElement;
  /** Base URL of the built world, ending in `/`. */
  readonly worldUrl: string;
  /** fraction 0 to 1; stage is a message key such as `loading.tiles`. */
  readonly onProgress: (fraction: number, stage: string) => void;
  /** Own movement, at most 10 a second, and once more when coming to rest. */
  readonly onMove: (pose: Pose) => void;
  /** Click, tap, or Enter on the crosshair. Null when the sky was picked. */
  readonly onPick: (picked: Picked | null) => void;
  readonly onHover: (picked: Picked | null) => void;
  /** The GPU was lost or could not be had; the page shows the lists instead. */
  readonly onFailure: (
    reason: "no-webgl" | "context-lost" | "world-unreachable" | "world-damaged",
    detail: string,
  ) => void;
  readonly reducedMotion: boolean;
  readonly quality: "low" | "medium" | "high";
}

/** `live` follows the real sun at the world's place; the others are for looking and for pictures, and the page says so. */
export type LightMode = "live" | "golden" | "noon" | "night";

export interface ScenePort {
  readonly manifest: WorldManifest;
  readonly objects: readonly WorldObject[];
  /** Puts the own avatar on the ground. */
  spawn(x: number, y: number, heading: number): void;
  /** The server refused a move: stand here. */
  correct(x: number, y: number): void;
  /** Own name, as others see it: gives the avatar the look that others see too. */
  setSelf(name: string): void;
  /** Own pose now. */
  pose(): Pose;
  /** Other citizens; calls come at 10 Hz and the scene interpolates. */
  upsertCitizen(session: string, name: string, pose: Pose): void;
  removeCitizen(session: string): void;
  /** Speech bubble above a citizen for some seconds; `session` null for oneself. */
  say(session: string | null, text: string): void;
  gesture(session: string | null, gesture: "wave" | "nod" | "clap"): void;
  /** Simulated people: the same for everyone, a pure function of seed and server time. */
  setCrowd(count: number, seed: number): void;
  /** Server time minus local time, ms. */
  setClockOffset(ms: number): void;
  setLight(mode: LightMode): void;
  /** Latest values that the city shows by itself: lamps lit, windows lit, markers. */
  setDeviceValue(device: string, stream: string, value: number): void;
  /** Outlines a picked thing; null clears. */
  highlight(picked: Picked | null): void;
  /** Walks the camera to look at a place. */
  focus(
    target: { readonly x: number; readonly y: number } | { readonly device: string } | { readonly object: string },
  ): void;
  /** Bird's eye and back. */
  setView(view: "walk" | "fly"): void;
  /** Screen position in CSS pixels of a device's marker, or null when out of sight: tests click there. */
  screenPositionOf(
    target: { readonly device: string } | { readonly object: string } | { readonly session: string },
  ): { readonly x: number; readonly y: number } | null;
  /** Frames drawn with everything in place, since the scene opened: pictures wait for some of them. */
  readonly frames?: number;
  /** For pictures: keeps the last frame on the canvas and draws no other until let go. */
  hold?(held: boolean): void;
  /** For pictures: where a bird's eye or a walker's eye looks. Degrees; altitude or distance in metres. */
  setCamera?(camera: {
    readonly heading: number;
    readonly pitch: number;
    readonly altitude?: number;
    readonly distance?: number;
    /** A bird's place apart from the avatar's. */
    readonly from?: { readonly x: number; readonly y: number };
  }): void;
  /** The first complete frame of the city has been shown. */
  readonly shown: Promise<void>;
  dispose(): void;
}

/** client/scene/open-scene.ts exports this as `openScene`. Rejects after calling onFailure. */
export type OpenScene = (options: SceneOptions) => Promise<ScenePort>;
