// Serves: opens the chain, brings the application to its newest block, listens, makes blocks, or takes CometBFT's, until it is told to end.

import type { Server } from "node:net";
import { join, resolve } from "node:path";
import { type Logger, pino } from "pino";
import { type CityKeys, loadCityKeys } from "../../settings/city-keys.ts";
import { readSettings, SettingError, type Settings } from "../../settings/settings.ts";
import { loopbackProxies, parseTrustedProxies } from "../../settings/trusted-proxies.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { StateTreeFull } from "../../wasm-core/bindings/state-tree.ts";
import { createLedgerApi } from "../api/app.ts";
import { Readiness } from "../api/readiness.ts";
import { type LedgerServer, listen } from "../api/server.ts";
import { systemClock } from "../consensus/clock.ts";
import type { EngineReport } from "../consensus/engine-report.ts";
import { type GenesisDocument, makeGenesis } from "../consensus/genesis.ts";
import { MempoolJournal } from "../consensus/mempool-journal.ts";
import { openChain, restoreApplication } from "../consensus/open-chain.ts";
import { SoloEngine } from "../consensus/solo.ts";
import type { ValidatorSigner } from "../consensus/validator-signer.ts";
import { EvidencePool } from "../evidence/evidence-pool.ts";
import { toBase64 } from "../protocol/comet.ts";
import { makeBackup } from "../storage/backup.ts";
import { Pruner } from "../storage/pruner.ts";
import { StoreError, storeErrorOf } from "../storage/store-error.ts";
import { serveAdmin } from "./admin-socket.ts";
import { chainFolderOf, newApplication } from "./chain.ts";
import { cityAppState } from "./city-genesis.ts";
import { UsageError } from "./command.ts";
import type { LedgerNode, NodeEvents } from "./ledger-node.ts";
import { openNetworkNode } from "./network-node.ts";

/** Runs until SIGTERM, SIGINT or a bug. */
export async function serve(settings: Settings): Promise<void> {
  const log = pino({ name: "ledger", level: settings.logLevel });
  const chainFolder = chainFolderOf(settings);
  let server: LedgerServer | null = null;
  let admin: Server | null = null;
  let ending: Promise<void> | null = null;
  const end = (status: number): Promise<void> => {
    ending ??= (async () => {
      process.exitCode = status;
      readiness.enter("shutting-down");
      // The block in progress finishes first, so that those who wait for it are answered before the server closes.
      await node.stop();
      await pruner?.stop();
      admin?.close();
      await server?.close();
      await node.store.close();
      log.info("ended");
      process.exit(status);
    })();
    return ending;
  };
  const events: NodeEvents = {
    log,
    journal: new MempoolJournal(join(chainFolder, "mempool.journal"), (error) =>
      log.error({ err: error }, "the mempool's journal cannot be written; what waits will not survive a restart"),
    ),
    report: (report) => logReport(log, report),
    onFatal: (error) => {
      complain(error);
      void end(1);
    },
  };
  const node = await (settings.consensus === "comet" ? openNetworkNode : openSoloNode)(settings, events);
  const { engine, store } = node;
  const readiness = new Readiness(systemClock, store.folder);
  const pruner =
    settings.ledgerKeepBlocks === 0
      ? null
      : new Pruner(store, chainFolder, settings.ledgerKeepBlocks, (error) =>
          log.error({ err: error }, "pruning ended"),
        );
  engine.onBlock(({ height, results }) => {
    pruner?.advance();
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
  const evidence = await EvidencePool.open({ ...node, log, clock: systemClock, folder: join(chainFolder, "evidence") });
  const api = createLedgerApi({ ...node, clock: systemClock, log, options, evidence });
  // The port comes before the first block: a second ledger on the same port must not make blocks that nobody can see.
  server = await listen(api, settings.host, settings.ledgerPort).catch((error: unknown) => {
    throw addressError(settings, error);
  });
  admin = await serveAdmin(resolve(chainFolder), async ({ folder, withKey }, progress) => {
    const report = await makeBackup({
      keyValue: store.keyValue,
      chainFolder,
      target: folder,
      withKey,
      nowMs: systemClock.nowMs(),
      progress,
    });
    log.info({ folder, height: report.height }, "backup");
    return { ...report };
  }).catch((error: unknown) => {
    log.warn({ err: error }, "no backup while running: the admin socket cannot be made");
    return null;
  });
  await node.start();
  readiness.enter("serving");
  process.on("SIGTERM", () => void end(0));
  process.on("SIGINT", () => void end(0));
  log.info({ url: server.url, chain: node.genesis.chain, height: engine.height }, "ready");
}

async function openSoloNode(settings: Settings, events: NodeEvents): Promise<LedgerNode> {
  const keys = loadCityKeys(settings.data);
  const chain = await openChain(chainFolderOf(settings), loadCore(), (signer) => cityGenesis(settings, keys, signer));
  const application = newApplication(settings);
  const position = await restoreApplication(chain, application);
  const engine = new SoloEngine(
    { ...chain, application, clock: systemClock, heartbeatMs: settings.heartbeatSeconds * 1000, ...events },
    position,
  );
  return { ...chain, application, engine, start: () => engine.start(), stop: () => engine.stop() };
}

function cityGenesis(settings: Settings, keys: CityKeys, signer: ValidatorSigner): GenesisDocument {
  return makeGenesis({
    timeMs: systemClock.nowMs(),
    validator: { address: signer.address, publicKeyBase64: toBase64(signer.publicKey) },
    appState: cityAppState(settings, keys),
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

/** One line for what a person can mend; the whole stack for a bug. */
export function complain(thrown: unknown): void {
  if (thrown instanceof StateTreeFull) {
    const { ledgerStateMib } = readSettings();
    process.stderr.write(
      `ledger: the state takes more memory than GLASSTOWN_LEDGER_STATE_MIB allows, which is ${ledgerStateMib}; raise it (4096 at most)\n`,
    );
    return;
  }
  const { syscall, path } = (thrown ?? {}) as NodeJS.ErrnoException;
  // What the system refuses, such as a file system that is read-only, is nobody's bug.
  const error = syscall === undefined ? thrown : storeErrorOf(path ?? syscall, thrown);
  const expected = error instanceof SettingError || error instanceof StoreError || error instanceof UsageError;
  const text = expected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`ledger: ${text}\n`);
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
