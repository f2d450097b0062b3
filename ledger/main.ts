// The ledger's process. `node ledger/main.ts` serves; `verify` replays the chain from genesis; `export` prints the state entries.
// A start that fails prints one line and ends with status 1.

import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type Logger, pino } from "pino";
import { type CityKeys, loadCityKeys } from "../settings/city-keys.ts";
import { readSettings, SettingError, type Settings } from "../settings/settings.ts";
import { loopbackProxies, parseTrustedProxies } from "../settings/trusted-proxies.ts";
import { loadCore, loadStateTree } from "../wasm-core/bindings/node.ts";
import { createLedgerApi } from "./api/app.ts";
import { Readiness } from "./api/readiness.ts";
import { type LedgerServer, listen } from "./api/server.ts";
import { systemClock } from "./consensus/clock.ts";
import type { EngineReport } from "./consensus/engine-report.ts";
import { type GenesisDocument, makeGenesis } from "./consensus/genesis.ts";
import { MempoolJournal } from "./consensus/mempool-journal.ts";
import { type OpenedChain, openChain, restoreApplication } from "./consensus/open-chain.ts";
import { replayChain } from "./consensus/replay.ts";
import { SoloEngine } from "./consensus/solo.ts";
import type { ValidatorSigner } from "./consensus/validator-signer.ts";
import type { Application } from "./modules/application.ts";
import { createApplication } from "./modules/city-application.ts";
import { fromHex, fromUtf8, hex } from "./protocol/bytes.ts";
import { toBase64 } from "./protocol/comet.ts";
import { verifyEd25519Batch, verifyEd25519Sync } from "./protocol/ed25519-node.ts";
import type { AppState } from "./protocol/genesis.ts";
import { verifyP256 } from "./protocol/p256-node.ts";
import { StoreError } from "./storage/store-error.ts";

/** One billion of money: fifty million welcome grants. */
const treasury = "1000000000000000";
const welcomeGrant = "20000000";
/** Lets the simulated households trade for years: ten thousand. */
const simulatedMoney = "10000000000";

async function main(command: string | undefined): Promise<void> {
  const settings = readSettings();
  switch (command) {
    case undefined:
      return serve(settings);
    case "verify":
      return verify(settings);
    case "export":
      return exportState(settings);
    default:
      throw new SettingError(`unknown command "${command}"; there are: verify, export, and none to serve`);
  }
}

async function serve(settings: Settings): Promise<void> {
  const log = pino({ name: "ledger", level: settings.logLevel });
  const chain = await open(settings);
  const readiness = new Readiness(systemClock, chain.store.folder);
  let server: LedgerServer | null = null;
  let ending: Promise<void> | null = null;
  const end = (status: number): Promise<void> => {
    ending ??= (async () => {
      process.exitCode = status;
      readiness.enter("shutting-down");
      // The block in progress finishes first, so that those who wait for it are answered before the server closes.
      await engine.stop();
      await server?.close();
      await chain.store.close();
      log.info("ended");
      process.exit(status);
    })();
    return ending;
  };
  const application = newApplication();
  const position = await restoreApplication(chain, application);
  const engine = new SoloEngine(
    {
      ...chain,
      application,
      clock: systemClock,
      heartbeatMs: settings.heartbeatSeconds * 1000,
      journal: new MempoolJournal(join(settings.data, "ledger", "mempool.journal"), (error) =>
        log.error({ err: error }, "the mempool's journal cannot be written; what waits will not survive a restart"),
      ),
      report: (report) => logReport(log, report),
      onFatal: (error) => {
        complain(error);
        void end(1);
      },
    },
    position,
  );
  engine.onBlock(({ height, results }) => {
    const transactions = results.ids.length;
    log[transactions > 0 ? "info" : "debug"]({ height, transactions, events: results.events.length }, "block");
  });
  const { metricsToken, logCallers } = settings;
  const trustedProxies = parseTrustedProxies(settings.trustedProxies);
  const options = {
    // The world's proxy runs on this machine.
    trustedProxies: (address: string): boolean => loopbackProxies(address) || trustedProxies(address),
    metricsToken,
    logCallers,
    readiness,
  };
  const api = createLedgerApi({ ...chain, application, engine, clock: systemClock, log, options });
  // The port comes before the first block: a second ledger on the same port must not make blocks that nobody can see.
  server = await listen(api, settings.host, settings.ledgerPort).catch((error: unknown) => {
    throw addressError(settings, error);
  });
  await engine.start();
  readiness.enter("serving");
  process.on("SIGTERM", () => void end(0));
  process.on("SIGINT", () => void end(0));
  log.info({ url: server.url, chain: chain.genesis.chain, height: engine.height }, "ready");
}

/** Replays all blocks from genesis on a fresh state machine and compares everything that was stored. */
async function verify(settings: Settings): Promise<void> {
  const chain = await open(settings);
  const report = await replayChain(chain.store, chain.builder, newApplication());
  await chain.store.close();
  process.stdout.write(`${JSON.stringify({ chain: chain.genesis.chain, ...report })}\n`);
  if (report.fault !== null) process.exitCode = 1;
}

/** One JSON line per state entry of the newest block, ascending by name. */
async function exportState(settings: Settings): Promise<void> {
  const chain = await open(settings);
  const out = createWriteStream("", { fd: 1 });
  for (const [name, value] of await chain.store.stateEntries())
    if (!out.write(`${JSON.stringify({ name, value: JSON.parse(fromUtf8(value)) })}\n`)) await once(out, "drain");
  out.end();
  await finished(out);
  await chain.store.close();
}

function open(settings: Settings): Promise<OpenedChain> {
  const keys = loadCityKeys(settings.data);
  return openChain(join(settings.data, "ledger"), loadCore(), (signer) => cityGenesis(settings, keys, signer));
}

function newApplication(): Application {
  return createApplication({
    hasher: loadCore(),
    newTree: loadStateTree,
    verify: verifyEd25519Sync,
    verifyAll: verifyEd25519Batch,
    verifyP256,
  });
}

function cityGenesis(settings: Settings, keys: CityKeys, signer: ValidatorSigner): GenesisDocument {
  const key = (seed: string): string => hex(ed25519.getPublicKey(fromHex(seed)));
  const appState: AppState = {
    accounts: [
      { key: key(keys.city), name: "City administration", roles: ["city"] },
      { key: key(keys.registrar), name: "City registrar", roles: ["registrar"] },
      { key: key(keys.twin), name: "City twin", roles: ["twin"] },
      { key: key(keys.simulated), name: "Simulated households", roles: ["simulated"], money: simulatedMoney },
    ],
    treasury,
    welcomeGrant,
    energy: { slotSeconds: settings.slotSeconds },
  };
  return makeGenesis({
    timeMs: systemClock.nowMs(),
    validator: { address: signer.address, publicKeyBase64: toBase64(signer.publicKey) },
    appState,
  });
}

function addressError(settings: Settings, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const where = `${settings.host}:${settings.ledgerPort}`;
  if (code === "EADDRINUSE")
    return new SettingError(`${where} is in use; stop what uses it or choose another port with GLASSTOWN_LEDGER_PORT`);
  if (code === "EACCES") return new SettingError(`${where}: this user may not listen there; choose a port above 1023`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new SettingError(`${settings.host} is no address of this machine; set GLASSTOWN_HOST`);
  return error as Error;
}

/** What a restart lost is worth a line each; what a flood pushes out would fill the log. */
function logReport(log: Logger, report: EngineReport): void {
  if (report.kind === "failed") log.error({ err: report.error }, report.what);
  else if (report.kind === "recovered") log.info(report, "the mempool is as it was when the ledger ended");
  else
    log[report.restart ? "warn" : "debug"](
      { id: report.id, refusal: report.refusal.name, params: report.refusal.params },
      "a waiting transaction was dropped",
    );
}

/** One line for what a person can mend; the whole stack for a bug. */
function complain(error: unknown): void {
  const expected = error instanceof SettingError || error instanceof StoreError;
  const text = expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`ledger: ${text}\n`);
}

main(process.argv[2]).catch((error: unknown) => {
  complain(error);
  process.exit(1);
});
