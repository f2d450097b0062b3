// A ledger in a process of its own, as `npm run ledger` starts it, over a folder with the bench's genesis.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { openChain } from "../../ledger/consensus/open-chain.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { benchGenesis } from "./ledger-city.ts";

const root = resolve(import.meta.dirname, "../..");

export interface ServerProcess {
  readonly port: number;
  /** Resident megabytes; null where the system does not tell. */
  residentMegabytes(): number | null;
  /** Processor milliseconds that it took so far; null where the system does not tell. */
  processorMs(): number | null;
  /** Ends it in order. */
  stop(): Promise<void>;
}

export async function startServer(data: string): Promise<ServerProcess> {
  // Writes the validator's key and the genesis, which the server then finds.
  const chain = await openChain(join(data, "ledger"), loadCore(), benchGenesis);
  await chain.store.close();
  const child = spawn(process.execPath, [...process.execArgv, join(root, "ledger/main.ts")], {
    cwd: root,
    env: { ...process.env, GLASSTOWN_DATA: data, GLASSTOWN_LEDGER_PORT: "0", GLASSTOWN_HOST: "127.0.0.1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const url = await new Promise<string>((found, failed) => {
    void ended.then(() => failed(new Error("the ledger ended before it was ready")));
    createInterface(child.stdout).on("line", (line) => {
      const entry = JSON.parse(line) as { msg?: string; url?: string; err?: unknown };
      if (entry.msg === "ready" && entry.url !== undefined) found(entry.url);
      if (entry.err !== undefined) console.error(line);
    });
  });
  return {
    port: Number(new URL(url).port),
    residentMegabytes: () => {
      try {
        const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1];
        return kilobytes === undefined ? null : Number(kilobytes) / 1024;
      } catch {
        return null;
      }
    },
    processorMs: () => {
      try {
        // Behind the name, which may hold anything, utime and stime are fields 14 and 15, in hundredths of a second.
        const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
        return 10 * (Number(fields[11]) + Number(fields[12]));
      } catch {
        return null;
      }
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
