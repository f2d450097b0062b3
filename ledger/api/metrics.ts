// The figures of this node for Prometheus, in a registry of its own. Labels are few by construction: routes are patterns, methods
// those of HTTP, refusals those of the code. Sizes that must be asked for are asked at most once in ten seconds.

import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { CommittedBlock } from "../consensus/engine.ts";
import { buildInfo } from "./build-info.ts";
import type { LedgerContext } from "./context.ts";

const sizeEveryMs = 10_000;
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const methods = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

export class LedgerMetrics {
  readonly registry = new Registry();
  readonly #ledger: LedgerContext;
  readonly #requests: Counter<"method" | "route" | "status">;
  readonly #durations: Histogram<"method" | "route">;
  readonly #broken: Counter<"status">;
  readonly #limited: Counter<"route">;
  readonly #refusals: Counter<"refusal">;
  readonly #transactions: Counter<"outcome" | "refusal">;
  readonly #intervals: Histogram;
  readonly #blockBytes: Histogram;
  readonly #blockTransactions: Histogram;
  readonly #executing: Histogram;
  readonly #storing: Histogram;
  readonly #clients: Gauge<"kind">;
  #newestMs: number | null = null;
  #size: { atMs: number; bytes: Promise<number> } | null = null;

  constructor(ledger: LedgerContext) {
    this.#ledger = ledger;
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
      new Counter({ name, help, labelNames, registers });
    const histogram = <L extends string>(
      name: string,
      help: string,
      buckets: number[],
      labelNames: readonly L[] = [],
    ): Histogram<L> => new Histogram({ name, help, buckets, labelNames, registers });

    this.#requests = counter("ledger_http_requests_total", "HTTP requests answered", ["method", "route", "status"]);
    this.#durations = histogram("ledger_http_request_seconds", "Time until an answer began", seconds, [
      "method",
      "route",
    ]);
    this.#broken = counter("ledger_http_broken_total", "Requests that could not be read, or did not come in time", [
      "status",
    ]);
    this.#limited = counter("ledger_http_limited_total", "Requests refused by the rate limit", ["route"]);
    this.#refusals = counter(
      "ledger_refused_at_admission_total",
      "Transactions refused before a block, over REST and RPC",
      ["refusal"],
    );
    this.#transactions = counter("ledger_transactions_total", "Transactions in blocks made since the start", [
      "outcome",
      "refusal",
    ]);
    this.#intervals = histogram(
      "ledger_block_interval_seconds",
      "Time between the times of two blocks",
      [0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 15, 30, 60],
    );
    this.#blockBytes = histogram("ledger_block_bytes", "Size of encoded blocks", [1e3, 1e4, 1e5, 1e6, 4e6, 1e7]);
    this.#blockTransactions = histogram(
      "ledger_block_transactions",
      "Transactions a block",
      [0, 1, 10, 50, 100, 250, 500, 1_000, 2_500],
    );
    this.#executing = histogram("ledger_block_execute_seconds", "Executing a block and its new root", seconds);
    this.#storing = histogram("ledger_block_store_seconds", "Writing a block, synced to disk", seconds);
    this.#clients = new Gauge({
      name: "ledger_stream_clients",
      help: "Open streams of events",
      labelNames: ["kind"],
      registers,
    });
    for (const kind of ["sse", "websocket"]) this.#clients.set({ kind }, 0);
    this.#addReadGauges(registers);
  }

  request(method: string, route: string, status: number, duration: number): void {
    const known = methods.has(method) ? method : "other";
    this.#requests.inc({ method: known, route, status });
    this.#durations.observe({ method: known, route }, duration);
    if (status === 429) this.#limited.inc({ route });
  }

  /** Tells of the answers over HTTP that clients have not taken. */
  unsentBytes(read: () => number): void {
    new Gauge({
      name: "ledger_http_unsent_bytes",
      help: "Bytes of answers over HTTP that clients have not taken yet",
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** A request that never came to a route. */
  broken(status: number): void {
    this.#broken.inc({ status });
  }

  /** A transaction that was refused before it came to a block. */
  refusedAtAdmission(refusal: string): void {
    this.#refusals.inc({ refusal });
  }

  /** How many streams of a kind are open now. */
  streams(kind: "sse" | "websocket", count: number): void {
    this.#clients.set({ kind }, count);
  }

  block({ stored, results, timings }: CommittedBlock): void {
    const timeMs = Date.parse(stored.block.header.time);
    if (this.#newestMs !== null) this.#intervals.observe((timeMs - this.#newestMs) / 1000);
    this.#newestMs = timeMs;
    this.#blockBytes.observe(stored.size);
    this.#blockTransactions.observe(results.ids.length);
    this.#executing.observe(timings.executeMs / 1000);
    this.#storing.observe(timings.storeMs / 1000);
    for (const { code, refusal } of results.transactions)
      this.#transactions.inc({ outcome: code === 0 ? "applied" : "refused", refusal: code === 0 ? "" : refusal });
  }

  #addReadGauges(registers: Registry[]): void {
    const { engine, clock, store, options } = this.#ledger;
    const gauge = (name: string, help: string, read: () => number | null | Promise<number | null>): void => {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          const value = await read();
          this.set(value ?? Number.NaN);
        },
      });
    };
    gauge("ledger_height", "Height of the newest block", () => engine.height);
    gauge("ledger_history_first_height", "Earliest block whose header this node can prove", () =>
      store.firstInHistory(),
    );
    gauge("ledger_newest_block_age_seconds", "Age of the newest block made since the start", () =>
      this.#newestMs === null ? null : (clock.nowMs() - this.#newestMs) / 1000,
    );
    this.#addMempoolGauges(registers);
    this.#addStateGauges(registers);
    gauge("ledger_store_bytes", "Bytes of the store's files", () => this.#storeBytes(store.folder));
    gauge("ledger_disk_free_bytes", "Bytes that the ledger may still write", async () =>
      options?.readiness === undefined ? null : options.readiness.freeBytes(),
    );
    gauge(
      "ledger_evidence_pieces",
      "Proven evidence of validators' misbehaviour that is kept",
      () => (this.#ledger.evidence?.list() ?? []).length,
    );
    const info = new Gauge({
      name: "ledger_build_info",
      help: "Always 1; the labels say what runs",
      labelNames: ["version", "node", "chain"],
      registers,
    });
    info.set({ ...buildInfo, chain: this.#ledger.builder.genesis.chain }, 1);
  }

  #addMempoolGauges(registers: Registry[]): void {
    const { mempool } = this.#ledger.engine;
    for (const what of ["transactions", "bytes"] as const)
      new Gauge({
        name: `ledger_mempool_${what}`,
        help: `${what === "bytes" ? "Bytes of the transactions" : "Transactions"} that wait for a block, by lane`,
        labelNames: ["lane"],
        registers,
        collect() {
          const { lanes } = mempool.figures;
          for (const [lane, room] of Object.entries(lanes)) this.set({ lane }, room[what]);
        },
      });
  }

  #addStateGauges(registers: Registry[]): void {
    const { application } = this.#ledger;
    new Gauge({
      name: "ledger_state_entries",
      help: "Entries of the state",
      registers,
      collect() {
        this.set(application.usage().entries);
      },
    });
    new Gauge({
      name: "ledger_state_versions",
      help: "Versions of the state kept for proofs; fewer than blocks when memory is short",
      registers,
      collect() {
        this.set(application.usage().versions);
      },
    });
    new Gauge({
      name: "ledger_state_bytes",
      help: "Memory of the state: taken by the tree, in use in the tree, and of the names in order",
      labelNames: ["part"],
      registers,
      collect() {
        const { treeBytes, treeBytesInUse, nameBytes } = application.usage();
        this.set({ part: "tree" }, treeBytes);
        this.set({ part: "tree-in-use" }, treeBytesInUse);
        this.set({ part: "names" }, nameBytes);
      },
    });
  }

  #storeBytes(folder: string): Promise<number> {
    const nowMs = this.#ledger.clock.nowMs();
    if (this.#size === null || Math.abs(nowMs - this.#size.atMs) >= sizeEveryMs)
      this.#size = { atMs: nowMs, bytes: bytesOf(folder) };
    return this.#size.bytes;
  }
}

/** LevelDB removes files while they are counted; those count nothing. */
async function bytesOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
