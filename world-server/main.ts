// Starts the world process: `npm run world`. Prints one JSON line an event, or one plain line when it cannot start.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { readSettings, SettingError } from "../settings/settings.ts";
import { parseTrustedProxies } from "../settings/trusted-proxies.ts";
import { parseWitnessUrls } from "../settings/witness-urls.ts";
import type { WorldManifest } from "../worlds/format/world.ts";
import { ensureWorld, WorldError } from "../worlds/locate.ts";
import { openWorld } from "./world-process.ts";

const root = join(import.meta.dirname, "..");

async function main(): Promise<void> {
  const settings = readSettings();
  const log = pino({ level: settings.logLevel, base: { part: "world" } });
  const folder = await ensureWorld({
    data: settings.data,
    world: settings.world,
    log: (line: string) => log.info(line),
  });
  const manifest = JSON.parse(await readFile(join(folder, "world.json"), "utf8")) as WorldManifest;
  // The parts are on this machine; 0.0.0.0 and :: mean every address of it, the loopback included.
  const host = settings.host === "0.0.0.0" || settings.host === "::" ? "127.0.0.1" : settings.host;
  const world = await openWorld({
    host: settings.host,
    port: settings.worldPort,
    ledger: { name: "ledger", ...ledgerAt(settings.ledgerUrl, host, settings.ledgerPort) },
    twin: { name: "twin", host, port: settings.twinPort },
    trustedProxies: parseTrustedProxies(settings.trustedProxies),
    witnesses: parseWitnessUrls(settings.witnesses),
    crowd: settings.crowd,
    client: join(root, "build/client"),
    world: { folder, manifest },
    log,
    nowMs: Date.now,
  });
  // The line that the supervisor waits for, whatever the log level.
  const facts = { host: settings.host, port: world.port, world: manifest.name };
  process.stdout.write(`${JSON.stringify({ level: 30, time: Date.now(), part: "world", ...facts, msg: "ready" })}\n`);

  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    if (ending) return;
    ending = true;
    log.info({ signal }, "closing");
    world.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "did not close cleanly");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  // A bug must not leave a half-working server behind: it ends, and the supervisor starts it anew.
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "unexpected error");
    process.exit(70);
  });
}

main().catch((error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE")
    console.error(`port ${readSettings().worldPort} is taken; free it or set GLASSTOWN_PORT to another one`);
  else if (error instanceof SettingError || error instanceof WorldError) console.error(message);
  else console.error(error);
  process.exit(1);
});

/** Where the world's proxy reaches the ledger. */
function ledgerAt(elsewhere: string, host: string, port: number): { readonly host: string; readonly port: number } {
  if (elsewhere === "") return { host, port };
  const url = new URL(elsewhere);
  return { host: url.hostname.replaceAll(/[[\]]/g, ""), port: Number(url.port || 80) };
}
