// A ledger for tests of the twin: real HTTP, real signature checks, the telemetry module's rules, one block a transaction.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fromHex, fromUtf8 } from "../../../ledger/protocol/bytes.ts";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { verifyEd25519Sync } from "../../../ledger/protocol/ed25519-node.ts";
import { type LogRecord, telemetryState } from "../../../ledger/protocol/telemetry-records.ts";
import {
  type Message,
  transactionId,
  transactionSchema,
  transactionSignBytes,
} from "../../../ledger/protocol/transaction.ts";

export class LedgerDouble {
  readonly state = new Map<string, unknown>();
  readonly anchors: LogRecord[] = [];
  readonly transactions: Message[][] = [];
  /** Requests answered with 503 while set. */
  away = false;
  /** Answer of /v1/energy/slots/current. */
  slot: unknown = null;
  lookups = 0;
  height = 1;
  readonly #seen = new Set<string>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const { status, body } = await this.#answer(request);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  registerDevice(device: string, key: string): void {
    this.state.set(telemetryState.device(device), { kind: "meter", key, registered: 1 });
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    if (this.away) return { status: 503, body: {} };
    if (request.url === "/v1/chain") {
      const time = new Date().toISOString();
      return { status: 200, body: { chain: "double-1", height: this.height, time, slotSeconds: 60 } };
    }
    if (request.url === "/v1/energy/slots/current" && this.slot !== null) return { status: 200, body: this.slot };
    if (request.url === "/" && request.method === "POST") return { status: 200, body: this.#query(JSON.parse(text)) };
    if (request.url === "/v1/transactions?wait=commit") return this.#submit(JSON.parse(text));
    return { status: 404, body: {} };
  }

  #query(call: { params: { data: string } }): unknown {
    this.lookups++;
    const value = this.state.get(fromUtf8(fromHex(call.params.data)));
    const encoded = value === undefined ? null : Buffer.from(canonicalText(value)).toString("base64");
    return { jsonrpc: "2.0", id: 1, result: { response: { code: 0, value: encoded, height: String(this.height) } } };
  }

  #submit(value: unknown): { status: number; body: unknown } {
    const { body, auth } = transactionSchema.parse(value);
    const id = transactionId(body);
    const signed = verifyEd25519Sync(fromHex(auth[0]!.key), transactionSignBytes(body), fromHex(auth[0]!.signature));
    if (!signed) return { status: 422, body: { code: 12, refusal: "transaction_signature_must_be_valid" } };
    if (this.#seen.has(id)) return { status: 409, body: { code: 8, refusal: "transaction_must_not_be_repeated" } };
    this.#seen.add(id);
    this.height++;
    this.transactions.push(body.messages);
    for (const message of body.messages) this.#apply(message);
    return { status: 200, body: { id, height: this.height, code: 0 } };
  }

  #apply(message: Message): void {
    if (message.type === "telemetry/register-device") this.registerDevice(message.device, message.key);
    if (message.type === "telemetry/anchor-log") {
      const { size, root, time } = message;
      this.anchors.push({ size, root, time });
      this.state.set(telemetryState.log, { size, root, time });
    }
  }
}
