// For tests: the whole API on a real socket, on a free port.

import { pino } from "pino";
import { type Clock, systemClock } from "../consensus/clock.ts";
import {
  makeTestFolder,
  openTestChain,
  type Person,
  removeTestFolder,
  type TestChain,
} from "../consensus/test-chain.ts";
import type { Message, Transaction } from "../protocol/transaction.ts";
import { createLedgerApi, type LedgerApiOptions } from "./app.ts";
import type { LedgerContext } from "./context.ts";
import { listen } from "./server.ts";

export interface TestServer {
  readonly url: string;
  readonly chain: TestChain;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Text is sent as it is, anything else as JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A signed transaction of this chain. */
  signed(by: Person, ...messages: Message[]): Promise<Transaction>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
  readonly body: any;
}

/** The API's clock may be another, such as one that stands, so that rate limits give nothing back. */
export async function startTestServer(
  clock: Clock = systemClock,
  more: Partial<Pick<LedgerContext, "log" | "options">> & LedgerApiOptions = {},
  chainClock: Clock = systemClock,
): Promise<TestServer> {
  const folder = await makeTestFolder();
  const chain = await openTestChain({ folder, clock: chainClock });
  const api = createLedgerApi({ ...chain, clock, log: pino({ level: "silent" }), ...more }, more);
  const server = await listen(api, "127.0.0.1", 0);
  await chain.engine.start();
  const answer = async (response: Response): Promise<Answer> => {
    const json = /json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: json ? await response.json() : await response.text(),
    };
  };
  return {
    url: server.url,
    chain,
    get: async (path, headers = {}) => answer(await fetch(server.url + path, { headers })),
    post: async (path, body, headers = {}) =>
      answer(
        await fetch(server.url + path, {
          method: "POST",
          body: typeof body === "string" ? body : JSON.stringify(body),
          headers: { "content-type": "application/json", ...headers },
        }),
      ),
    signed: (by, ...messages) => by.sign(chain.genesis.chain, chain.engine.height + 100, messages),
    close: async () => {
      await chain.engine.stop();
      await server.close();
      await chain.close();
      await removeTestFolder(folder);
    },
  };
}
