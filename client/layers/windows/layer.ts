// Lit windows by the metered load of the home.

import type { WorldDevice } from "../../../worlds/format/world.ts";
import type { Layer } from "../layer.ts";

const quietW = 60;
const busyW = 2500;

/** Share of windows that are lit, 0 to 1, for a load in W. */
export function litShare(loadW: number): number {
  if (!(loadW > 0)) return 0.02;
  const share = Math.log(loadW / quietW) / Math.log(busyW / quietW);
  return 0.06 + 0.9 * Math.min(1, Math.max(0, share));
}

export const windowsLayer: Layer = {
  name: "windows",
  open({ meshes, objectIndex }) {
    const loads = new Map<number, Map<string, number>>();
    return {
      casters: [],
      posts: [],
      setValue(device: WorldDevice, stream: string, value: number): void {
        if (device.kind !== "meter" || stream !== "load" || device.cityObject === undefined) return;
        const object = objectIndex.get(device.cityObject);
        if (object === undefined) return;
        let homes = loads.get(object);
        if (!homes) {
          homes = new Map();
          loads.set(object, homes);
        }
        homes.set(device.id, litShare(value));
        let sum = 0;
        for (const share of homes.values()) sum += share;
        meshes.setLive(object, sum / homes.size);
      },
      update(): void {
        meshes.flush();
      },
    };
  },
};
