// Starts the simulated devices: `npm run devices`. Settings: settings/settings.ts; `--replay <file>` is GLASSTOWN_REPLAY.

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { loadCityKeys } from "../../../settings/city-keys.ts";
import { SettingError } from "../../../settings/settings.ts";
import { ensureWorld } from "../../../worlds/locate.ts";
import { readBuiltWorld } from "../city/built-world.ts";
import { LedgerAwayError, LedgerClient } from "../ledger/ledger-client.ts";
import { signerOfSeed } from "../ledger/signer.ts";
import { ledgerUrl, reachedHost, runProcess } from "../process-life.ts";
import { Fleet } from "./fleet.ts";
import { MarketLife } from "./market-life.ts";
import { readReplayProfile } from "./replay-profile.ts";

const retryMs = 2_000;
const reportMs = 60_000;

await runProcess("devices", async (settings, log) => {
  const file = replayArgument() ?? settings.replay;
  // First of all, so that a broken file is told at once.
  const replay = file === "" ? null : readReplayProfile(file);
  const folder = await ensureWorld({ data: settings.data, world: settings.world, log: (line) => log.info(line) });
  const keys = loadCityKeys(settings.data);
  const ledger = new LedgerClient(ledgerUrl(settings));
  const fleet = new Fleet({
    world: readBuiltWorld(folder),
    devicesRoot: keys.devices,
    mqttUrl: `mqtt://${reachedHost(settings.host)}:${settings.mqttPort}`,
    ledger,
    rate: settings.deviceRate,
    replay,
    log,
    now: Date.now,
  });
  const stop = new AbortController();
  fleet.start();
  const begun = beginAll();
  const market = new MarketLife(ledger, signerOfSeed(Buffer.from(keys.simulated, "hex")), log, Date.now);
  const trading = market.run(stop.signal);
  const report = setInterval(() => log.info(fleet.counts, "devices"), reportMs);

  async function beginAll(): Promise<void> {
    for (;;) {
      let wait = false;
      try {
        const { waiting, found } = await fleet.beginRegistered();
        if (waiting === 0) break;
        wait = found === 0;
      } catch (error) {
        if (!(error instanceof LedgerAwayError)) throw error;
        log.debug({ reason: error.message }, "waiting for the ledger");
        wait = true;
      }
      if (wait) await sleep(retryMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return;
    }
    log.info(fleet.counts, "all devices report");
  }

  return {
    facts: {
      gateways: fleet.gateways,
      ...(fleet.replayedMeter === null ? {} : { replay: file, meter: fleet.replayedMeter }),
    },
    close: async () => {
      stop.abort();
      clearInterval(report);
      await fleet.close();
      await begun;
      await trading;
    },
  };
});

function replayArgument(): string | undefined {
  try {
    return parseArgs({ options: { replay: { type: "string" } } }).values.replay;
  } catch (cause) {
    throw new SettingError((cause as Error).message, { cause });
  }
}
