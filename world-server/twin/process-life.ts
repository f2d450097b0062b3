// How the twin's processes start, fail and end: a JSON log line an event, one plain line for a failed start, SIGTERM ends cleanly.

import { type Logger, pino } from "pino";
import { readSettings, SettingError, type Settings } from "../../settings/settings.ts";

/** What a running process can be told. */
export interface Running {
  close(): Promise<void>;
}

/** Starts a process: prints `ready` with `facts`, or one line on stderr and exit code 1. */
export async function runProcess(
  name: string,
  start: (settings: Settings, log: Logger) => Promise<Running & { readonly facts: Readonly<Record<string, unknown>> }>,
): Promise<void> {
  try {
    const settings = readSettings();
    const log = pino({ name, level: settings.logLevel, base: { name } }, pino.destination({ sync: true }));
    const running = await start(settings, log);
    let ending = false;
    const end = (signal: string): void => {
      if (ending) return;
      ending = true;
      log.info({ signal }, "ending");
      running.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ error: (error as Error).message }, "did not end cleanly");
          process.exit(1);
        },
      );
    };
    process.on("SIGTERM", () => end("SIGTERM"));
    process.on("SIGINT", () => end("SIGINT"));
    // The line that the supervisor waits for, whatever the log level.
    process.stdout.write(`${JSON.stringify({ name, time: Date.now(), msg: "ready", ...running.facts })}\n`);
  } catch (error) {
    process.stderr.write(`${name}: ${startFailure(error)}\n`);
    process.exit(1);
  }
}

/** One line that a person can act on. */
function startFailure(error: unknown): string {
  const { code, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (error instanceof SettingError) return oneLine(message);
  if (code === "EADDRINUSE")
    return `port ${port} is in use; end the other program or choose another port (npm run help)`;
  if (code === "EACCES" && port !== undefined) return `port ${port} may not be opened; choose one above 1023`;
  if (code === "EADDRNOTAVAIL") return "GLASSTOWN_HOST is not an address of this machine";
  return oneLine(message);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").slice(0, 400);
}

/** Where this machine reaches a server that listens on `host`. */
export function reachedHost(host: string): string {
  const reached = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return reached.includes(":") ? `[${reached}]` : reached;
}

export function ledgerUrl({ host, ledgerPort, ledgerUrl: elsewhere }: Settings): string {
  if (elsewhere !== "") return elsewhere;
  return `http://${reachedHost(host)}:${ledgerPort}`;
}
