// A network of validators for tests: real CometBFT and ledger processes on loopback, in a temporary folder. Only what was started here is
// signalled or stopped.

import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, cpSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cityAppState } from "../../ledger/commands/city-genesis.ts";
import { loadCityKeys } from "../../settings/city-keys.ts";
import { readSettings } from "../../settings/settings.ts";
import {
  cometArguments,
  ledgerEnvironment,
  openNetwork,
  type ValidatorFolder,
} from "../../supervisor/network/network-folder.ts";

const root = join(import.meta.dirname, "../..");
const endWithinMs = 15_000;
const waitMs = 120_000;
const pollMs = 50;

/** As fast as a small machine makes them, with time for every vote to come in. */
const pace: Readonly<Record<string, string>> = {
  timeout_commit: '"200ms"',
  timeout_propose: '"1s"',
  timeout_prevote: '"500ms"',
  timeout_precommit: '"500ms"',
};

export interface ClusterOptions {
  readonly comet: string;
  readonly count: number;
}

/** What a ledger process is started with beside its settings. */
export interface LedgerExtras {
  /** A module that is loaded before the ledger, such as one that makes it fail. */
  readonly preload?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export class Program {
  readonly name: string;
  readonly logFile: string;
  readonly #spawn: (log: number) => ChildProcess;
  #process: ChildProcess | null = null;

  constructor(name: string, logFile: string, start: (log: number) => ChildProcess) {
    this.name = name;
    this.logFile = logFile;
    this.#spawn = start;
  }

  get runs(): boolean {
    const one = this.#process;
    return one !== null && one.exitCode === null && one.signalCode === null;
  }

  start(): void {
    if (this.runs) return;
    const log = openSync(this.logFile, "a");
    this.#process = this.#spawn(log);
    closeSync(log);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Resolves when the process is gone. */
  async ended(): Promise<void> {
    const one = this.#process;
    if (one !== null && this.runs) await new Promise((resolve) => one.once("exit", resolve));
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
  }

  /** Asks it to end, then makes it. */
  async stop(): Promise<void> {
    if (!this.runs) return;
    this.signal("SIGCONT");
    this.signal("SIGTERM");
    const harder = setTimeout(() => this.signal("SIGKILL"), endWithinMs);
    await this.ended();
    clearTimeout(harder);
  }

  get log(): string {
    return readFileSync(this.logFile, "utf8");
  }
}

export class ClusterNode {
  readonly folder: ValidatorFolder;
  readonly api: string;
  readonly rpc: string;
  readonly comet: Program;
  ledger: Program;
  readonly #ledgerWith: (extras: LedgerExtras) => Program;

  constructor(folder: ValidatorFolder, all: readonly ValidatorFolder[], cometPath: string) {
    this.folder = folder;
    this.api = `http://127.0.0.1:${folder.ports.api}`;
    this.rpc = `http://127.0.0.1:${folder.ports.rpc}`;
    this.comet = new Program(`${folder.name}/comet`, join(folder.data, "comet.log"), (log) =>
      spawn(cometPath, cometArguments(folder, all), { stdio: ["ignore", log, log] }),
    );
    this.#ledgerWith = ({ preload, environment = {} }) =>
      new Program(`${folder.name}/ledger`, join(folder.data, "ledger.log"), (log) =>
        spawn(
          process.execPath,
          [
            ...(preload === undefined ? [] : ["--import", preload]),
            "--disable-warning=ExperimentalWarning",
            join(root, "ledger/main.ts"),
          ],
          {
            env: {
              ...process.env,
              ...ledgerEnvironment(folder),
              GLASSTOWN_LOG: "info",
              GLASSTOWN_SNAPSHOT_BLOCKS: "10",
              ...environment,
            },
            stdio: ["ignore", log, log],
          },
        ),
      );
    this.ledger = this.#ledgerWith({});
  }

  /** Its next start is with these; it must not run. */
  ledgerWith(extras: LedgerExtras): void {
    this.ledger = this.#ledgerWith(extras);
  }

  start(): void {
    this.ledger.start();
    this.comet.start();
  }

  /** As an operator's supervisor does: whichever of the two has ended is started again. */
  async revive(): Promise<void> {
    // CometBFT ends by itself when its ledger is gone.
    if (!this.ledger.runs) await this.comet.stop();
    this.start();
  }

  async stop(): Promise<void> {
    await this.comet.stop();
    await this.ledger.stop();
  }

  /** Height that its ledger shows; 0 while it does not answer. */
  async height(): Promise<number> {
    const answer = await this.get<{ height: number }>("/v1/chain").catch(() => null);
    return answer?.height ?? 0;
  }

  /** @throws {Error} when the ledger does not answer 200. */
  async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.api}${path}`, { signal: AbortSignal.timeout(10_000) });
    if (answer.status !== 200) throw new Error(`${this.api}${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Block hash and the state root in its header, lower case. */
  async header(height: number): Promise<{ readonly hash: string; readonly appHash: string }> {
    const { result } = await this.get<{
      result: { signed_header: { header: { app_hash: string }; commit: { block_id: { hash: string } } } };
    }>(`/commit?height=${height}`);
    const { header, commit } = result.signed_header;
    return { hash: commit.block_id.hash.toLowerCase(), appHash: header.app_hash.toLowerCase() };
  }
}

export class Cluster {
  readonly folder: string;
  readonly chain: string;
  readonly nodes: readonly ClusterNode[];
  /** Seed of the city's registrar, hex. */
  readonly registrarSeed: string;

  readonly #comet: string;

  private constructor(
    folder: string,
    chain: string,
    nodes: readonly ClusterNode[],
    registrarSeed: string,
    comet: string,
  ) {
    this.#comet = comet;
    this.folder = folder;
    this.chain = chain;
    this.nodes = nodes;
    this.registrarSeed = registrarSeed;
  }

  /** Prepared; nothing runs yet. */
  static async prepare({ comet, count }: ClusterOptions): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), "glasstown-cluster-"));
    const keys = loadCityKeys(folder);
    const network = await openNetwork({
      folder: join(folder, "network"),
      comet,
      count,
      firstPort: await freePorts(count * 10),
      appState: cityAppState(readSettings({}), keys),
      nowMs: Date.now(),
      configuration: pace,
    });
    const nodes = network.validators.map((validator) => new ClusterNode(validator, network.validators, comet));
    return new Cluster(folder, network.chain, nodes, keys.registrar, comet);
  }

  /** A second node with this one's validator key and nothing else of it: it does not know what the first has signed. */
  twinOf(node: ClusterNode): ClusterNode {
    const from = node.folder;
    const data = `${from.data}-twin`;
    const home = join(data, "comet");
    cpSync(join(from.home, "config"), join(home, "config"), { recursive: true });
    rmSync(join(home, "config/node_key.json"));
    mkdirSync(join(home, "data"));
    writeFileSync(join(home, "data/priv_validator_state.json"), '{"height":"0","round":0,"step":0}');
    mkdirSync(join(data, "ledger"));
    cpSync(join(from.data, "ledger/genesis.json"), join(data, "ledger/genesis.json"));
    const { api, rpc, p2p, abci } = from.ports;
    const ports = { api: api + 1, rpc: rpc + 2, p2p: p2p - 1, abci: abci - 4 };
    const folders = this.nodes.map(({ folder }) => folder);
    return new ClusterNode({ ...from, name: `${from.name}-twin`, data, home, ports }, folders, this.#comet);
  }

  /** Starts all and waits for blocks. */
  async start(): Promise<void> {
    for (const node of this.nodes) node.start();
    await this.reach(2);
  }

  /** Waits until these nodes show the height. */
  async reach(height: number, nodes: readonly ClusterNode[] = this.nodes): Promise<void> {
    await Promise.all(
      nodes.map((node) => until(`${node.folder.name} at ${height}`, async () => (await node.height()) >= height)),
    );
  }

  /** The highest that any of them shows. */
  async newest(nodes: readonly ClusterNode[] = this.nodes): Promise<number> {
    return Math.max(...(await Promise.all(nodes.map((node) => node.height()))));
  }

  /** Waits until all show some blocks more than any shows now, and compares every header from a height on. Answers the common height. */
  async agree(from: number, more = 2, nodes: readonly ClusterNode[] = this.nodes): Promise<number> {
    const end = (await this.newest(nodes)) + more;
    await this.reach(end, nodes);
    const [first, ...others] = nodes;
    for (let height = Math.max(1, from); height <= end; height++) {
      const expected = await first!.header(height);
      for (const other of others) {
        const found = await other.header(height);
        if (found.hash !== expected.hash || found.appHash !== expected.appHash)
          throw new Error(
            `fork at ${height}: ${first!.folder.name} ${JSON.stringify(expected)}, ${other.folder.name} ${JSON.stringify(found)}`,
          );
      }
    }
    return end;
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Asks until it is so; an answer that fails counts as not yet. @throws {Error} after two minutes. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + waitMs;
  while (Date.now() < end) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** The first of so many ports in a row that were free a moment ago. Below those that the system gives to clients. */
async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = 10_000 + randomInt(2_000) * 10;
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`there are no ${count} free ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
