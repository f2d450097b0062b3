// `npm run validators -- 4`: a network of so many validators on this machine, each a CometBFT and a ledger, kept running, their logs
// labelled, ended together. What goes wrong before it runs is one line and exit code 1.

import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cityAppState } from "../ledger/commands/city-genesis.ts";
import { loadCityKeys } from "../settings/city-keys.ts";
import { readSettings, SettingError } from "../settings/settings.ts";
import { LogFile } from "./log-file.ts";
import { CometMissing, ensureComet } from "./network/comet-binary.ts";
import { isReadyLine, shownLine } from "./network/comet-log.ts";
import {
  cometArguments,
  ledgerEnvironment,
  NetworkError,
  openNetwork,
  type ValidatorFolder,
  validatorsMax,
} from "./network/network-folder.ts";
import { Part, PartError } from "./part.ts";

const root = join(import.meta.dirname, "..");
const usage = "npm run validators -- [count] [--data FOLDER] [--port N]";
const help = `${usage}

Makes a network of validators on this machine, or starts the one that is in the folder: each a CometBFT and a ledger.
  count          how many, 1 to ${validatorsMax} (4); four go on when one fails
  --data FOLDER  where all of it is kept (GLASSTOWN_DATA); the network in its folder "network"
  --port N       the first port (4100): the validators' APIs are at N+1, N+11, N+21 and so on
CometBFT is the one that COMETBFT names, the one on PATH, or is built by Go. Ctrl-C ends the network.`;

const parts: Part[] = [];
let ending = false;

async function main(): Promise<void> {
  const { count, data, port } = argumentsOf(process.argv.slice(2));
  const environment = { ...process.env, ...(data === null ? {} : { GLASSTOWN_DATA: data }) };
  const settings = readSettings(environment);
  const folder = resolve(settings.data);
  const comet = await ensureComet(root, process.env, (line) => console.log(line));
  const network = await openNetwork({
    folder: join(folder, "network"),
    comet: comet.path,
    count,
    firstPort: port,
    appState: cityAppState(settings, loadCityKeys(folder)),
    nowMs: Date.now(),
  });
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onSignal);
  const partOf = (
    validator: ValidatorFolder,
    what: string,
    options: Pick<ConstructorParameters<typeof Part>[0], "command" | "environment" | "isReady" | "readable">,
  ): Part =>
    new Part({
      name: `${validator.name}/${what}`,
      log: new LogFile(join(folder, "network", validator.name, `${what}.log`)),
      show: (line) => console.log(line),
      onGiveUp: (line) => void end(1, line),
      ...options,
    });
  // A ledger waits for its CometBFT, never the other way round.
  for (const validator of network.validators) {
    const ledger = partOf(validator, "ledger", {
      command: [
        process.execPath,
        "--import",
        join(root, "supervisor/follow-parent.ts"),
        "--disable-warning=ExperimentalWarning",
        join(root, "ledger/main.ts"),
      ],
      environment: { ...environment, ...ledgerEnvironment(validator) },
    });
    parts.push(ledger);
    await ledger.start();
    if (ending) return;
  }
  const comets = network.validators.map((validator) =>
    partOf(validator, "comet", {
      command: [comet.path, ...cometArguments(validator, network.validators)],
      environment,
      isReady: isReadyLine,
      readable: shownLine,
    }),
  );
  parts.push(...comets);
  await Promise.all(comets.map((part) => part.start()));
  if (ending) return;
  console.log(`The network ${network.chain} runs: ${count} validators, CometBFT ${comet.version}.`);
  for (const { name, ports } of network.validators) console.log(`  ${name}  http://localhost:${ports.api}`);
  console.log(
    `A city on it: npm start -- --ledger http://localhost:${network.validators[0]!.ports.api}${data === null ? "" : ` --data ${data}`}`,
  );
  console.log(`Its data is in ${join(folder, "network")}; Ctrl-C ends it.`);
}

/** @throws {SettingError} */
function argumentsOf(values: readonly string[]): { count: number; data: string | null; port: number } {
  const options = {
    data: { type: "string" },
    port: { type: "string" },
    help: { type: "boolean", short: "h" },
  } as const;
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...values], options, strict: true, allowPositionals: true });
  } catch (cause) {
    throw new SettingError(`${(cause as Error).message.split(/\.\s/)[0]}; usage: ${usage}`, { cause });
  }
  if (parsed.values.help === true) {
    console.log(help);
    process.exit(0);
  }
  const [count = "4", extra] = parsed.positionals;
  if (extra !== undefined) throw new SettingError(`"${extra}" is one too many; usage: ${usage}`);
  return {
    count: whole("count", count, 1, validatorsMax),
    port: whole("--port", parsed.values.port ?? "4100", 1024, 65_000),
    data:
      parsed.values.data === undefined ? null : resolve(process.env["INIT_CWD"] ?? process.cwd(), parsed.values.data),
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new SettingError(`${name} is "${text}", but must be a whole number from ${min} to ${max}`);
  return value;
}

function onSignal(): void {
  if (ending) {
    for (const part of parts) part.kill();
    process.exit(130);
  }
  console.log("Closing …");
  void end(0);
}

/** Ends each CometBFT before the ledger that it asks, and then this process. */
async function end(status: number, line?: string): Promise<void> {
  if (ending) return;
  ending = true;
  if (line !== undefined) console.error(line);
  let result = status;
  const [ledgers, comets] = [
    parts.filter(({ name }) => name.endsWith("/ledger")),
    parts.filter(({ name }) => name.endsWith("/comet")),
  ];
  for (const group of [comets, ledgers])
    for (const [index, isClean] of (await Promise.all(group.map((part) => part.stop()))).entries()) {
      if (isClean) continue;
      console.error(`${group[index]!.name} did not end cleanly`);
      result = 1;
    }
  process.exit(result);
}

main().catch((error: unknown) => {
  if (ending) return;
  const known = [SettingError, PartError, NetworkError, CometMissing].some((kind) => error instanceof kind);
  void end(
    1,
    known ? (error as Error).message : error instanceof Error ? (error.stack ?? error.message) : String(error),
  );
});
