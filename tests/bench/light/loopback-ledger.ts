// A fake ledger on loopback for the light client's bench, for Node and for pages.

import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { FakeLedger } from "../../../ledger/light/testing/fake-ledger.ts";

interface Served {
  readonly status: number;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Serves a fake ledger; its answers are made once, so that what is measured is the client and the wire. */
export class LoopbackLedger {
  readonly #ledger: FakeLedger;
  readonly #answers = new Map<string, Promise<Served>>();

  constructor(ledger: FakeLedger) {
    this.#ledger = ledger;
  }

  /** Serves on a new port, so that no connection is left over from before, while the work lasts; counts bytes both ways. */
  async serve(work: (url: string) => Promise<void>): Promise<number> {
    const sockets: Socket[] = [];
    const server = createServer(async (request, response) => {
      const path = request.url!;
      const answer = this.#answers.get(path) ?? this.#answerTo(path);
      this.#answers.set(path, answer);
      const { status, type, bytes } = await answer;
      response.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
    });
    server.on("connection", (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const bytes = sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return bytes;
  }

  /** Serves pages of other origins until it is closed; every answer ends its connection, so that each is begun anew. */
  async open(): Promise<{ readonly url: string; close(): Promise<void> }> {
    const server = createServer(async (request, response) => {
      const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
      const { status, type, bytes } = await this.#answerTo(request.url!);
      response.writeHead(status, { ...cors, "content-type": type, connection: "close" }).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  async #answerTo(path: string): Promise<Served> {
    const response = await this.#ledger.fetch(path, { signal: new AbortController().signal });
    const type = response.headers.get("content-type") ?? "application/json";
    return { status: response.status, type, bytes: new Uint8Array(await response.arrayBuffer()) };
  }
}
