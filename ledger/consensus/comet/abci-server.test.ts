import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckTxType } from "cosmjs-types/tendermint/abci/types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { framed } from "./abci-framing.ts";
import type { AbciHandler } from "./abci-handler.ts";
import { type AbciAddress, AbciServer } from "./abci-server.ts";
import { fakeHandler, type RequestMembers, requestBytes, TestPeer } from "./test-abci.ts";

const time = { seconds: 1_700_000_000n, nanos: 0 };
const hash = new Uint8Array(32).fill(1);
const text = (value: string): Uint8Array => Buffer.from(value);
const check = (value: string): RequestMembers => ({ checkTx: { tx: text(value), type: CheckTxType.NEW } });
const block = (height: number): RequestMembers => ({ finalizeBlock: { height: BigInt(height), hash, time } });

/** Pseudo-random numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/** A promise that is resolved from outside. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

let folder: string;
let address: { path: string };
let refusals: string[];
let fatal: unknown[];
let fatalCame: Promise<void>;
let servers: AbciServer[];
let peers: TestPeer[];
let onFatal: (error: unknown) => void;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "glasstown-abci-"));
  address = { path: join(folder, "abci.sock") };
  refusals = [];
  fatal = [];
  servers = [];
  peers = [];
  fatalCame = new Promise((resolve) => {
    onFatal = (error) => {
      fatal.push(error);
      resolve();
    };
  });
});
afterEach(async () => {
  for (const peer of peers) peer.socket.destroy();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

async function serve(handler: AbciHandler, at: AbciAddress = address): Promise<AbciServer> {
  const server = await AbciServer.listen(at, {
    handler,
    onFatal: (error) => onFatal(error),
    onRefused: (reason) => refusals.push(reason),
  });
  servers.push(server);
  return server;
}

async function meet(at: AbciAddress = address): Promise<TestPeer> {
  const peer = await TestPeer.connect(at);
  peers.push(peer);
  return peer;
}

describe("a connection", () => {
  it("is answered in the order of its requests, Flush after all before it", async () => {
    await serve(fakeHandler());
    const peer = await meet();
    peer.send({ echo: { message: "a" } }, { info: {} }, check("x"), check("y"), { flush: {} }, { commit: {} });
    peer.send({ echo: { message: "ä" } }, { flush: {} });
    const answers = await peer.take(8);
    const kinds = answers.map((answer) => Object.entries(answer).find(([, member]) => member !== undefined)?.[0]);
    expect(kinds).toEqual(["echo", "info", "checkTx", "checkTx", "flush", "commit", "echo", "flush"]);
    expect([answers[0]!.echo?.message, answers[6]!.echo?.message]).toEqual(["a", "ä"]);
  });

  it("is answered over loopback too, but nowhere else", async () => {
    const server = await serve(fakeHandler(), { host: "127.0.0.1", port: 0 });
    const peer = await meet({ host: "127.0.0.1", port: server.port! });
    expect((await peer.ask({ info: {} })).info?.data).toBe("fake");
    for (const host of ["0.0.0.0", "::", "192.168.1.1", "127.0.0.1.example.org"])
      await expect(serve(fakeHandler(), { host, port: 0 })).rejects.toThrow("not of this machine alone");
  });

  it("has its new transactions checked together, in order, and nothing else among them", async () => {
    const batches: string[][] = [];
    const first = gate();
    await serve({
      ...fakeHandler(),
      info: () => ({ data: "", version: "", appVersion: 1, lastBlockHeight: 0, lastBlockAppHash: new Uint8Array() }),
      commit: async () => {
        await first.opened;
        return 0;
      },
      checkNew: async (transactions) => {
        batches.push(transactions.map((bytes) => Buffer.from(bytes).toString()));
        return transactions.map((bytes) => ({ code: 0, codespace: "", log: Buffer.from(bytes).toString() }));
      },
    });
    const peer = await meet();
    const names = Array.from({ length: 300 }, (_, i) => `t${i}`);
    peer.send({ commit: {} }, ...names.slice(0, 200).map(check), { flush: {} }, ...names.slice(200).map(check));
    first.open();
    const answers = await peer.take(302);
    expect(answers.flatMap(({ checkTx }) => (checkTx === undefined ? [] : [checkTx.log]))).toEqual(names);
    expect(batches.flat()).toEqual(names);
    expect(Math.max(...batches.map(({ length }) => length))).toBe(128);
    // A Flush stands between 199 and 200.
    expect(batches.some((batch) => batch.includes("t199") && batch.includes("t200"))).toBe(false);
  });

  it(`sees one request handled at a time over all connections, whatever each takes (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const done: string[] = [];
    let under = 0;
    const slowly = async <T>(call: string, answer: T): Promise<T> => {
      expect(++under).toBe(1);
      for (let turns = Math.floor(random() * 20); turns > 0; turns--) {
        if (random() < 0.5) await Promise.resolve();
        else await new Promise((resolve) => setImmediate(resolve));
      }
      expect(under--).toBe(1);
      done.push(call);
      return answer;
    };
    const fake = fakeHandler();
    await serve({
      ...fake,
      checkNew: (transactions) =>
        slowly(
          "check",
          transactions.map((bytes) => ({ code: 0, codespace: "", log: Buffer.from(bytes).toString() })),
        ),
      query: (request) => {
        expect(under).toBe(0);
        return fake.query(request);
      },
      finalizeBlock: async (request) => slowly(`finalize ${request.height}`, await fake.finalizeBlock(request)),
      commit: async () => slowly("commit", await fake.commit()),
      loadSnapshotChunk: async (height) => slowly("load", Uint8Array.of(height)),
    });
    const [consensus, mempool, query, snapshot] = await Promise.all([meet(), meet(), meet(), meet()]);
    const rounds = 40;
    for (let i = 1; i <= rounds; i++) {
      consensus!.send(block(i), { commit: {} });
      for (let j = 0; j < 1 + random() * 5; j++) mempool!.send(check(`${i}.${j}`));
      mempool!.send({ flush: {} });
      query!.send({ query: { height: BigInt(i) } }, { echo: { message: String(i) } });
      snapshot!.send({ loadSnapshotChunk: { height: BigInt(i) } });
      if (random() < 0.3) await consensus!.take(i);
    }
    await consensus!.take(rounds * 2);
    const asked = await query!.take(rounds * 2);
    expect(asked.flatMap(({ query: answer, echo }) => String(answer?.height ?? echo?.message))).toEqual(
      Array.from({ length: rounds }, (_, i) => [String(i + 1), String(i + 1)]).flat(),
    );
    const chunks = await snapshot!.take(rounds);
    expect(chunks.map(({ loadSnapshotChunk }) => loadSnapshotChunk?.chunk[0])).toEqual(
      Array.from({ length: rounds }, (_, i) => i + 1),
    );
    expect(done.filter((call) => call !== "check" && call !== "load")).toEqual(
      Array.from({ length: rounds }, (_, i) => [`finalize ${i + 1}`, "commit"]).flat(),
    );
    expect(fatal).toEqual([]);
  });

  it("whose other side is gone in the middle of a request leaves the others as they were", async () => {
    const commit = gate();
    const calls: string[] = [];
    await serve({
      ...fakeHandler(calls),
      commit: async () => {
        await commit.opened;
        return 7;
      },
    });
    const [one, other] = await Promise.all([meet(), meet()]);
    one!.send({ commit: {} }, { info: {} });
    await one!.leave();
    const answer = other!.ask({ query: { height: 3n } });
    commit.open();
    expect((await answer).query?.height).toBe(3n);
    expect(calls).toContain("query 3");
    expect([refusals, fatal]).toEqual([[], []]);
  });
});

describe("what the handler throws", () => {
  it("is told to CometBFT in words, then ends the process once; nothing is asked any more", async () => {
    const calls: string[] = [];
    await serve({
      ...fakeHandler(calls),
      finalizeBlock: () => Promise.reject(new Error("the state's root is another")),
      checkAgain: () => {
        throw new Error("a second failure");
      },
    });
    const [one, other] = await Promise.all([meet(), meet()]);
    one!.send(block(1), { commit: {} });
    other!.send({ info: {} }, { checkTx: { tx: text("x"), type: CheckTxType.RECHECK } });
    const errors = (await one!.take(2)).map(({ exception }) => exception?.error);
    expect(errors).toContain("the application has stopped");
    const all = [...errors, ...(await other!.take(2)).map(({ exception }) => exception?.error)];
    await fatalCame;
    expect(fatal.length).toBe(1);
    expect(all).toContain((fatal[0] as Error).message);
    expect(calls.includes("commit")).toBe(false);
    // Who comes now is not let in.
    const late = await meet();
    await late.ended();
    expect(late.answers).toEqual([]);
  });

  it("from a check of several is told to each of them", async () => {
    await serve({ ...fakeHandler(), checkNew: () => Promise.resolve([]) });
    const peer = await meet();
    peer.send(check("a"), check("b"));
    for (const { exception } of await peer.take(2)) expect(exception?.error).toMatch(/checked with 0|has stopped/);
    await fatalCame;
    expect(fatal.length).toBe(1);
  });

  it("is not what the other side asked wrongly: that connection ends, in words, and the others go on", async () => {
    const calls: string[] = [];
    await serve(fakeHandler(calls));
    const [one, other] = await Promise.all([meet(), meet()]);
    one!.send({ finalizeBlock: { height: 2n ** 60n, hash, time } }, { commit: {} });
    const [answer] = await one!.take(1);
    expect(answer?.exception?.error).toMatch(/^height is 1152921504606846976/);
    await one!.ended();
    expect((await other!.ask({ info: {} })).info).toBeDefined();
    expect([one!.answers.length, refusals.length, fatal, calls]).toEqual([1, 1, [], ["info"]]);
  });
});

describe("hostile bytes", () => {
  it.each<[string, Uint8Array]>([
    ["a huge length", Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)],
    ["an empty request", Uint8Array.of(0)],
    ["an unknown kind", Uint8Array.of(2, 0x3a, 0)],
    ["rubbish", framed(new Uint8Array(1_000).fill(0xa5))],
    [
      "a request of HTTP",
      text("POST / HTTP/1.1\r\nHost: 127.0.0.1:26658\r\nContent-Type: text/plain\r\n\r\n".repeat(2)),
    ],
  ])("%s ends its connection, with one line", async (_, bytes) => {
    const calls: string[] = [];
    await serve(fakeHandler(calls));
    const [one, other] = await Promise.all([meet(), meet()]);
    one!.socket.write(bytes);
    one!.socket.write(bytes);
    one!.socket.write(framed(requestBytes({ commit: {} })));
    await one!.ended();
    expect((await other!.ask({ echo: { message: "still here" } })).echo?.message).toBe("still here");
    expect([refusals.length, calls, fatal]).toEqual([1, [], []]);
  });

  it("half a message, then nobody: one line", async () => {
    await serve(fakeHandler());
    const [one, other] = await Promise.all([meet(), meet()]);
    one!.socket.end(framed(requestBytes({ echo: { message: "half" } })).subarray(0, 4));
    await one!.ended();
    await other!.ask({ flush: {} });
    expect(refusals).toEqual(["the other side left in the middle of a message"]);
  });

  it(`ten thousand changed requests are answered or end their connection, and the application never fails (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    await serve(fakeHandler());
    const samples: readonly RequestMembers[] = [
      block(5),
      check("transaction"),
      { echo: { message: "hello" } },
      { initChain: { time, chainId: "c", initialHeight: 1n, validators: [{ pubKey: { ed25519: hash }, power: 3n }] } },
      { prepareProposal: { height: 3n, time, maxTxBytes: 1_000n, txs: [text("a"), text("b")] } },
      { processProposal: { height: 3n, time, hash, txs: [text("a"), text("b")] } },
      { query: { path: "/state", data: text("name"), height: 2n, prove: true } },
      { offerSnapshot: { snapshot: { height: 4n, format: 1, chunks: 2, hash }, appHash: hash } },
      { applySnapshotChunk: { index: 1, chunk: hash, sender: "peer" } },
    ];
    const pick = (below: number): number => Math.floor(random() * below);
    const changed = (): Uint8Array => {
      let bytes = framed(requestBytes(samples[pick(samples.length)]!));
      for (let times = 1 + pick(3); times > 0 && bytes.length > 0; times--) {
        const at = pick(bytes.length);
        const way = random();
        if (way < 0.6) bytes[at] = pick(256);
        else if (way < 0.8) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
        else if (way < 0.9) bytes = bytes.slice(0, at);
        else bytes = Buffer.concat([bytes.subarray(0, at), Uint8Array.of(pick(256)), bytes.subarray(at)]);
      }
      return bytes;
    };
    let total = 0;
    let ended = 0;
    for (; total < 10_000; ended++) {
      const peer = await TestPeer.connect(address);
      const count = 1 + pick(60);
      peer.socket.write(Buffer.concat(Array.from({ length: count }, changed)));
      total += count;
      // Whatever it is waiting for, it does not come.
      peer.socket.end();
      await peer.ended();
    }
    expect(fatal).toEqual([]);
    expect(refusals.length).toBeGreaterThan(ended / 4);
    expect(refusals.length).toBeLessThanOrEqual(ended);
    const peer = await meet();
    expect((await peer.ask({ info: {} })).info?.data).toBe("fake");
  });

  it("of a peer that does not read its answers: it is not read from either", async () => {
    let asked = 0;
    const big = new Uint8Array(100_000);
    await serve({
      ...fakeHandler(),
      loadSnapshotChunk: async () => {
        asked++;
        return big;
      },
    });
    const [deaf, other] = await Promise.all([meet(), meet()]);
    deaf!.socket.pause();
    const frame = framed(requestBytes({ loadSnapshotChunk: { height: 1n, format: 1, chunk: 0 } }));
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => frame));
    let taken = 0;
    // 2 MB of requests, whose answers are 20 GB.
    for (let i = 0; i < 20; i++) deaf!.socket.write(many, () => taken++);
    for (let i = 0; i < 200; i++) await other!.ask({ flush: {} });
    expect(asked).toBeLessThan(200);
    expect(taken).toBeLessThan(20);
    // When it reads it is answered again.
    deaf!.socket.resume();
    await deaf!.take(500);
    expect(deaf!.answers[499]!.loadSnapshotChunk?.chunk.length).toBe(100_000);
    expect([refusals, fatal]).toEqual([[], []]);
  });

  it("of a seventeenth connection: it is not let in", async () => {
    await serve(fakeHandler());
    const sixteen = await Promise.all(Array.from({ length: 16 }, () => meet()));
    await Promise.all(sixteen.map((peer) => peer.ask({ echo: { message: "here" } })));
    const one = await meet();
    await one.ended();
    expect(refusals).toEqual(["there are 16 connections already"]);
    await sixteen[0]!.leave();
    // The server hears of it when it comes to it.
    const letIn = async (): Promise<boolean> => {
      const next = await meet();
      next.send({ echo: { message: "let in" } });
      return (await next.take(1))[0]?.echo?.message === "let in";
    };
    let tries = 0;
    while (!(await letIn())) expect(tries++).toBeLessThan(1_000);
  });
});

describe("close", () => {
  it("answers what is under way, begins nothing that waits, and takes nobody any more", async () => {
    const [begun, goOn] = [gate(), gate()];
    const calls: string[] = [];
    const fake = fakeHandler(calls);
    const server = await serve({
      ...fake,
      commit: async () => {
        begun.open();
        await goOn.opened;
        return 4;
      },
    });
    const [one, other] = await Promise.all([meet(), meet()]);
    one!.send({ commit: {} }, { info: {} });
    await begun.opened;
    other!.send({ query: { height: 9n } });
    const closing = server.close();
    expect(server.close()).toBe(closing);
    goOn.open();
    await closing;
    await Promise.all([one!.ended(), other!.ended()]);
    expect(one!.answers.map(({ commit }) => commit?.retainHeight)).toEqual([4n]);
    expect(calls.includes("info")).toBe(false);
    await expect(TestPeer.connect(address)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });

  it("does not wait for ever for who does not take the answer", async () => {
    let cancelled = 0;
    const server = await AbciServer.listen(address, {
      handler: { ...fakeHandler(), loadSnapshotChunk: async () => new Uint8Array(5_000_000) },
      onFatal,
      onRefused: (reason) => refusals.push(reason),
      clock: {
        nowMs: () => 0,
        // The time is over as soon as one asks.
        after: (_, callback) => {
          setImmediate(callback);
          return () => cancelled++;
        },
      },
    });
    const deaf = await meet();
    deaf.socket.pause();
    deaf.send({ loadSnapshotChunk: { height: 1n } });
    const other = await meet();
    await other.ask({ flush: {} });
    await server.close();
    expect(cancelled).toBe(2);
  });
});

describe("the socket's file", () => {
  it("is its user's alone", async () => {
    const before = process.umask(0o002);
    try {
      await serve(fakeHandler());
      expect(statSync(address.path).mode & 0o777).toBe(0o600);
      expect(process.umask()).toBe(0o002);
    } finally {
      process.umask(before);
    }
  });

  it("is gone after close, and taken over when a killed process left it", async () => {
    const server = await serve(fakeHandler());
    await server.close();
    expect(() => statSync(address.path)).toThrow("ENOENT");
    // As after SIGKILL: bound, closed, and not removed.
    const script = `require("net").createServer().listen(${JSON.stringify(address.path)}, () => process.kill(process.pid, "SIGKILL"))`;
    expect(() => execFileSync(process.execPath, ["-e", script], { stdio: "ignore" })).toThrow();
    expect(statSync(address.path).isSocket()).toBe(true);
    await serve(fakeHandler());
    expect((await (await meet()).ask({ info: {} })).info?.data).toBe("fake");
  });

  it("stays with who listens on it", async () => {
    await serve(fakeHandler());
    await expect(serve(fakeHandler())).rejects.toThrow("EADDRINUSE");
    expect((await (await meet()).ask({ info: {} })).info?.data).toBe("fake");
    expect(statSync(address.path).mode & 0o777).toBe(0o600);
  });

  it("that is another file stays as it is", async () => {
    writeFileSync(address.path, "mine");
    chmodSync(address.path, 0o640);
    await expect(serve(fakeHandler())).rejects.toThrow("EADDRINUSE");
    expect(statSync(address.path)).toMatchObject({ size: 4 });
    expect(statSync(address.path).mode & 0o777).toBe(0o640);
  });

  it("of another server that was closed in between is free", async () => {
    const plain = createServer();
    await new Promise<void>((resolve) => plain.listen(address.path, resolve));
    await expect(serve(fakeHandler())).rejects.toThrow("EADDRINUSE");
    await new Promise((resolve) => plain.close(resolve));
    await serve(fakeHandler());
  });
});
