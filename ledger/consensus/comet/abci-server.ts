// The socket on which CometBFT asks the application (ABCI 2.0, socket protocol). It opens four connections; each is answered in order,
// and one request is handled at a time over all of them. Bounds: 16 connections, 1,000 requests waiting on one, then it is not read.

import { chmod, lstat, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { Request } from "cosmjs-types/tendermint/abci/types";
import { FrameReader, FramingError, framed } from "./abci-framing.ts";
import type { AbciHandler } from "./abci-handler.ts";
import { answerTo, encoded, newTransactionOf } from "./abci-messages.ts";

const connectionsMax = 16;
const waitingMax = 1_000;
/** New transactions that are checked together. */
const checkedTogetherMax = 128;

export type AbciAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface AbciServerOptions {
  readonly handler: AbciHandler;
  /** Called once when the handler failed: CometBFT has been told, and the process is to end. */
  readonly onFatal: (error: unknown) => void;
  /** A connection ended because of what came over it. */
  readonly onRefused: (reason: string) => void;
}

export class AbciServer {
  readonly #options: AbciServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<AbciConnection>();
  /** The request under way, of whichever connection; each waits for the one before it. */
  #turn: Promise<unknown> = Promise.resolve();
  #failed = false;

  private constructor(options: AbciServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @throws what the system says when the address cannot be listened on, or somebody listens there. */
  static async listen(address: AbciAddress, options: AbciServerOptions): Promise<AbciServer> {
    if ("path" in address) await removeStale(address.path);
    const abci = new AbciServer(options);
    await new Promise<void>((resolve, reject) => {
      abci.#server.once("error", reject);
      abci.#server.listen(address, () => {
        abci.#server.off("error", reject);
        resolve();
      });
    });
    if ("path" in address) await chmod(address.path, 0o600);
    return abci;
  }

  /** The port, where it listens on one. */
  get port(): number | null {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : null;
  }

  /** Requests under way are answered; then all connections end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([...this.#connections].map((connection) => connection.end()));
    await closed;
  }

  #accept(socket: Socket): void {
    if (this.#failed || this.#connections.size >= connectionsMax) {
      socket.destroy();
      return;
    }
    const connection = new AbciConnection(socket, {
      answer: (requests) => this.#inTurn(requests),
      onRefused: this.#options.onRefused,
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
      return (await handler.checkNew(transactions)).map((checkTx) => encoded({ checkTx }));
    } catch (error) {
      this.#failed = true;
      // After CometBFT was told.
      setImmediate(() => onFatal(error));
      return requests.map(() => failure(error));
    }
  }
}

interface ConnectionOptions {
  /** Answers one request, or several new transactions together. */
  readonly answer: (requests: readonly Request[]) => Promise<readonly Uint8Array[]>;
  readonly onRefused: (reason: string) => void;
}

class AbciConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader = new FrameReader();
  readonly #waiting: Request[] = [];
  #working: Promise<void> | null = null;
  #ended = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (part) => this.#take(part));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#ended = true;
      this.#waiting.length = 0;
    });
  }

  async end(): Promise<void> {
    this.#socket.pause();
    await this.#working;
    this.#ended = true;
    await new Promise<void>((resolve) => {
      if (this.#socket.destroyed) resolve();
      else this.#socket.end(() => resolve());
    });
    this.#socket.destroy();
  }

  #take(part: Uint8Array): void {
    try {
      for (const message of this.#reader.push(part)) this.#waiting.push(requestOf(message));
    } catch (error) {
      this.#options.onRefused(error instanceof Error ? error.message : String(error));
      this.#socket.destroy();
      return;
    }
    if (this.#waiting.length >= waitingMax) this.#socket.pause();
    this.#work();
  }

  #work(): void {
    if (this.#working !== null || this.#waiting.length === 0) return;
    this.#working = this.#answerAll().finally(() => {
      this.#working = null;
    });
  }

  async #answerAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#ended) {
      const answers = await this.#options.answer(this.#next());
      if (this.#waiting.length < waitingMax && this.#socket.isPaused()) this.#socket.resume();
      let room = true;
      for (const answer of answers) room = this.#socket.write(framed(answer));
      // Who does not read its answers is not read from either.
      if (!room && !this.#socket.destroyed)
        await new Promise<void>((resolve) => {
          this.#socket.once("drain", resolve).once("close", () => resolve());
        });
    }
  }

  /** The next request; with it those new transactions that came right behind one. */
  #next(): readonly Request[] {
    let count = 0;
    while (
      count < checkedTogetherMax &&
      count < this.#waiting.length &&
      newTransactionOf(this.#waiting[count]!) !== null
    )
      count++;
    return this.#waiting.splice(0, Math.max(1, count));
  }
}

/** @throws {FramingError} when the bytes are no request. */
function requestOf(message: Uint8Array): Request {
  try {
    const request = Request.decode(message);
    if (Object.values(request).some((member) => member !== undefined)) return request;
  } catch (cause) {
    throw new FramingError("a message that is no request", { cause });
  }
  throw new FramingError("a request of an unknown kind");
}

/** Removes a socket that a process left behind. Where somebody listens it stays, and listening fails. */
async function removeStale(path: string): Promise<void> {
  const there = await lstat(path).catch(() => null);
  if (there === null || !there.isSocket()) return;
  const isServed = await new Promise<boolean>((resolve) => {
    const trial = connect(path);
    trial.once("connect", () => {
      trial.destroy();
      resolve(true);
    });
    trial.once("error", () => resolve(false));
  });
  if (!isServed) await rm(path, { force: true });
}
