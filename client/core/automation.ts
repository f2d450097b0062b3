// `window.glasstown`: what automation and accessibility tools may ask of the page. Documented, stable, and no more powerful than a
// person with a keyboard: it opens cards and reads what is on the screen.

import { citizenship } from "./citizen.ts";
import { scene, sceneState } from "./city-scene.ts";
import { flatPose } from "./flat-walk.ts";
import { connection, neighboursNow } from "./room.ts";
import type { Pose, ScenePort } from "./scene-port.ts";
import { openCard } from "./view.ts";
import { devices } from "./world.ts";

interface Glasstown {
  /** The 3D scene, or null while it loads or where it cannot run. */
  readonly scene: ScenePort | null;
  /** The world's lists are loaded and the city is shown (or has given way to the map). */
  readonly ready: boolean;
  inspectDevice(device: string): void;
  inspectObject(object: string): void;
  /** Citizens near, without oneself. */
  citizens(): readonly { session: string; name: string; x: number; y: number }[];
  /** Oneself: null for guests. */
  self(): { account: string; name: string; session: string | null; pose: Pose | null } | null;
}

declare global {
  interface Window {
    glasstown: Glasstown;
  }
}

export function exposeAutomation(): void {
  window.glasstown = {
    get scene() {
      return scene.peek();
    },
    get ready() {
      return sceneState.peek().state !== "loading" && devices.peek().length > 0;
    },
    inspectDevice: (device) => openCard({ kind: "device", device }),
    inspectObject: (object) => openCard({ kind: "object", object }),
    citizens: () => neighboursNow().map(({ session, name, pose }) => ({ session, name, x: pose.x, y: pose.y })),
    self() {
      const current = citizenship.peek();
      if (current.state !== "citizen") return null;
      const joined = connection.peek();
      return {
        account: current.identity.account,
        name: current.name,
        session: joined.state === "joined" ? joined.session : null,
        pose: scene.peek()?.pose() ?? flatPose.peek(),
      };
    },
  };
}
