// Snapshots from one application to another, as CometBFT carries them, and everything that may be forged on the way.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadCore, loadStateTree } from "../../../wasm-core/bindings/node.ts";
import type { Application } from "../../modules/application.ts";
import { hex } from "../../protocol/bytes.ts";
import { makeTestFolder, newApplication, openTestChain, type TestChain } from "../test-chain.ts";
import type { AbciSnapshot } from "./abci-handler.ts";
import { StateSnapshots } from "./state-snapshots.ts";

const core = loadCore();
let folder: string;
let chain: TestChain;
let source: StateSnapshots;
let offered: AbciSnapshot;

const over = (application: Application, name: string): StateSnapshots =>
  new StateSnapshots({
    core,
    newTree: () => loadStateTree(),
    application,
    chain: chain.genesis.chain,
    everyBlocks: 1,
    folder: join(folder, name),
    onFault: (error) => {
      throw error;
    },
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "glasstown-snapshots-"));
  chain = await openTestChain({ folder: await makeTestFolder() });
  source = over(chain.application, "source");
  source.advance(chain.application.height);
  while (source.list().length === 0) await new Promise((resolve) => setImmediate(resolve));
  [offered] = source.list() as [AbciSnapshot];
});
afterEach(async () => {
  await chain.close();
  await rm(chain.folder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

/** One byte of a copy is another. */
const changed = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));

describe("snapshots", () => {
  test("bring the whole state, chunk by chunk, in any order and again", async () => {
    const target = newApplication();
    const snapshots = over(target, "target");
    expect(await snapshots.offer(offered, chain.application.appHash)).toBe("accept");
    const last = offered.chunks - 1;
    for (let index = last; index >= 0; index--) {
      const { verdict, whole } = await snapshots.apply(index, source.chunk(offered.height, 1, index), "a peer");
      expect(verdict.result).toBe("accept");
      expect(whole === null).toBe(index > 0);
      if (whole === null) continue;
      const root = await target.restore(chain.genesis.chain, whole.manifest.height, whole.entries());
      expect(hex(root)).toBe(hex(chain.application.appHash));
    }
    await snapshots.done();
    expect((await snapshots.apply(0, source.chunk(offered.height, 1, 0), "a peer")).verdict.result).toBe("abort");
  });

  test("are refused when they are of another state, form, count or hash", async () => {
    const snapshots = over(newApplication(), "target");
    const root = chain.application.appHash;
    expect(await snapshots.offer({ ...offered, format: 2 }, root)).toBe("reject-format");
    for (const forged of [
      { ...offered, height: offered.height + 1 },
      { ...offered, chunks: offered.chunks + 1 },
      { ...offered, hash: changed(offered.hash, 3) },
      { ...offered, metadata: changed(offered.metadata, offered.metadata.length >> 1) },
      { ...offered, metadata: new Uint8Array() },
    ])
      expect(await snapshots.offer(forged, root)).toBe("reject");
    expect(await snapshots.offer(offered, changed(root, 0))).toBe("reject");
    expect((await snapshots.apply(0, source.chunk(offered.height, 1, 0), "a peer")).verdict.result).toBe("abort");
  });

  test("a chunk that is not theirs is asked of another, and its sender not again", async () => {
    const snapshots = over(newApplication(), "target");
    await snapshots.offer(offered, chain.application.appHash);
    const chunk = source.chunk(offered.height, 1, 0);
    for (const forged of [changed(chunk, chunk.length >> 1), chunk.subarray(1), new Uint8Array()])
      expect(await snapshots.apply(0, forged, "a liar")).toEqual({
        verdict: { result: "retry", refetchChunks: [0], rejectSenders: ["a liar"] },
        whole: null,
      });
    expect((await snapshots.apply(0, chunk, "a peer")).verdict.result).toBe("accept");
  });

  test("what is not there is an empty chunk", () => {
    for (const [height, format, index] of [
      [offered.height + 1, 1, 0],
      [offered.height, 2, 0],
      [offered.height, 1, offered.chunks],
      [offered.height, 1, 2 ** 32 - 1],
    ] as const)
      expect(source.chunk(height, format, index)).toEqual(new Uint8Array());
  });
});
