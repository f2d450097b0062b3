// `window.glasstown`: the page's face towards automation and accessibility tools. Stable; nothing secret passes through it.

import type { ScenePort } from "./scene-port.ts";

export interface Automation {
  /** The world's files are loaded and inspecting works, with or without a 3D scene. */
  readonly ready: boolean;
  readonly scene: ScenePort | null;
  /** Opens the card of a device or of a city object (CityJSON id). */
  inspectDevice(device: string): void;
  inspectObject(object: string): void;
  /** Other citizens near by, metres. */
  citizens(): readonly { readonly session: string; readonly name: string; readonly x: number; readonly y: number }[];
  /** Oneself, once the room has let the citizen in; null before. */
  self(): {
    readonly session: string;
    readonly account: string;
    readonly name: string;
    readonly x: number;
    readonly y: number;
  } | null;
}

declare global {
  interface Window {
    glasstown?: Automation;
  }
}
