// Hands SensorThings requests to the reading process, one at a time. Bounds: 64 wait, 10 s a request, 512 MiB of heap; a
// process that takes longer is killed and replaced, and requests meet 503 until then. Not a thread: SQLite cannot be
// interrupted, and a thread would go on with a query over months of readings until it is through.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Logger } from "pino";
import { failure, type SensorThingsAnswer, type SensorThingsRequest } from "./answer.ts";

const waitingMax = 64;
const answerMsMax = 10_000;
/** Nothing of the parent's own, such as the watch over a supervisor. */
const flags = ["--disable-warning=ExperimentalWarning", "--max-old-space-size=512"];
/** Before a process that ended by itself is replaced, so that one that cannot start does not spin. */
const restartMs = 500;

interface Waiting {
  readonly request: SensorThingsRequest;
  readonly settle: (answer: SensorThingsAnswer) => void;
}

export class ReadService {
  readonly #dataFolder: string;
  readonly #log: Logger;
  readonly #answerMs: number;
  readonly #queue: Waiting[] = [];
  /** The process, and the same once it takes requests. */
  #process: ChildProcess | null = null;
  #worker: ChildProcess | null = null;
  #current: Waiting | null = null;
  #timer: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(dataFolder: string, log: Logger, answerMs: number = answerMsMax) {
    this.#dataFolder = dataFolder;
    this.#log = log;
    this.#answerMs = answerMs;
    this.#start();
  }

  read(request: SensorThingsRequest): Promise<SensorThingsAnswer> {
    if (this.#closed || this.#queue.length >= waitingMax) {
      return Promise.resolve(failure(503, "too many requests wait; try again in a moment"));
    }
    return new Promise((settle) => {
      this.#queue.push({ request, settle });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { settle } of this.#queue.splice(0)) settle(failure(503, "the twin is ending"));
    this.#settle(failure(503, "the twin is ending"));
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#process;
    if (child === null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  #start(): void {
    const worker = fork(new URL("./read-worker.ts", import.meta.url), [this.#dataFolder], { execArgv: flags });
    this.#process = worker;
    worker.on("message", (message) => {
      // Our own process, so its word is taken.
      const answer = message as "ready" | (SensorThingsAnswer & { readonly error?: string });
      // The clock of a request runs only in a process that has loaded.
      if (answer === "ready") {
        this.#worker = worker;
        return this.#next();
      }
      // A process that was given up may still have spoken.
      if (worker !== this.#worker) return;
      if (answer.error !== undefined) this.#log.error({ error: answer.error }, "SensorThings request failed");
      this.#settle(answer);
      this.#next();
    });
    const over = (): void => {
      if (this.#process !== worker) return;
      this.#process = null;
      this.#worker = null;
      this.#settle(failure(503, "the request was given up; ask for less"));
      if (this.#closed) return;
      this.#restart = setTimeout(() => {
        if (!this.#closed) this.#start();
      }, restartMs);
    };
    worker.on("error", (error) => {
      this.#log.error({ error: error.message }, "reading process failed");
      if (worker.pid === undefined) over();
    });
    worker.on("exit", over);
  }

  #next(): void {
    if (this.#worker === null || this.#current !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#current = next;
    this.#timer = setTimeout(() => this.#giveUp(), this.#answerMs);
    // When it cannot be sent the process is ending, which settles the request.
    this.#worker.send(next.request, () => undefined);
  }

  #giveUp(): void {
    this.#log.warn({ path: this.#current?.request.path.slice(0, 200) }, "SensorThings request took too long");
    this.#settle(failure(503, "the request took too long; ask for less"));
    for (const { settle } of this.#queue.splice(0)) settle(failure(503, "the twin is busy; try again in a moment"));
    const worker = this.#worker;
    this.#worker = null;
    worker?.kill("SIGKILL");
  }

  #settle(answer: SensorThingsAnswer): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const current = this.#current;
    this.#current = null;
    current?.settle(answer);
  }
}
