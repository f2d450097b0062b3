// Every setting of every process: its name, environment variable, default and meaning.
// `npm run help` prints this table; nothing else in the project reads process.env.

import { parseTrustedProxies } from "./trusted-proxies.ts";
import { parseWitnessUrls } from "./witness-urls.ts";

interface SettingDeclaration {
  readonly variable: string;
  readonly fallback: string;
  readonly meaning: string;
}

export const settingDeclarations = {
  data: {
    variable: "GLASSTOWN_DATA",
    fallback: "./data",
    meaning: "folder that holds the ledger, the twin's store, keys and built worlds",
  },
  host: {
    variable: "GLASSTOWN_HOST",
    fallback: "127.0.0.1",
    meaning: "address on which the servers listen; 0.0.0.0 opens them to the network",
  },
  worldPort: { variable: "GLASSTOWN_PORT", fallback: "4000", meaning: "port of the page and of the rooms" },
  ledgerPort: { variable: "GLASSTOWN_LEDGER_PORT", fallback: "4001", meaning: "port of the ledger's API" },
  ledgerUrl: {
    variable: "GLASSTOWN_LEDGER_URL",
    fallback: "",
    meaning: "a ledger that runs elsewhere, such as http://localhost:4101; empty for this city's own",
  },
  twinPort: {
    variable: "GLASSTOWN_TWIN_PORT",
    fallback: "4002",
    meaning: "port of the twin's SensorThings API and telemetry log",
  },
  mqttPort: { variable: "GLASSTOWN_MQTT_PORT", fallback: "1883", meaning: "port of the twin's MQTT broker" },
  world: {
    variable: "GLASSTOWN_WORLD",
    fallback: "default",
    meaning: "the world: `default`, or a path to a CityJSON file or to a built world folder",
  },
  replay: {
    variable: "GLASSTOWN_REPLAY",
    fallback: "",
    meaning: "a household's CSV profile (Ausgrid form) that drives one smart meter; empty for none",
  },
  heartbeatSeconds: {
    variable: "GLASSTOWN_HEARTBEAT_SECONDS",
    fallback: "10",
    meaning: "seconds after which an empty block is made when there is nothing to do",
  },
  slotSeconds: {
    variable: "GLASSTOWN_SLOT_SECONDS",
    fallback: "60",
    meaning: "length of one energy market slot; written into genesis",
  },
  guardianDelaySeconds: {
    variable: "GLASSTOWN_GUARDIAN_DELAY_SECONDS",
    fallback: "86400",
    meaning: "shortest time that guardians must leave an owner to object to a recovery; written into genesis",
  },
  anchorSeconds: {
    variable: "GLASSTOWN_ANCHOR_SECONDS",
    fallback: "60",
    meaning: "seconds between two anchors of the telemetry log on the ledger",
  },
  consensus: {
    variable: "GLASSTOWN_CONSENSUS",
    fallback: "solo",
    meaning:
      "who orders the ledger's blocks: solo, the ledger itself, or comet, a CometBFT beside it and those of other validators",
  },
  abci: {
    variable: "GLASSTOWN_ABCI",
    fallback: "",
    meaning:
      "where the ledger waits for its CometBFT: unix:///a/path or tcp://127.0.0.1:26658; empty for abci.sock in the ledger's folder",
  },
  cometRpc: {
    variable: "GLASSTOWN_COMET_RPC",
    fallback: "http://127.0.0.1:26657",
    meaning: "RPC of the ledger's CometBFT",
  },
  snapshotBlocks: {
    variable: "GLASSTOWN_SNAPSHOT_BLOCKS",
    fallback: "300",
    meaning: "blocks from one snapshot of the state to the next, for validators that join (at most 400); 0 takes none",
  },
  ledgerKeepBlocks: {
    variable: "GLASSTOWN_LEDGER_KEEP_BLOCKS",
    fallback: "0",
    meaning: "newest blocks that the ledger keeps at least; older ones are removed as it runs; 0 keeps all",
  },
  ledgerStateMib: {
    variable: "GLASSTOWN_LEDGER_STATE_MIB",
    fallback: "4096",
    meaning:
      "memory that the ledger's state tree may take, in MiB (64 to 4096); when it is full, old versions for proofs go first",
  },
  // More than the week that devices have to deliver what they kept: until then a reading must be known as stored.
  keepDays: {
    variable: "GLASSTOWN_KEEP_DAYS",
    fallback: "30",
    meaning: "days that readings are kept (8 or more); hashes that prove them stay for good",
  },
  crowd: { variable: "GLASSTOWN_CROWD", fallback: "300", meaning: "number of simulated people in the streets" },
  deviceRate: {
    variable: "GLASSTOWN_DEVICE_RATE",
    fallback: "1",
    meaning: "how many times faster than normal the simulated devices report",
  },
  trustedProxies: {
    variable: "GLASSTOWN_TRUSTED_PROXIES",
    fallback: "",
    meaning:
      "addresses or networks (10.0.0.0/8, 2001:db8::1) of proxies before the city; without it all behind one share its limits",
  },
  witnesses: {
    variable: "GLASSTOWN_WITNESSES",
    fallback: "",
    meaning:
      "base URLs of this city's ledgers run by others, with commas (at most 8); pages compare each block with theirs unless told not to",
  },
  metricsToken: {
    variable: "GLASSTOWN_METRICS_TOKEN",
    fallback: "",
    meaning: "bearer token with which others than this machine may read the ledger's /metrics; empty for nobody",
  },
  logCallers: {
    variable: "GLASSTOWN_LOG_CALLERS",
    fallback: "network",
    meaning: "callers in the ledger's log: network (/24 or /48), hash (new key at each start) or none",
  },
  logLevel: { variable: "GLASSTOWN_LOG", fallback: "info", meaning: "fatal, error, warn, info, debug or silent" },
} as const satisfies Record<string, SettingDeclaration>;

type SettingName = keyof typeof settingDeclarations;

/** Settings as read; numbers are checked. */
export interface Settings {
  readonly data: string;
  readonly host: string;
  readonly worldPort: number;
  readonly ledgerPort: number;
  /** Empty, or `http://` with host and port. */
  readonly ledgerUrl: string;
  readonly twinPort: number;
  readonly mqttPort: number;
  readonly world: string;
  readonly replay: string;
  readonly heartbeatSeconds: number;
  readonly slotSeconds: number;
  readonly guardianDelaySeconds: number;
  readonly anchorSeconds: number;
  readonly consensus: "solo" | "comet";
  /** `unix://` and a path, `tcp://` and host and port, or empty. */
  readonly abci: string;
  readonly cometRpc: string;
  readonly snapshotBlocks: number;
  readonly ledgerKeepBlocks: number;
  readonly ledgerStateMib: number;
  readonly keepDays: number;
  readonly crowd: number;
  readonly deviceRate: number;
  /** Well-formed for `parseTrustedProxies`. Every setting is text or a number, so that one part can hand it to another. */
  readonly trustedProxies: string;
  /** Well-formed for `parseWitnessUrls`. */
  readonly witnesses: string;
  readonly metricsToken: string;
  readonly logCallers: "network" | "hash" | "none";
  readonly logLevel: string;
}

/** A setting that cannot be used; its message is one line that a person can act on. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}

/**
 * Reads the settings from an environment.
 * @throws {SettingError} naming the variable, what was found and what is allowed.
 */
export function readSettings(environment: Record<string, string | undefined> = process.env): Settings {
  const text = (name: SettingName): string =>
    environment[settingDeclarations[name].variable] ?? settingDeclarations[name].fallback;
  const number = (name: SettingName, min: number, max: number, integer: boolean): number => {
    const raw = text(name);
    const value = Number(raw);
    if (
      raw.trim() === "" ||
      !Number.isFinite(value) ||
      value < min ||
      value > max ||
      (integer && !Number.isInteger(value))
    ) {
      throw new SettingError(
        `${settingDeclarations[name].variable} is "${raw}", but must be ${integer ? "a whole number" : "a number"} from ${min} to ${max}`,
      );
    }
    return value;
  };
  const logLevel = text("logLevel");
  const levels = ["fatal", "error", "warn", "info", "debug", "silent"];
  if (!levels.includes(logLevel))
    throw new SettingError(`GLASSTOWN_LOG is "${logLevel}", but must be one of ${levels.join(", ")}`);
  const logCallers = (["network", "hash", "none"] as const).find((policy) => policy === text("logCallers"));
  if (logCallers === undefined)
    throw new SettingError(`GLASSTOWN_LOG_CALLERS is "${text("logCallers")}", but must be one of network, hash, none`);
  const consensus = (["solo", "comet"] as const).find((engine) => engine === text("consensus"));
  if (consensus === undefined)
    throw new SettingError(`GLASSTOWN_CONSENSUS is "${text("consensus")}", but must be solo or comet`);
  const abci = text("abci");
  if (abci !== "" && !/^(unix:\/\/\/.+|tcp:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d{1,5})$/.test(abci))
    throw new SettingError(
      `GLASSTOWN_ABCI is "${abci}", but must be unix:// and a path, or tcp://127.0.0.1: and a port: who is let in there commands the ledger`,
    );
  const cometRpc = text("cometRpc");
  if (!/^https?:\/\/[^/?#]+\/?$/.test(cometRpc) || !URL.canParse(cometRpc))
    throw new SettingError(
      `GLASSTOWN_COMET_RPC is "${cometRpc}", but must be an address such as http://127.0.0.1:26657`,
    );
  const ledgerUrl = text("ledgerUrl").replace(/\/$/, "");
  if (ledgerUrl !== "" && (!/^http:\/\/[^/?#@]+$/.test(ledgerUrl) || !URL.canParse(ledgerUrl)))
    throw new SettingError(
      `GLASSTOWN_LEDGER_URL is "${text("ledgerUrl")}", but must be an address such as http://localhost:4101`,
    );
  const metricsToken = text("metricsToken");
  if (metricsToken !== "" && !/^[\x21-\x7e]{16,200}$/.test(metricsToken))
    throw new SettingError("GLASSTOWN_METRICS_TOKEN must have 16 to 200 printable characters without spaces, or none");
  return {
    data: text("data"),
    host: text("host"),
    worldPort: number("worldPort", 0, 65535, true),
    ledgerPort: number("ledgerPort", 0, 65535, true),
    ledgerUrl,
    twinPort: number("twinPort", 0, 65535, true),
    mqttPort: number("mqttPort", 0, 65535, true),
    world: text("world"),
    replay: text("replay"),
    heartbeatSeconds: number("heartbeatSeconds", 0.2, 3600, false),
    slotSeconds: number("slotSeconds", 2, 86400, true),
    // Guardians may have at most 90 days.
    guardianDelaySeconds: number("guardianDelaySeconds", 0, 90 * 86400, true),
    anchorSeconds: number("anchorSeconds", 1, 3600, false),
    consensus,
    abci,
    cometRpc,
    snapshotBlocks: number("snapshotBlocks", 0, 400, true),
    ledgerKeepBlocks: number("ledgerKeepBlocks", 0, 1_000_000_000_000, true),
    ledgerStateMib: number("ledgerStateMib", 64, 4096, true),
    keepDays: number("keepDays", 8, 36500, true),
    crowd: number("crowd", 0, 1000, true),
    deviceRate: number("deviceRate", 0.01, 1000, false),
    trustedProxies: parsed("trustedProxies", text("trustedProxies"), parseTrustedProxies),
    witnesses: parsed("witnesses", text("witnesses"), parseWitnessUrls),
    metricsToken,
    logCallers,
    logLevel,
  };
}

/** The text of a setting that `parse` takes. */
function parsed(name: SettingName, raw: string, parse: (raw: string) => unknown): string {
  try {
    parse(raw);
    return raw;
  } catch (error) {
    throw new SettingError(`${settingDeclarations[name].variable}: ${(error as Error).message}`);
  }
}
