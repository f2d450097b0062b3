// A network of real CometBFT nodes as the light client's servers, by their RPC: it follows them through changes of validators, proves
// its way back to the first block, and sees a node's lie. Needs CometBFT on PATH or in $COMETBFT.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLightClient, type LightClient } from "../../../ledger/light/light-client.ts";
import type { Fetch } from "../../../ledger/light/server.ts";
import { memoryStore } from "../../../ledger/light/testing/fake-city.ts";
import type { ShownCheckpoint, Verdict } from "../../../ledger/light/verdict.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import type { SignedHeaderJson } from "./forge.ts";
import { findCometbft, Network, type Node, until } from "./network.ts";

const cometbft = findCometbft();
const title = "the light client of a real CometBFT network";
const minute = 60_000;

if (cometbft === null)
  describe.skip(`${title}: there is no cometbft on PATH or in $COMETBFT`, () => test("skipped", () => {}));
else
  describe(`${title}, ${cometbft.version}`, () => {
    let network: Network;
    let client: LightClient;

    const clientOf = (node: Node, get: Fetch = (url, init) => fetch(url, init)): LightClient =>
      createLightClient({
        core: loadCore(),
        fetch: get,
        now: () => Date.now(),
        store: memoryStore(),
        ledgerUrl: node.url,
        // Nobody's: a network of this kind has no telemetry.
        logUrl: "http://127.0.0.1:1",
      });
    const shown = (verdict: Verdict): ShownCheckpoint => {
      if (verdict.state !== "verified") throw new Error(JSON.stringify(verdict));
      return verdict.value as ShownCheckpoint;
    };
    const hashAt = async (node: Node, height: number): Promise<string> => {
      const { signed_header } = await node.rpc<{ signed_header: SignedHeaderJson }>("commit", {
        height: String(height),
      });
      return signed_header.commit.block_id.hash.toLowerCase();
    };
    const setAt = async (height: number): Promise<string> => {
      const set = await network.nodes[1]!.validators(height);
      return set.map(({ voting_power }) => voting_power).join(" ");
    };

    beforeAll(async () => {
      network = await Network.prepare({
        binary: cometbft.path,
        chain: "four-validators-live",
        powers: [10, 10, 12, 13],
        nodes: 4,
      });
      await network.start();
      await network.reach(3);
      client = clientOf(network.nodes[0]!);
    }, 2 * minute);
    afterAll(() => network?.close(), minute);

    test(
      "first contact: the newest block, verified by its four validators, and the first block as the fingerprint",
      async () => {
        const verdict = await client.checkpoint();
        const { chain, height, hash, genesis } = shown(verdict);
        expect(verdict).toMatchObject({ state: "verified", validators: 4 });
        expect([chain, hash]).toEqual([network.chain, await hashAt(network.nodes[2]!, height)]);
        expect(genesis).toBe(await hashAt(network.nodes[3]!, 1));
      },
      minute,
    );

    test(
      "through changes of power, a validator that goes and one that comes back",
      async () => {
        const [n0, n1, , n3] = network.nodes as [Node, Node, Node, Node];
        const before = shown(await client.checkpoint());
        const first = await setAt(before.height);
        for (const changes of [
          [[n3, 40]],
          [[n0, 0]],
          [
            [n0, 33],
            [n1, 0],
          ],
        ] as const) {
          const height = await n0.height();
          await network.setPowers(changes);
          await until("the new set", async () => (await setAt((await n0.height()) - 1)) !== (await setAt(height)));
          const { height: now, hash } = shown(await client.checkpoint());
          expect(now).toBeGreaterThan(height);
          expect(hash).toBe(await hashAt(network.nodes[2]!, now));
        }
        expect(await setAt(shown(await client.checkpoint()).height)).not.toBe(first);
        // Old blocks follow from new ones, whoever signed them.
        for (const height of [1, 2, before.height])
          expect(shown(await client.checkpoint(height)).hash).toBe(await hashAt(network.nodes[3]!, height));
      },
      2 * minute,
    );

    test(
      "a client that begins from an old checkpoint comes over the changes to the newest block, by another node",
      async () => {
        const { text } = shown(await client.checkpoint(2));
        const other = clientOf(network.nodes[2]!);
        expect(shown(await other.begin(text)).height).toBe(2);
        const { height, hash } = shown(await other.checkpoint());
        expect(height).toBeGreaterThan(10);
        expect(hash).toBe(await hashAt(network.nodes[1]!, height));
        expect((await other.compare(shown(await client.checkpoint()).text)).state).toBe("verified");
      },
      minute,
    );

    test(
      "a node that changes one character of a header, a signature or a power is seen through",
      async () => {
        const lies: readonly (readonly [RegExp, string])[] = [
          [/"app_hash":"./, '"app_hash":"F'],
          [/"signature":"[^"]{4}/, '"signature":"AAAA'],
          [/"voting_power":"\d+/, '"voting_power":"9'],
        ];
        for (const [truth, lie] of lies) {
          let told = 0;
          const lying: Fetch = async (url, init) => {
            const text = await (await fetch(url, init)).text();
            if (truth.test(text)) told++;
            return new Response(text.replace(truth, lie), { headers: { "content-type": "application/json" } });
          };
          const verdict = await clientOf(network.nodes[0]!, lying).checkpoint();
          expect([String(truth), told > 0, verdict.state]).toEqual([String(truth), true, "failed"]);
        }
      },
      minute,
    );
  });
