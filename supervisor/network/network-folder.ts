// The folder of a local network: for each validator CometBFT's home and the ledger's data, one genesis for all. Made once; a network that
// is there is started as it is.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type GenesisDocument, makeGenesis } from "../../ledger/consensus/genesis.ts";
import type { AppState } from "../../ledger/protocol/genesis.ts";
import { accountIdOfKey } from "../../ledger/protocol/transaction.ts";

const run = promisify(execFile);

export const validatorsMax = 16;
const power = "10";
/** Bytes of a unix socket's path that Linux takes. */
const socketPathMax = 107;

export interface ValidatorPorts {
  readonly api: number;
  readonly rpc: number;
  readonly p2p: number;
  /** Used where the folder's path is too long for a unix socket. */
  readonly abci: number;
}

export interface ValidatorFolder {
  readonly name: string;
  /** CometBFT's home. */
  readonly home: string;
  /** The ledger's GLASSTOWN_DATA. */
  readonly data: string;
  readonly ports: ValidatorPorts;
  /** CometBFT's id of the node. */
  readonly nodeId: string;
}

export interface NetworkFolder {
  readonly chain: string;
  readonly validators: readonly ValidatorFolder[];
}

/** It is not as it must be; the message is one line. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

/** What each setting of CometBFT's config.toml becomes, where it is not CometBFT's own. */
const configuration: Readonly<Record<string, string>> = {
  // Every block changes the app hash (the history of headers is in the state), so CometBFT never waits for transactions: this is the pace.
  timeout_commit: '"1s"',
  timeout_propose: '"2s"',
  // The ledger has its own index, and is larger than what it lets wait.
  indexer: '"null"',
  size: "20000",
  cache_size: "40000",
  max_body_bytes: "4000000",
  addr_book_strict: "false",
  allow_duplicate_ip: "true",
  log_format: '"plain"',
};

/** Opens the network in a folder, making it if there is none. @throws {NetworkError} */
export async function openNetwork(options: {
  readonly folder: string;
  readonly comet: string;
  readonly count: number;
  readonly firstPort: number;
  readonly appState: AppState;
  readonly nowMs: number;
  /** Further lines of config.toml. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** Default: made up. */
  readonly chain?: string;
}): Promise<NetworkFolder> {
  const { folder, count, firstPort } = options;
  const names = Array.from({ length: count }, (_, index) => `validator${index + 1}`);
  const ports = names.map((_, index): ValidatorPorts => {
    const base = firstPort + index * 10;
    return { api: base + 1, rpc: base + 7, p2p: base + 6, abci: base + 8 };
  });
  const genesisFile = join(folder, "genesis.json");
  const known = await readFile(genesisFile, "utf8").catch(() => null);
  const genesis =
    known === null
      ? await make(options, names)
      : (JSON.parse(known) as Pick<GenesisDocument, "chain_id" | "validators">);
  if (genesis.validators.length !== count)
    throw new NetworkError(
      `${folder}: holds a network of ${genesis.validators.length} validators; start that many, or choose another folder with --data`,
    );
  const validators = await Promise.all(
    names.map(async (name, index) => {
      const home = join(folder, name, "comet");
      const { stdout } = await run(options.comet, ["show-node-id", "--home", home]).catch((error: Error) => {
        throw new NetworkError(`${home}: is damaged (${error.message.split("\n")[0]})`);
      });
      return { name, home, data: join(folder, name), ports: ports[index]!, nodeId: stdout.trim() };
    }),
  );
  return { chain: genesis.chain_id, validators };
}

/** The arguments of a validator's CometBFT. */
export function cometArguments(validator: ValidatorFolder, all: readonly ValidatorFolder[]): string[] {
  const { home, ports, name } = validator;
  const peers = all
    .filter((other) => other !== validator)
    .map((other) => `${other.nodeId}@127.0.0.1:${other.ports.p2p}`)
    .join(",");
  return [
    ...["node", "--home", home, "--moniker", name],
    ...["--proxy_app", abciAddress(validator)],
    ...["--rpc.laddr", `tcp://127.0.0.1:${ports.rpc}`],
    ...["--p2p.laddr", `tcp://127.0.0.1:${ports.p2p}`],
    ...["--p2p.persistent_peers", peers],
  ];
}

/** The settings of a validator's ledger. */
export function ledgerEnvironment(validator: ValidatorFolder): Record<string, string> {
  const { data, ports } = validator;
  return {
    GLASSTOWN_DATA: data,
    GLASSTOWN_LEDGER_PORT: String(ports.api),
    GLASSTOWN_CONSENSUS: "comet",
    GLASSTOWN_ABCI: abciAddress(validator),
    GLASSTOWN_COMET_RPC: `http://127.0.0.1:${ports.rpc}`,
  };
}

/** A unix socket, which nobody else may open; a port where the folder's path is too long for one. */
function abciAddress({ data, ports }: ValidatorFolder): string {
  const path = join(data, "ledger/abci.sock");
  return Buffer.byteLength(path) <= socketPathMax ? `unix://${path}` : `tcp://127.0.0.1:${ports.abci}`;
}

interface ValidatorKeyFile {
  readonly address: string;
  readonly pub_key: { readonly type: "tendermint/PubKeyEd25519"; readonly value: string };
}

/** Keys and homes first, the common genesis last: what was interrupted is made again. */
async function make(
  options: Parameters<typeof openNetwork>[0],
  names: readonly string[],
): Promise<Pick<GenesisDocument, "chain_id" | "validators">> {
  const { folder, comet, appState, nowMs, chain } = options;
  const keys: ValidatorKeyFile[] = [];
  for (const name of names) {
    const home = join(folder, name, "comet");
    await mkdir(home, { recursive: true, mode: 0o700 });
    const isThere = await access(join(home, "config/priv_validator_key.json")).then(
      () => true,
      () => false,
    );
    if (!isThere) await run(comet, ["init", "--home", home]);
    keys.push(JSON.parse(await readFile(join(home, "config/priv_validator_key.json"), "utf8")) as ValidatorKeyFile);
    await configure(join(home, "config/config.toml"), { ...configuration, ...options.configuration });
  }
  const operators = await Promise.all(names.map((name) => operatorKey(join(folder, name))));
  const [first] = keys;
  const made = makeGenesis({
    timeMs: nowMs,
    validator: { address: first!.address, publicKeyBase64: first!.pub_key.value },
    appState,
    ...(chain === undefined ? {} : { chain }),
  });
  const validators = keys.map(({ address, pub_key }, index) => ({ address, pub_key, power, name: names[index]! }));
  const genesis = { ...made, validators, app_state: withOperators(appState, validators, operators) };
  const text = `${JSON.stringify(genesis, null, 2)}\n`;
  for (const name of names) {
    await writeFile(join(folder, name, "comet/config/genesis.json"), text);
    await mkdir(join(folder, name, "ledger"), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, name, "ledger/genesis.json"), text);
  }
  await writeFile(join(folder, "genesis.json"), text);
  return genesis;
}

/** The account that speaks for each validator, in genesis; its key lies beside the validator's data. */
function withOperators(
  appState: AppState,
  validators: readonly {
    readonly pub_key: { readonly value: string };
    readonly power: string;
    readonly name: string;
  }[],
  operators: readonly string[],
): AppState {
  return {
    ...appState,
    accounts: [
      ...appState.accounts,
      ...operators.map((key, index) => ({ key, name: `Operator ${index + 1}`, roles: ["validator" as const] })),
    ],
    validators: validators.map(({ pub_key, power: own, name }, index) => ({
      key: Buffer.from(pub_key.value, "base64").toString("hex"),
      power: Number(own),
      name,
      account: accountIdOfKey(operators[index]!),
    })),
  };
}

/** Where a validator's operator keeps the seed (hex) that signs proposals and votes. */
export const operatorFile = (data: string): string => join(data, "operator.json");

/** The public key, hex; made when there is none. */
async function operatorKey(data: string): Promise<string> {
  const file = operatorFile(data);
  const known = await readFile(file, "utf8").catch(() => null);
  const seed = known === null ? randomBytes(32).toString("hex") : (JSON.parse(known) as { seed: string }).seed;
  if (known === null) await writeFile(file, JSON.stringify({ seed }), { mode: 0o600, flag: "wx" });
  return Buffer.from(ed25519.getPublicKey(Buffer.from(seed, "hex"))).toString("hex");
}

/** @throws {NetworkError} for a line that this CometBFT's file does not have. */
async function configure(file: string, lines: Readonly<Record<string, string>>): Promise<void> {
  let text = await readFile(file, "utf8");
  for (const [name, value] of Object.entries(lines)) {
    const line = new RegExp(`^${name} = .*$`, "m");
    if (!line.test(text))
      throw new NetworkError(`${file}: has no line "${name}"; is it that of CometBFT v0.38 or v0.39?`);
    text = text.replace(line, `${name} = ${value}`);
  }
  await writeFile(file, text);
}
