// A network of real CometBFT nodes on loopback, each with the built-in key-value application, in a temporary folder. Nothing is
// shared with other networks of the machine: free ports, one folder, and only processes that were started here are stopped.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ValidatorJson } from "../../../ledger/protocol/comet.ts";

/** The binary that $COMETBFT names, or the one on PATH; null when there is none that runs. */
export function findCometbft(): { readonly path: string; readonly version: string } | null {
  const path = process.env["COMETBFT"] ?? "cometbft";
  try {
    const version = execFileSync(path, ["version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return { path, version: version.split("+")[0]! };
  } catch {
    return null;
  }
}

export interface NetworkOptions {
  readonly binary: string;
  readonly chain: string;
  /** Power of each validator of the genesis; further nodes follow with none. */
  readonly powers: readonly number[];
  /** How many nodes there are, at least as many as powers. */
  readonly nodes: number;
  /** Address of each node's application, such as unix:///a/path; the built-in key-value application where there is none. */
  readonly applications?: readonly string[];
}

export interface NodeKey {
  readonly address: string;
  /** Base64 of 32 bytes. */
  readonly publicKey: string;
  /** Ed25519 seed. Of a network that lives for a minute. */
  readonly seed: Uint8Array;
}

/** Blocks as fast as a small machine makes them, and time for every vote to come in. */
const pace: Readonly<Record<string, string>> = {
  timeout_propose: "1s",
  timeout_propose_delta: "200ms",
  timeout_prevote: "300ms",
  timeout_prevote_delta: "200ms",
  timeout_precommit: "300ms",
  timeout_precommit_delta: "200ms",
  timeout_commit: "200ms",
  peer_gossip_sleep_duration: "10ms",
  flush_throttle_timeout: "10ms",
};

/** Does not wait for proposals nor for votes of others, so that it often votes for nothing. */
export const impatience: Readonly<Record<string, string>> = {
  timeout_propose: "1ms",
  timeout_propose_delta: "1ms",
  timeout_prevote: "1ms",
  timeout_prevote_delta: "1ms",
};

const rpcMsMax = 10_000;

export class Node {
  readonly home: string;
  readonly key: NodeKey;
  readonly url: string;
  readonly #start: () => ChildProcess;
  #process: ChildProcess | null = null;

  constructor(home: string, key: NodeKey, url: string, start: () => ChildProcess) {
    this.home = home;
    this.key = key;
    this.url = url;
    this.#start = start;
  }

  start(): void {
    this.#process ??= this.#start();
  }

  /** Stops the process and waits until it is gone. */
  async stop(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    const harder = setTimeout(() => running.kill("SIGKILL"), 5_000);
    running.kill("SIGTERM");
    await gone;
    clearTimeout(harder);
  }

  /** Changes lines of the configuration; they count from the next start. */
  configure(settings: Readonly<Record<string, string>>): void {
    const file = join(this.home, "config/config.toml");
    let text = readFileSync(file, "utf8");
    for (const [name, value] of Object.entries(settings)) {
      const line = new RegExp(`^${name} = ".*"$`, "m");
      if (!line.test(text)) throw new Error(`config.toml has no ${name}`);
      text = text.replace(line, `${name} = "${value}"`);
    }
    writeFileSync(file, text);
  }

  /** JSON-RPC. @throws {Error} with the node's own words when it answers an error. */
  async rpc<T>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(rpcMsMax),
    });
    const answer = (await response.json()) as { result?: T; error?: { message: string; data?: string } };
    if (answer.result === undefined)
      throw new Error(`${method}: ${answer.error?.message} ${answer.error?.data ?? "no result"}`);
    return answer.result;
  }

  async height(): Promise<number> {
    const { sync_info } = await this.rpc<{ sync_info: { latest_block_height: string } }>("status");
    return Number(sync_info.latest_block_height);
  }

  async validators(height: number): Promise<ValidatorJson[]> {
    const answer = await this.rpc<{ validators: ValidatorJson[] }>("validators", {
      height: String(height),
      per_page: "100",
    });
    return answer.validators;
  }

  /** Sends a transaction of the key-value application. @throws {Error} when it refuses. */
  async send(transaction: string): Promise<void> {
    const tx = Buffer.from(transaction).toString("base64");
    const { code, log } = await this.rpc<{ code: number; log: string }>("broadcast_tx_sync", { tx });
    if (code !== 0) throw new Error(`transaction refused: ${code} ${log}`);
  }
}

export class Network {
  readonly chain: string;
  readonly folder: string;
  readonly nodes: readonly Node[];
  #changes = 0;

  private constructor(chain: string, folder: string, nodes: readonly Node[]) {
    this.chain = chain;
    this.folder = folder;
    this.nodes = nodes;
  }

  /** Prepares the nodes' folders; nothing runs yet. */
  static async prepare({ binary, chain, powers, nodes, applications = [] }: NetworkOptions): Promise<Network> {
    const folder = mkdtempSync(join(tmpdir(), "glasstown-network-"));
    const run = (...args: string[]): string => execFileSync(binary, args, { encoding: "utf8" }).trim();
    run("testnet", "--v", String(nodes), "--o", folder, "--populate-persistent-peers=false");
    const homes = Array.from({ length: nodes }, (_, i) => join(folder, `node${i}`));
    const ports = await freePorts(nodes * 2);
    const keys = homes.map(readKey);
    const genesis = JSON.parse(readFileSync(join(homes[0]!, "config/genesis.json"), "utf8")) as object;
    const validators = powers.map((power, i) => ({
      address: keys[i]!.address,
      pub_key: { type: "tendermint/PubKeyEd25519", value: keys[i]!.publicKey },
      power: String(power),
      name: "",
    }));
    const text = JSON.stringify({ ...genesis, chain_id: chain, validators });
    const peers = homes.map((home, i) => `${run("show-node-id", "--home", home)}@127.0.0.1:${ports[i * 2]}`);
    const all = homes.map((home, i) => {
      writeFileSync(join(home, "config/genesis.json"), text);
      const node = new Node(home, keys[i]!, `http://127.0.0.1:${ports[i * 2 + 1]}`, () => {
        const log = openSync(join(home, "log.txt"), "a");
        const started = spawn(
          binary,
          [
            ...["node", "--home", home, "--proxy_app", applications[i] ?? "kvstore", "--log_level", "error"],
            ...["--p2p.laddr", `tcp://127.0.0.1:${ports[i * 2]}`, "--rpc.laddr", `tcp://127.0.0.1:${ports[i * 2 + 1]}`],
            ...["--p2p.persistent_peers", peers.filter((_, j) => j !== i).join(",")],
          ],
          { stdio: ["ignore", log, log] },
        );
        closeSync(log);
        return started;
      });
      node.configure(pace);
      return node;
    });
    return new Network(chain, folder, all);
  }

  /** Starts all nodes and waits for the first block. */
  async start(): Promise<void> {
    for (const node of this.nodes) node.start();
    await this.reach(1);
  }

  /** Waits until the node has this height. @throws {Error} when that takes a minute. */
  async reach(height: number, node: Node = this.nodes[0]!): Promise<void> {
    await until(`height ${height}`, async () => (await node.height()) >= height);
  }

  /** Makes a key a validator of this power, or none with power 0. The next block but one has the new set. */
  async setPower(of: Node, power: number): Promise<void> {
    await this.setPowers([[of, power]]);
  }

  /** Several at once, most likely in one block. */
  async setPowers(changes: readonly (readonly [Node, number])[]): Promise<void> {
    // The same transaction twice is refused; leading zeros make it another.
    const zeros = "0".repeat(this.#changes++);
    const transactions = changes.map(([of, power]) => `val=ed25519!${of.key.publicKey}!${zeros}${power}`);
    await Promise.all(transactions.map((transaction) => this.nodes[0]!.send(transaction)));
  }

  /** Stops what was started and removes the folder. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Asks until it is so; an answer that fails counts as not yet. @throws {Error} after a minute. */
export async function until(what: string, holds: () => Promise<boolean>, tries = 1_200): Promise<void> {
  for (let i = 0; i < tries; i++) {
    if (await holds().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain for ${what}`);
}

function readKey(home: string): NodeKey {
  const json = JSON.parse(readFileSync(join(home, "config/priv_validator_key.json"), "utf8")) as {
    address: string;
    pub_key: { value: string };
    priv_key: { value: string };
  };
  const seed = new Uint8Array(Buffer.from(json.priv_key.value, "base64")).subarray(0, 32);
  return { address: json.address, publicKey: json.pub_key.value, seed };
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
