// A whole city for tests: the real supervisor with its real processes on free ports and a temporary data folder.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ensureWorld } from "../../worlds/locate.ts";

const root = resolve(import.meta.dirname, "../..");

export interface RunningCity {
  readonly url: string;
  readonly ledgerUrl: string;
  readonly twinUrl: string;
  readonly data: string;
  /** The built world folder. */
  readonly world: string;
  /** Everything that the supervisor has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Ports that were free a moment ago; held until all are known, so that none comes twice. */
async function freePorts<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const held = await Promise.all(
    names.map(async (name) => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return { name, server, port: (server.address() as AddressInfo).port };
    }),
  );
  for (const { server } of held) await new Promise((closed) => server.close(closed));
  return Object.fromEntries(held.map(({ name, port }) => [name, port])) as Record<Name, number>;
}

/** Waits until a condition holds; the deadline is generous, because it only matters when something is broken. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  seconds = 240,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const value = await probe();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(
    `waited ${seconds} s for ${what}${last === undefined ? "" : `; last error: ${(last as Error).message}`}`,
  );
}

/**
 * Starts a city. The built world is shared between runs under build/test-data, everything else is fresh.
 * @param environment further settings, such as GLASSTOWN_SLOT_SECONDS.
 */
export async function startCity(
  environment: Readonly<Record<string, string>> = {},
  world = "default",
): Promise<RunningCity> {
  const built = await ensureWorld({ data: join(root, "build/test-data"), world });
  const data = mkdtempSync(join(tmpdir(), "glasstown-city-"));
  const ports = await freePorts("world", "ledger", "twin", "mqtt");
  let output = "";
  const child: ChildProcess = spawn(join(root, "node_modules/.bin/node"), ["supervisor/start.ts"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      GLASSTOWN_DATA: data,
      GLASSTOWN_WORLD: built,
      GLASSTOWN_PORT: String(ports.world),
      GLASSTOWN_LEDGER_PORT: String(ports.ledger),
      GLASSTOWN_TWIN_PORT: String(ports.twin),
      GLASSTOWN_MQTT_PORT: String(ports.mqtt),
      GLASSTOWN_ANCHOR_SECONDS: "3",
      GLASSTOWN_HEARTBEAT_SECONDS: "1",
      GLASSTOWN_SLOT_SECONDS: "30",
      ...environment,
    },
  });
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString("utf8")).slice(-200_000);
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    const code = await ended;
    rmSync(data, { recursive: true, force: true });
    if (code !== 0) throw new Error(`the city ended with ${code}:\n${output.slice(-4000)}`);
  };
  try {
    await until(
      "the city to open",
      () => {
        return child.exitCode !== null || output.includes("Glasstown is open");
      },
      180,
    );
    if (child.exitCode !== null) throw new Error(`the supervisor ended with ${child.exitCode}`);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${(error as Error).message}\n${output.slice(-4000)}`);
  }
  return {
    url: `http://localhost:${ports.world}`,
    ledgerUrl: `http://127.0.0.1:${ports.ledger}`,
    twinUrl: `http://127.0.0.1:${ports.twin}`,
    data,
    world: built,
    output: () => output,
    stop,
  };
}
