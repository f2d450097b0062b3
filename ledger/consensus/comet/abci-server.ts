// The socket on which CometBFT asks the application (ABCI 2.0, socket protocol). It opens four connections; each is answered in order,
// and one request is handled at a time over all of them. Who is let in commands the ledger: a socket of its user's alone, or loopback.

import { chmodSync } from "node:fs";
import { lstat, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import type { Request } from "cosmjs-types/tendermint/abci/types";
import { type Clock, systemClock } from "../clock.ts";
import { AbciConnection } from "./abci-connection.ts";
import type { AbciHandler } from "./abci-handler.ts";
import { answerTo, encoded, newTransactionOf } from "./abci-messages.ts";
import { RequestError } from "./abci-request.ts";
import { encodeCheckAnswer } from "./abci-results.ts";

const connectionsMax = 16;
const loopback = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

export type AbciAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface AbciServerOptions {
  readonly handler: AbciHandler;
  /** Called once when the handler failed: CometBFT has been told, and the process is to end. */
  readonly onFatal: (error: unknown) => void;
  /** A connection ended because of what came over it, or was not let in. */
  readonly onRefused: (reason: string) => void;
  readonly clock?: Clock;
}

export class AbciServer {
  readonly #options: AbciServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<AbciConnection>();
  /** The request under way, of whichever connection; each waits for the one before it. */
  #turn: Promise<unknown> = Promise.resolve();
  #failed = false;
  #closed: Promise<void> | null = null;

  private constructor(options: AbciServerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** @throws what the system says when the address cannot be listened on; EADDRINUSE when somebody listens there. */
  static async listen(address: AbciAddress, options: AbciServerOptions): Promise<AbciServer> {
    if ("path" in address) await removeStale(address.path);
    else if (!loopback.test(address.host)) throw new RangeError(`${address.host} is not of this machine alone`);
    const abci = new AbciServer(options);
    await new Promise<void>((resolve, reject) => {
      abci.#server.once("error", reject);
      abci.#server.once("listening", () => {
        // From now on only of one that could not be accepted, as when there are no file descriptors left.
        abci.#server.off("error", reject).on("error", ({ message }) => options.onRefused(message));
        resolve();
      });
      if ("path" in address) listenAlone(abci.#server, address.path);
      else abci.#server.listen(address);
    });
    return abci;
  }

  /** The port, where it listens on one. */
  get port(): number | null {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : null;
  }

  /** Requests under way are answered, those that wait are not begun; then all connections end. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const connections = [...this.#connections];
    for (const connection of connections) connection.stop();
    await this.#turn;
    await Promise.all(connections.map((connection) => connection.end()));
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#failed || this.#closed !== null || this.#connections.size >= connectionsMax) {
      if (this.#connections.size >= connectionsMax)
        this.#options.onRefused(`there are ${connectionsMax} connections already`);
      socket.on("error", () => undefined).destroy();
      return;
    }
    const connection = new AbciConnection(socket, {
      answer: (requests) => this.#inTurn(requests),
      onRefused: this.#options.onRefused,
      clock: this.#options.clock ?? systemClock,
    });
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
  }

  #inTurn(requests: readonly Request[]): Promise<readonly Uint8Array[]> {
    const answers = this.#turn.then(() => this.#answer(requests));
    this.#turn = answers.catch(() => undefined);
    return answers;
  }

  async #answer(requests: readonly Request[]): Promise<readonly Uint8Array[]> {
    const { handler, onFatal } = this.#options;
    const [first] = requests;
    if (first?.echo !== undefined) return [encoded({ echo: { message: first.echo.message } })];
    if (first?.flush !== undefined) return [encoded({ flush: {} })];
    const failure = (error: unknown): Uint8Array =>
      encoded({ exception: { error: error instanceof Error ? error.message : String(error) } });
    if (this.#failed) return requests.map(() => failure("the application has stopped"));
    try {
      const transactions = requests.map(newTransactionOf).filter((bytes) => bytes !== null);
      if (transactions.length === 0) return [await answerTo(handler, first!)];
      const answers = await handler.checkNew(transactions);
      if (answers.length !== transactions.length)
        throw new Error(`${transactions.length} transactions were checked with ${answers.length} answers`);
      return answers.map(encodeCheckAnswer);
    } catch (error) {
      // The handler was not asked.
      if (error instanceof RequestError) throw error;
      this.#failed = true;
      // After CometBFT was told.
      setImmediate(() => onFatal(error));
      return requests.map(() => failure(error));
    }
  }
}

/** Listens on a socket that none but this user can open, from its first moment on. */
function listenAlone(server: Server, path: string): void {
  // Only the main thread has a umask. Binding is synchronous: nothing else of ours is made under this one.
  const before = isMainThread ? process.umask(0o077) : null;
  try {
    server.listen({ path });
  } finally {
    if (before !== null) process.umask(before);
  }
  // Where binding failed there may be somebody else's.
  if (server.listening) chmodSync(path, 0o600);
}

/** Removes a socket that a process left behind. Where somebody listens it stays, and listening fails. */
async function removeStale(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null || !there.isSocket()) return;
  const isLeft = await new Promise<boolean>((resolve) => {
    const trial = connect(path);
    trial.once("connect", () => {
      trial.destroy();
      resolve(false);
    });
    // A queue that is full, or a socket that is not ours to open, has somebody who listens.
    trial.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED"));
  });
  if (isLeft) await rm(path, { force: true });
}
