// The scene's door: loads a world, puts it on the canvas, and hands back what the page may ask of it.

import type { OpenScene } from "../core/scene-port.ts";
import type { CityBase, LoadedTile } from "../workers/city-messages.ts";
import { CityScene } from "./city-scene.ts";
import { LoadError, loadCity } from "./load-city.ts";
import { NoWebGlError, Stage } from "./stage.ts";

export const openScene: OpenScene = async (options) => {
  let base: CityBase | null = null;
  const early: LoadedTile[] = [];
  let city: CityScene | null = null;
  const loading = loadCity(options.worldUrl, {
    onProgress: options.onProgress,
    onBase: (loaded) => {
      base = loaded;
      const { latitude, longitude } = loaded.manifest.origin;
      const stage = new Stage(options.canvas, options.quality, { latitude, longitude }, (detail) =>
        options.onFailure("context-lost", detail),
      );
      city = new CityScene(stage, loaded, options);
    },
    onTile: (tile) => (city ? city.addTile(tile) : early.push(tile)),
  });
  const opened = (): CityScene | null => city;
  try {
    const { cells, sky } = await loading.done;
    const scene = opened();
    if (!base || !scene) throw new LoadError("world-damaged", "the world has no manifest");
    for (const tile of early) scene.addTile(tile);
    scene.begin(cells, sky);
    options.onProgress(1, "loading.ready");
    return scene;
  } catch (error) {
    loading.cancel();
    opened()?.dispose();
    const detail = error instanceof Error ? error.message : String(error);
    const reason =
      error instanceof LoadError ? error.reason : error instanceof NoWebGlError ? "no-webgl" : "world-damaged";
    options.onFailure(reason, detail);
    throw error;
  }
};
