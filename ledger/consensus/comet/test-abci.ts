// The other side of ABCI's socket, and an application that only writes down what it is asked: for tests.

import { connect, type Socket } from "node:net";
import type { DeepPartial } from "cosmjs-types/helpers";
import { Request, Response } from "cosmjs-types/tendermint/abci/types";
import { FrameReader, framed } from "./abci-framing.ts";
import type { AbciHandler } from "./abci-handler.ts";
import type { AbciAddress } from "./abci-server.ts";

export type RequestMembers = DeepPartial<Request>;

export function requestBytes(members: RequestMembers): Uint8Array {
  return Request.encode(Request.fromPartial(members)).finish();
}

/** A connection as CometBFT opens it: sends without waiting, and takes answers in their order. */
export class TestPeer {
  readonly socket: Socket;
  readonly answers: Response[] = [];
  readonly #reader = new FrameReader();
  readonly #closed: Promise<void>;
  #told: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (part) => {
      for (const message of this.#reader.push(part)) this.answers.push(Response.decode(message));
      this.#told();
    });
    socket.on("error", () => undefined);
    this.#closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.#told();
        resolve();
      }),
    );
  }

  static async connect(address: AbciAddress): Promise<TestPeer> {
    const socket = "path" in address ? connect(address.path) : connect(address);
    const peer = new TestPeer(socket);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return peer;
  }

  send(...requests: readonly RequestMembers[]): void {
    this.socket.write(Buffer.concat(requests.map((request) => framed(requestBytes(request)))));
  }

  /** The first so many answers; fewer when the connection ends before. */
  async take(count: number): Promise<readonly Response[]> {
    while (this.answers.length < count && !this.socket.destroyed)
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    return this.answers;
  }

  async ask(request: RequestMembers): Promise<Response> {
    const before = this.answers.length;
    this.send(request);
    const answer = (await this.take(before + 1))[before];
    if (answer === undefined) throw new Error("the connection ended without an answer");
    return answer;
  }

  ended(): Promise<void> {
    return this.#closed;
  }

  async leave(): Promise<void> {
    this.socket.destroy();
    await this.#closed;
  }
}

/** Answers at once; `calls` says what was asked. Replace what a test is about. */
export function fakeHandler(calls: string[] = []): AbciHandler {
  const told = <T>(call: string, answer: T): T => {
    calls.push(call);
    return answer;
  };
  const passed = { code: 0, codespace: "", log: "" };
  const none = new Uint8Array();
  return {
    info: () => told("info", { data: "fake", version: "1", appVersion: 1, lastBlockHeight: 0, lastBlockAppHash: none }),
    initChain: async ({ chain }) => told(`initChain ${chain}`, { appHash: none }),
    checkNew: async (transactions) =>
      transactions.map((bytes) => told(`check ${Buffer.from(bytes).toString()}`, passed)),
    checkAgain: (bytes) => told(`again ${Buffer.from(bytes).toString()}`, passed),
    prepareProposal: ({ transactions }) => told("prepare", transactions),
    processProposal: ({ height }) => told(`process ${height}`, true),
    finalizeBlock: async ({ height, transactions }) =>
      told(`finalize ${height}`, {
        results: transactions.map(() => ({ ...passed, data: none, events: [] })),
        events: [],
        appHash: none,
        validatorUpdates: [],
        appVersion: null,
      }),
    commit: async () => told("commit", 0),
    query: ({ data, height }) =>
      told(`query ${height}`, { code: 0, codespace: "", log: "", key: data, value: none, height, proof: null }),
    listSnapshots: async () => told("list", []),
    offerSnapshot: async ({ height }) => told(`offer ${height}`, "accept" as const),
    loadSnapshotChunk: async (height) => told(`load ${height}`, none),
    applySnapshotChunk: async (index) => told(`apply ${index}`, { result: "accept" as const }),
  };
}
