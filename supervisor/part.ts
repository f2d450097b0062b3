// One part of the city as a process of its own: started, watched until it says "ready", started again when it dies.
// Limits: ready within three minutes, five deaths a minute, ten seconds to end before it is killed.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LogFile } from "./log-file.ts";
import { Repetitions, readableLine, saysReady } from "./log-line.ts";

const readyWithinMs = 180_000;
const endWithinMs = 10_000;
const deathsMax = 5;
const deathsWithinMs = 60_000;
const pausesMs = [500, 1000, 2000, 4000];
const complaintLengthMax = 4000;

export interface PartOptions {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: LogFile;
  /** Shows a line to the person at the terminal. */
  readonly show: (line: string) => void;
  /** The part died too often; the city cannot go on. */
  readonly onGiveUp: (line: string) => void;
  /** Whether a line says that it serves. Default: a line of JSON with the message "ready". */
  readonly isReady?: (line: string) => boolean;
  /** A line as people read it, null when it is not for them. Default: that of pino's JSON. */
  readonly readable?: (part: string, line: string) => string | null;
  /** Pauses before a new start, ms; the last one repeats. */
  readonly pauses?: readonly number[];
}

/** A part that could not be started. The message is what the part itself said, or one line about it. */
export class PartError extends Error {
  override readonly name = "PartError";
}

/** Signals that say more than their name. */
const signalWords: Partial<Record<NodeJS.Signals, string>> = {
  // Databases end so when what they read makes no sense.
  SIGABRT:
    "SIGABRT: its own code or its database gave up; `npm run ledger -- verify` says whether the ledger's files are damaged",
};

export class Part {
  readonly #options: PartOptions;
  readonly #deaths: number[] = [];
  readonly #repetitions = new Repetitions();
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #ending = false;
  #ready = false;

  constructor(options: PartOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it for the first time. @throws {PartError} when it ends before it is ready. */
  async start(): Promise<void> {
    await this.#launch(true);
  }

  /** Ends it; false when it had to be killed or said that it did not end well. */
  async stop(): Promise<boolean> {
    this.#ending = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return true;
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), endWithinMs);
    await this.#exited;
    clearTimeout(killer);
    // Before it was ready it may not have known yet what to do when asked to end.
    return child.exitCode === 0 || (!this.#ready && child.signalCode === "SIGTERM");
  }

  /** Ends it at once. */
  kill(): void {
    this.#ending = true;
    clearTimeout(this.#timer);
    this.#child?.kill("SIGKILL");
  }

  /** Resolves when it is ready. At the first start what it complains about is kept for the error. */
  #launch(first: boolean): Promise<void> {
    const { name, command, environment, log, show, isReady = saysReady, readable = readableLine } = this.#options;
    const [program, ...parameters] = command;
    // A process group of its own: Ctrl-C reaches the supervisor alone, which then ends the parts in order.
    const child = spawn(program, parameters, {
      env: { ...environment },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      detached: true,
    });
    this.#child = child;
    this.#ready = false;
    let ready = false;
    let complaints = "";
    const shown = (line: string | null): void => {
      const next = line === null ? null : this.#repetitions.next(line, Date.now());
      if (next !== null) show(next);
    };
    return new Promise((done, failed) => {
      const patience = setTimeout(() => {
        complaints = `${name} was not ready within ${readyWithinMs / 1000} s; see ${log.path}`;
        child.kill("SIGKILL");
      }, readyWithinMs);
      createInterface({ input: child.stdout! }).on("line", (line) => {
        log.append(line);
        if (!ready && isReady(line)) {
          ready = true;
          this.#ready = true;
          clearTimeout(patience);
          done();
        } else if (ready || !first) shown(readable(name, line));
      });
      createInterface({ input: child.stderr! }).on("line", (line) => {
        log.append(line);
        if (ready || !first) shown(readable(name, line));
        else if (complaints.length < complaintLengthMax) complaints += `${line}\n`;
      });
      this.#exited = new Promise((ended) => {
        let over = false;
        const end = (how: string): void => {
          if (over) return;
          over = true;
          clearTimeout(patience);
          this.#child = null;
          log.append(JSON.stringify({ time: Date.now(), msg: "ended", how }));
          if (!ready && first)
            failed(new PartError(complaints.trim() || `${name} ended (${how}) before it was ready; see ${log.path}`));
          else if (!this.#ending) this.#died(how);
          if (!first) done();
          ended();
        };
        child.once("error", (error) => end(error.message));
        // Not "exit": its last words are read before it counts as dead.
        child.once("close", (status, signal) =>
          end(signal === null ? `status ${status}` : (signalWords[signal] ?? signal)),
        );
      });
    });
  }

  #died(how: string): void {
    const { name, show, onGiveUp, log, pauses = pausesMs } = this.#options;
    const now = Date.now();
    this.#deaths.push(now);
    while (this.#deaths[0] !== undefined && now - this.#deaths[0] > deathsWithinMs) this.#deaths.shift();
    if (this.#deaths.length >= deathsMax) {
      this.#ending = true;
      onGiveUp(`${name} ended ${deathsMax} times within a minute (last: ${how}); giving up, see ${log.path}`);
      return;
    }
    const pause = pauses[Math.min(this.#deaths.length, pauses.length) - 1] ?? 1000;
    show(`${name} ended (${how}); starting it again`);
    this.#timer = setTimeout(() => {
      void this.#launch(false).then(() => {
        if (this.#child !== null && !this.#ending) show(`${name} is back`);
      });
    }, pause);
  }
}
