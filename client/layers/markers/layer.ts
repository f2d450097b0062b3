// Instruments on posts and meters on house fronts.

import type { DeviceKind } from "../../../ledger/protocol/telemetry.ts";
import { hashOfText, headingTo } from "../../scene/frame.ts";
import { PropSet } from "../../scene/prop-set.ts";
import { linear } from "../../scene/shapes/shape.ts";
import { instrumentShape, meterShape, pinShape } from "../../scene/shapes/street.ts";
import { headingToStreet } from "../lamps/layer.ts";
import type { DevicePost, Layer } from "../layer.ts";

/** Metres within which a pin floats over an instrument, and over a meter. */
const pinReach = 260;
const meterPinReach = 28;

export const markerColours: Partial<Record<DeviceKind, string>> = {
  air: "#009E73",
  traffic: "#E69F00",
  river: "#0072B2",
  weather: "#CC79A7",
  meter: "#F0E442",
};

export const markersLayer: Layer = {
  name: "markers",
  open({ scene, materials, devices, streets, heightAt }) {
    const instruments = new PropSet("instruments", scene, materials, instrumentShape(), "still", { moving: false });
    const meters = new PropSet("meters", scene, materials, meterShape(), "still", { moving: false });
    const posts: DevicePost[] = [];
    for (const device of devices) {
      if (device.kind === "meter") {
        const heading = headingToStreet(streets, device.x, device.y) || (hashOfText(device.id) % 4) * 90;
        meters.add(device.x, device.z, device.y, heading, 1, [1, 1, 1], 0);
        posts.push({ device, x: device.x, y: device.y, bottom: device.z - 0.2, top: device.z + 0.25, radius: 0.25 });
      } else if (device.kind in markerColours) {
        const ground = heightAt(device.x, device.y);
        const bottom = device.kind === "river" ? Math.min(ground, device.z) : ground;
        const heading = headingToStreet(streets, device.x, device.y);
        instruments.add(device.x, bottom, device.y, heading, 1, linear(markerColours[device.kind]!), 0);
        posts.push({ device, x: device.x, y: device.y, bottom, top: bottom + 2.8, radius: 0.3 });
      }
    }
    instruments.upload();
    meters.upload();
    const pins = new PropSet("pins", scene, materials, pinShape(), "still", { moving: true });
    return {
      casters: [instruments],
      posts,
      setValue: () => {},
      update(_night, eye): void {
        pins.clear();
        for (const { device, x, y, top } of posts) {
          const reach = device.kind === "meter" ? meterPinReach : pinReach;
          const distance = Math.hypot(x - eye.x, y - eye.y, top - eye.z);
          if (distance > reach) continue;
          // The same size on screen from ten metres on, shrinking to nothing at the end of its reach.
          const fade = Math.min(1, (reach - distance) / (reach * 0.25));
          const size = Math.max(0.16, distance * 0.014) * fade * (device.kind === "meter" ? 0.7 : 1);
          const heading = headingTo(eye.x - x, eye.y - y);
          pins.add(x, top + size * 1.2, y, heading, size, linear(markerColours[device.kind] ?? "#5B6470"), 0.5);
        }
        pins.upload();
      },
    };
  },
};
