// The load on a ledger over HTTP/1.1: keep-alive connections that each send one request after the other. Plain sockets and a
// reader of just what the ledger answers, so that the cores that both share go to the ledger; the cost of the rest counts.

import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export class Connection {
  readonly #socket: Socket;
  #received = "";
  #answered: ((answer: Answer) => void) | null = null;
  #failed: ((error: Error) => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    const fail = (error?: Error): void => this.#failed?.(error ?? new Error("the ledger closed the connection"));
    socket.on("error", fail).on("close", () => fail());
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, "127.0.0.1");
    await new Promise((done, failed) => socket.once("connect", done).once("error", failed));
    return new Connection(socket);
  }

  /** Sends a request that `postOf` or `getOf` made. */
  request(bytes: Uint8Array): Promise<Answer> {
    return new Promise((answered, failed) => {
      this.#answered = answered;
      this.#failed = failed;
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#failed = null;
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const head = this.#received.indexOf("\r\n\r\n");
    if (head < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received.slice(0, head))?.[1];
    if (length === undefined) {
      this.#failed?.(new Error("an answer without a length"));
      return;
    }
    const end = head + 4 + Number(length);
    if (this.#received.length < end) return;
    const answer = { status: Number(this.#received.slice(9, 12)), body: this.#received.slice(head + 4, end) };
    this.#received = this.#received.slice(end);
    this.#answered?.(answer);
  }
}

export function postOf(path: string, body: Uint8Array): Uint8Array {
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

export function getOf(path: string): Uint8Array {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
}

const pollMs = 20;
const backOffMs = 50;

/** Height and transactions waiting. */
async function standing(connection: Connection): Promise<{ height: number; waiting: number }> {
  const chain = JSON.parse((await connection.request(getOf("/v1/chain"))).body) as { height: number };
  const pool = JSON.parse((await connection.request(getOf("/num_unconfirmed_txs"))).body) as {
    result: { total: string };
  };
  return { height: chain.height, waiting: Number(pool.result.total) };
}

export async function heightOf(port: number): Promise<number> {
  const connection = await Connection.open(port);
  const { height } = await standing(connection);
  connection.close();
  return height;
}

/** What a request of the load carries. */
export interface Load {
  readonly requests: readonly Uint8Array[];
  /** Transactions of all requests. */
  readonly transactions: number;
  readonly connections: number;
}

/** Milliseconds of each request, in the order of the answers. `whole` ends when nothing waits any more: all is in synced blocks. */
export async function send(port: number, load: Load): Promise<{ readonly wholeMs: number; readonly eachMs: number[] }> {
  const connections = await Promise.all(Array.from({ length: load.connections }, () => Connection.open(port)));
  const eachMs: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (let at = next++; at < load.requests.length; at = next++) {
        const sent = performance.now();
        let answer = await connection.request(load.requests[at]!);
        // Full: the caller does as it is told and comes again.
        while (answer.status === 503) {
          await new Promise((done) => setTimeout(done, backOffMs));
          answer = await connection.request(load.requests[at]!);
        }
        if (answer.status !== 200 && answer.status !== 202) throw new Error(`${answer.status}: ${answer.body}`);
        eachMs.push(performance.now() - sent);
      }
    }),
  );
  while ((await standing(connections[0]!)).waiting > 0) await new Promise((done) => setTimeout(done, pollMs));
  const wholeMs = performance.now() - started;
  for (const connection of connections) connection.close();
  return { wholeMs, eachMs };
}
