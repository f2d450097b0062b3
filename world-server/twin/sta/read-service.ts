// Hands SensorThings requests to the reading thread, one at a time. Bounds: 64 wait, 10 s a request; a thread that takes
// longer is ended and replaced, and requests meet 503 until then.

import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import { failure, type SensorThingsAnswer, type SensorThingsRequest } from "./answer.ts";

const waitingMax = 64;
const answerMsMax = 10_000;
/** Before a thread that ended by itself is replaced, so that one that cannot start does not spin. */
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
  /** The thread, and the same once it takes requests. */
  #thread: Worker | null = null;
  #worker: Worker | null = null;
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
    await this.#thread?.terminate();
    if (this.#restart !== null) clearTimeout(this.#restart);
  }

  #start(): void {
    const worker = new Worker(new URL("./read-worker.ts", import.meta.url), { workerData: this.#dataFolder });
    this.#thread = worker;
    worker.on("message", (answer: "ready" | (SensorThingsAnswer & { readonly error?: string })) => {
      // The clock of a request runs only on a thread that has loaded.
      if (answer === "ready") {
        this.#worker = worker;
        return this.#next();
      }
      // A thread that was given up may still have spoken.
      if (worker !== this.#worker) return;
      if (answer.error !== undefined) this.#log.error({ error: answer.error }, "SensorThings request failed");
      this.#settle(answer);
      this.#next();
    });
    worker.on("error", (error) => this.#log.error({ error: (error as Error).message }, "reading thread failed"));
    worker.on("exit", () => {
      this.#worker = null;
      this.#settle(failure(503, "the request was given up; ask for less"));
      this.#restart = setTimeout(() => {
        if (!this.#closed) this.#start();
      }, restartMs);
    });
  }

  #next(): void {
    if (this.#worker === null || this.#current !== null) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#current = next;
    this.#timer = setTimeout(() => this.#giveUp(), this.#answerMs);
    this.#worker.postMessage(next.request);
  }

  #giveUp(): void {
    this.#log.warn({ path: this.#current?.request.path.slice(0, 200) }, "SensorThings request took too long");
    // The thread ends when SQLite comes back from the query; a new one starts then, so there is never more than one.
    this.#settle(failure(503, "the request took too long; ask for less"));
    for (const { settle } of this.#queue.splice(0)) settle(failure(503, "the twin is busy; try again in a moment"));
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
  }

  #settle(answer: SensorThingsAnswer): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const current = this.#current;
    this.#current = null;
    current?.settle(answer);
  }
}
