// The layers of the twin, in drawing order: one line each.

import { lampsLayer } from "./lamps/layer.ts";
import type { Layer } from "./layer.ts";
import { markersLayer } from "./markers/layer.ts";
import { windowsLayer } from "./windows/layer.ts";

export const enabledLayers: readonly Layer[] = [windowsLayer, lampsLayer, markersLayer];
