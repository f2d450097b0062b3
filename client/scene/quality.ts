// What each quality level costs. `low` must stay usable on a software renderer.

export interface Quality {
  readonly shadowSize: number;
  readonly shadowReach: number;
  readonly softShadows: boolean;
  /** Highest ratio of drawn pixels to CSS pixels. */
  readonly pixelRatioMax: number;
  readonly pixelRatioFactor: number;
  readonly antialias: boolean;
  /** Metres within which people and vehicles are drawn, and how many people at most. */
  readonly lifeReach: number;
  readonly walkersMax: number;
  readonly treeShare: number;
  readonly simpleShaders: boolean;
}

export const qualities: Record<"low" | "medium" | "high", Quality> = {
  low: {
    shadowSize: 0,
    shadowReach: 0,
    softShadows: false,
    pixelRatioMax: 1,
    pixelRatioFactor: 0.55,
    antialias: false,
    lifeReach: 220,
    walkersMax: 120,
    treeShare: 0.5,
    simpleShaders: true,
  },
  medium: {
    shadowSize: 2048,
    shadowReach: 170,
    softShadows: false,
    pixelRatioMax: 1.5,
    pixelRatioFactor: 1,
    antialias: true,
    lifeReach: 420,
    walkersMax: 500,
    treeShare: 1,
    simpleShaders: false,
  },
  high: {
    shadowSize: 4096,
    shadowReach: 240,
    softShadows: true,
    pixelRatioMax: 2,
    pixelRatioFactor: 1,
    antialias: true,
    lifeReach: 700,
    walkersMax: 2000,
    treeShare: 1,
    simpleShaders: false,
  },
};
