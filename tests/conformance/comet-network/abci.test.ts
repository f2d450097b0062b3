// A real CometBFT whose application is ours, over ABCI's socket: a small counter of values instead of the city, so that what is seen is the
// socket alone. Needs CometBFT on PATH or in $COMETBFT.

import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AbciHandler } from "../../../ledger/consensus/comet/abci-handler.ts";
import { AbciServer } from "../../../ledger/consensus/comet/abci-server.ts";
import { fakeHandler } from "../../../ledger/consensus/comet/test-abci.ts";
import { findCometbft, Network, type Node, until } from "./network.ts";

const cometbft = findCometbft();
const title = "a real CometBFT over ABCI";
const minute = 60_000;

/** Counts how often each word was in a block. What is finalized counts after the commit. */
class WordCounter {
  readonly calls: string[] = [];
  height = 0;
  words: ReadonlyMap<string, number> = new Map();
  #next: ReadonlyMap<string, number> = new Map();
  /** A block is not finalized before. */
  hold: Promise<void> = Promise.resolve();
  /** The word at which it fails. */
  readonly poison = "poison";

  hash(words = this.words, height = this.height): Uint8Array {
    return createHash("sha256")
      .update(JSON.stringify([height, [...words].sort(([a], [b]) => (a < b ? -1 : 1))]))
      .digest();
  }

  handler(): AbciHandler {
    const fake = fakeHandler(this.calls);
    const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
    const judge = (bytes: Uint8Array): { code: number; codespace: string; log: string } =>
      /^[a-z]{1,20}:\d{1,9}$/.test(textOf(bytes))
        ? { code: 0, codespace: "", log: "" }
        : { code: 4, codespace: "words", log: "a word, a colon and a number" };
    return {
      ...fake,
      info: () => ({
        ...fake.info(),
        lastBlockHeight: this.height,
        lastBlockAppHash: this.height === 0 ? new Uint8Array() : this.hash(),
      }),
      initChain: async (request) => {
        await fake.initChain(request);
        this.calls.push(
          `validators ${request.validators.map(({ power }) => power).join(" ")} from ${request.initialHeight}`,
        );
        return { appHash: this.hash() };
      },
      checkNew: async (transactions) => transactions.map(judge),
      checkAgain: judge,
      prepareProposal: ({ transactions }) => transactions,
      processProposal: ({ transactions, hash }) =>
        hash.length === 32 && transactions.every((bytes) => judge(bytes).code === 0),
      finalizeBlock: async (block) => {
        this.calls.push(`finalize ${block.height}`);
        await this.hold;
        const words = new Map(this.words);
        for (const bytes of block.transactions) {
          const [word] = textOf(bytes).split(":") as [string];
          if (word === this.poison) throw new Error("the counter met a word that it cannot count");
          words.set(word, (words.get(word) ?? 0) + 1);
        }
        this.#next = words;
        const results = block.transactions.map((bytes) => ({
          ...judge(bytes),
          data: bytes,
          events: [{ type: "counted", attributes: { word: textOf(bytes).split(":")[0]! } }],
        }));
        const appHash = this.hash(words, block.height);
        return { results, events: [], appHash, validatorUpdates: [], appVersion: null };
      },
      commit: async () => {
        this.words = this.#next;
        this.height++;
        return 0;
      },
      query: ({ data, height }) => ({
        code: 0,
        codespace: "",
        log: "",
        key: data,
        value: Buffer.from(String(this.words.get(textOf(data)) ?? 0)),
        height: height === 0 ? this.height : height,
        proof: null,
      }),
    };
  }
}

if (cometbft === null)
  describe.skip(`${title}: there is no cometbft on PATH or in $COMETBFT`, () => test("skipped", () => {}));
else
  describe.each(["unix", "tcp"])(`${title}, ${cometbft.version}, %s`, (kind) => {
    const counter = new WordCounter();
    const refusals: string[] = [];
    const fatal: unknown[] = [];
    let network: Network;
    let server: AbciServer | null = null;
    let node: Node;
    let folder = "";
    let path = "";
    let port = 0;

    const listen = async (): Promise<AbciServer> => {
      server = await AbciServer.listen(kind === "unix" ? { path } : { host: "127.0.0.1", port }, {
        handler: counter.handler(),
        onFatal: (error) => fatal.push(error),
        onRefused: (reason) => refusals.push(reason),
      });
      return server;
    };
    const send = (text: string): Promise<{ code: number; codespace: string; log: string }> =>
      node.rpc("broadcast_tx_sync", { tx: Buffer.from(text).toString("base64") });
    const count = async (word: string, height = "0"): Promise<{ code: number; log: string; value: string }> => {
      const { response } = await node.rpc<{ response: { code: number; log: string; value: string | null } }>(
        "abci_query",
        { data: Buffer.from(word).toString("hex"), height },
      );
      return { ...response, value: Buffer.from(response.value ?? "", "base64").toString() };
    };
    const counted = (word: string, times: number): Promise<void> =>
      until(`${times} times ${word}`, async () => (await count(word)).value === String(times));
    const finalized = (): number[] =>
      counter.calls.flatMap((call) => (call.startsWith("finalize ") ? [Number(call.slice(9))] : []));

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "glasstown-abci-"));
      path = join(folder, "abci.sock");
      port = (await listen()).port ?? 0;
      network = await Network.prepare({
        binary: cometbft.path,
        chain: "counter",
        powers: [10],
        nodes: 1,
        applications: [kind === "unix" ? `unix://${path}` : `tcp://127.0.0.1:${port}`],
      });
      node = network.nodes[0]!;
    }, 2 * minute);
    afterAll(async () => {
      await network?.close();
      await server?.close();
      rmSync(folder, { recursive: true });
    }, minute);

    test(
      "begins the chain again when CometBFT ended before the first block",
      async () => {
        let goOn = (): void => undefined;
        counter.hold = new Promise((resolve) => {
          goOn = resolve;
        });
        node.start();
        await until("the first block", () => Promise.resolve(finalized().length > 0));
        await node.stop();
        node.start();
        goOn();
        await network.reach(1);
        const begun = counter.calls.filter((call) => call.startsWith("initChain"));
        expect(begun).toEqual(["initChain counter", "initChain counter"]);
        expect(finalized().slice(0, 2)).toEqual([1, 1]);
        expect([refusals, fatal]).toEqual([[], []]);
      },
      2 * minute,
    );

    test(
      "makes blocks of what was checked",
      async () => {
        await network.reach(3);
        expect(counter.calls).toContain("validators 10 from 1");
        expect(await send("not a word")).toMatchObject({ code: 4, codespace: "words" });
        const sent = await Promise.all(Array.from({ length: 200 }, (_, i) => send(`house:${i}`)));
        expect(sent.every(({ code }) => code === 0)).toBe(true);
        await counted("house", 200);
        const heights = finalized().slice(1);
        expect(heights).toEqual(heights.map((_, i) => i + 1));
        expect([refusals, fatal]).toEqual([[], []]);
      },
      2 * minute,
    );

    test(
      "takes the application's hash, its results and its events",
      async () => {
        const height = counter.height;
        const { total_count } = await node.rpc<{ total_count: string }>("tx_search", { query: "counted.word='house'" });
        expect(total_count).toBe("200");
        await network.reach(height + 1);
        const { signed_header } = await node.rpc<{ signed_header: { header: { app_hash: string } } }>("commit", {
          height: "2",
        });
        // Of the first block: without a word.
        expect(signed_header.header.app_hash.toLowerCase()).toBe(
          Buffer.from(counter.hash(new Map(), 1)).toString("hex"),
        );
      },
      minute,
    );

    test(
      "goes on when strangers ask out of range",
      async () => {
        for (const height of ["9223372036854775807", "9007199254740992", "-1"]) {
          const { code, log } = await count("house", height).catch((error: Error) => ({ code: 1, log: error.message }));
          expect([code, log]).toEqual([1, expect.stringMatching(/height/)]);
        }
        await network.reach(counter.height + 1);
        expect([refusals, fatal]).toEqual([[], []]);
      },
      minute,
    );

    test(
      "ends and begins again: the chain goes on, and is not begun anew",
      async () => {
        const before = counter.height;
        await node.stop();
        node.start();
        await network.reach(before + 2);
        await send("street:1");
        await counted("street", 1);
        expect((await count("house")).value).toBe("200");
        expect(counter.calls.filter((call) => call.startsWith("initChain")).length).toBe(2);
        expect(fatal).toEqual([]);
      },
      2 * minute,
    );

    test(
      "goes on after the application's end and new beginning",
      async () => {
        await server!.close();
        // CometBFT ends itself when its application is gone; nobody waits for that here.
        await node.stop();
        const before = counter.height;
        await listen();
        node.start();
        await network.reach(before + 2);
        await send("garden:1");
        await counted("garden", 1);
        const heights = finalized();
        // At most the block that was under way was executed again.
        for (const [i, height] of heights.slice(1).entries()) expect([0, 1]).toContain(height - heights[i]!);
        expect(fatal).toEqual([]);
      },
      2 * minute,
    );

    test(
      "hears in words why its application stops, and makes no block more",
      async () => {
        const before = counter.height;
        await send(`${counter.poison}:1`);
        await until("the application to fail", async () => fatal.length > 0);
        expect(fatal).toEqual([new Error("the counter met a word that it cannot count")]);
        const log = join(node.home, "log.txt");
        await until("CometBFT's log", async () => readFileSync(log, "utf8").includes("a word that it cannot count"));
        expect(counter.height).toBeLessThanOrEqual(finalized().at(-1)! - 1);
        expect(counter.height).toBeGreaterThanOrEqual(before);
      },
      minute,
    );
  });
