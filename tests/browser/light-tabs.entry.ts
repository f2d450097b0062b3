// The light client as the page opens it, for light-tabs.test.ts: the worker starts when it is asked for.

import { openLightClient } from "../../client/workers/light.ts";
import type { LightClient } from "../../ledger/light/light-client.ts";

declare global {
  var openLight: (() => LightClient) | undefined;
  var light: LightClient | undefined;
}

globalThis.openLight = () => {
  globalThis.light ??= openLightClient();
  return globalThis.light;
};
