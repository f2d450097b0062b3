// The page's end of the city loader worker.

import type {
  BakedSky,
  CityBase,
  GroundCells,
  LoadedTile,
  LoaderMessage,
  LoadFailure,
} from "../workers/city-messages.ts";

export interface CityHandlers {
  readonly onProgress: (fraction: number, stage: string) => void;
  readonly onBase: (base: CityBase) => void;
  readonly onTile: (tile: LoadedTile) => void;
}

export class LoadError extends Error {
  override readonly name = "LoadError";
  readonly reason: LoadFailure;
  constructor(reason: LoadFailure, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

export interface Loading {
  readonly done: Promise<{ cells: GroundCells; sky: BakedSky }>;
  cancel(): void;
}

/** Rejects with a LoadError. The worker ends when it is done or cancelled. */
export function loadCity(url: string, handlers: CityHandlers): Loading {
  const worker = new Worker(new URL("../workers/city-loader.ts", import.meta.url), { type: "module" });
  const done = new Promise<{ cells: GroundCells; sky: BakedSky }>((resolve, reject) => {
    const fail = (error: unknown): void => {
      worker.terminate();
      reject(error instanceof Error ? error : new LoadError("world-damaged", String(error)));
    };
    worker.onerror = (event) => fail(new LoadError("world-unreachable", event.message || "the loader did not start"));
    worker.onmessageerror = () => fail(new LoadError("world-damaged", "the loader's answer could not be read"));
    worker.onmessage = (event: MessageEvent<LoaderMessage>) => {
      const message = event.data;
      try {
        if (message.kind === "progress") handlers.onProgress(message.fraction, message.stage);
        else if (message.kind === "base") handlers.onBase(message.base);
        else if (message.kind === "tile") handlers.onTile(message.tile);
        else if (message.kind === "failure") fail(new LoadError(message.reason, message.detail));
        else {
          worker.terminate();
          resolve({ cells: message.cells, sky: message.sky });
        }
      } catch (error) {
        fail(error);
      }
    };
    worker.postMessage({ url: new URL(url, location.href).href });
  });
  return { done, cancel: () => worker.terminate() };
}
