// Starts the twin process: `npm run twin`. Settings: settings/settings.ts.

import { loadCityKeys } from "../../settings/city-keys.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { ensureWorld } from "../../worlds/locate.ts";
import { readBuiltWorld } from "./city/built-world.ts";
import { ledgerUrl, runProcess } from "./process-life.ts";
import { startTwin } from "./twin.ts";

await runProcess("twin", async (settings, log) => {
  const folder = await ensureWorld({
    data: settings.data,
    world: settings.world,
    log: (line) => log.info(line),
  });
  const twin = await startTwin({
    data: settings.data,
    host: settings.host,
    httpPort: settings.twinPort,
    mqttPort: settings.mqttPort,
    ledgerUrl: ledgerUrl(settings),
    anchorSeconds: settings.anchorSeconds,
    keepDays: settings.keepDays,
    world: readBuiltWorld(folder),
    keys: loadCityKeys(settings.data),
    hasher: loadCore(),
    log,
  });
  return {
    facts: { http: twin.httpPort, mqtt: twin.mqttPort, size: twin.store.size },
    close: () => twin.close(),
  };
});
