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
  readonly treeReach: number;
  /** Metres at which the city has gone into the sky's fog; 0 for as far as the eye sees. */
  readonly drawReach: number;
  /** Far cascade for what the near one does not reach; 0 for none. */
  readonly farShadowSize: number;
  /** Draws the depth of buildings first, so that hidden walls are never shaded; costs their vertices twice. */
  readonly depthFirst: boolean;
  readonly simpleShaders: boolean;
}

export const qualities: Record<"low" | "medium" | "high", Quality> = {
  low: {
    shadowSize: 0,
    shadowReach: 0,
    softShadows: false,
    pixelRatioMax: 1,
    pixelRatioFactor: 0.45,
    antialias: false,
    lifeReach: 130,
    walkersMax: 300,
    treeShare: 0.4,
    treeReach: 220,
    drawReach: 420,
    farShadowSize: 0,
    depthFirst: false,
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
    treeReach: 4000,
    drawReach: 0,
    farShadowSize: 1024,
    depthFirst: true,
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
    treeReach: 4000,
    drawReach: 0,
    farShadowSize: 2048,
    depthFirst: true,
    simpleShaders: false,
  },
};
