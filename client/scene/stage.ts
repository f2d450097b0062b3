// Engine, materials, light and the loop: everything that does not know what a city is.

import { Engine } from "@babylonjs/core/Engines/engine.js";
import { Color4 } from "@babylonjs/core/Maths/math.color.js";
import { RenderingGroup } from "@babylonjs/core/Rendering/renderingGroup.js";
import { Scene } from "@babylonjs/core/scene.js";
import { Air } from "./air.ts";
import { Eye } from "./eye.ts";
import { Materials, renderingGroups } from "./materials.ts";
import { type Quality, qualities } from "./quality.ts";
import { Shadows } from "./shadows.ts";
import { Sky } from "./sky.ts";

/** Longest step of the simulation, seconds: a page that was asleep does not leap, a slow machine still walks. */
const stepMax = 0.5;
/** Metres that the coarse cascade reaches each way. */
const farShadowReach = 900;

export class NoWebGlError extends Error {
  override readonly name = "NoWebGlError";
}

export class Stage {
  readonly canvas: HTMLCanvasElement;
  readonly engine: Engine;
  readonly scene: Scene;
  readonly quality: Quality;
  readonly air: Air;
  readonly materials: Materials;
  readonly eye: Eye;
  readonly sky: Sky;
  readonly shadows: Shadows | null;
  readonly farShadows: Shadows | null;
  /** Seconds that waves and leaves run on. */
  seconds = 0;
  #running = false;
  #disposed = false;
  #step: ((seconds: number) => void) | null = null;
  readonly #stop = new AbortController();
  readonly #resize: ResizeObserver;

  /** @throws {NoWebGlError} */
  constructor(
    canvas: HTMLCanvasElement,
    level: "low" | "medium" | "high",
    place: { readonly latitude: number; readonly longitude: number },
    onContextLost: (detail: string) => void,
  ) {
    this.canvas = canvas;
    this.quality = qualities[level];
    try {
      this.engine = new Engine(canvas, this.quality.antialias, {
        stencil: false,
        alpha: false,
        audioEngine: false,
        powerPreference: level === "high" ? "high-performance" : "default",
        doNotHandleContextLost: true,
        preserveDrawingBuffer: false,
        adaptToDeviceRatio: false,
      });
    } catch (error) {
      throw new NoWebGlError(error instanceof Error ? error.message : String(error));
    }
    if (this.engine.webGLVersion < 2) {
      this.engine.dispose();
      throw new NoWebGlError("WebGL 2 is needed");
    }
    this.scene = new Scene(this.engine, { useGeometryUniqueIdsMap: true, useMaterialMeshMap: true });
    this.scene.clearColor = new Color4(0.8, 0.82, 0.84, 1);
    this.scene.skipPointerMovePicking = true;
    this.scene.autoClear = true;
    this.scene.detachControl();
    // Near things first: what they hide is then not shaded at all.
    for (const group of [renderingGroups.depth, renderingGroups.city])
      this.scene.setRenderingOrder(group, RenderingGroup.frontToBackSortCompare);
    this.air = new Air(place.latitude, place.longitude);
    this.materials = new Materials(this.scene, this.quality, this.air.rows);
    this.eye = new Eye(this.scene);
    this.scene.activeCamera = this.eye.camera;
    this.sky = new Sky(this.scene, this.materials);
    const { shadowSize, shadowReach, farShadowSize } = this.quality;
    const cascade = (which: 0 | 1, size: number, reach: number): Shadows | null =>
      size > 0 ? new Shadows(this.scene, this.air, this.materials, which, size, reach) : null;
    this.shadows = cascade(0, shadowSize, shadowReach);
    this.farShadows = cascade(1, farShadowSize, farShadowReach);
    const signal = this.#stop.signal;
    canvas.addEventListener(
      "webglcontextlost",
      (event) => {
        event.preventDefault();
        this.pause();
        onContextLost("the browser took the graphics context away");
      },
      { signal },
    );
    document.addEventListener("visibilitychange", () => (document.hidden ? this.pause() : this.resume()), { signal });
    this.#resize = new ResizeObserver(() => this.fit());
    this.#resize.observe(canvas);
    this.fit();
  }

  get aspect(): number {
    return this.engine.getRenderWidth() / Math.max(1, this.engine.getRenderHeight());
  }

  fit(): void {
    const ratio =
      Math.min(this.quality.pixelRatioMax, globalThis.devicePixelRatio || 1) * this.quality.pixelRatioFactor;
    this.engine.setHardwareScalingLevel(1 / ratio);
    this.engine.resize();
  }

  /** Calls `step` before every frame, until disposed; sleeps while the page is hidden. */
  start(step: (seconds: number) => void): void {
    this.#step = step;
    if (!document.hidden) this.resume();
  }

  resume(): void {
    if (this.#running || this.#disposed || !this.#step) return;
    this.#running = true;
    let last = performance.now();
    this.engine.runRenderLoop(() => {
      const now = performance.now();
      const seconds = Math.min(stepMax, Math.max(0, (now - last) / 1000));
      last = now;
      this.seconds += seconds;
      this.#step?.(seconds);
      this.scene.render(false);
    });
  }

  pause(): void {
    this.#running = false;
    this.engine.stopRenderLoop();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.pause();
    this.#stop.abort();
    this.#resize.disconnect();
    this.shadows?.dispose();
    this.farShadows?.dispose();
    this.scene.dispose();
    this.engine.dispose();
  }
}
