// A network of real CometBFT nodes as the light client's servers, by their RPC, one asked and three as witnesses: it follows them through
// changes of validators without a false alarm, proves its way back to the first block, sees a node's lies, and where validators sign two
// blocks it halts and the network takes its evidence into a block. Needs CometBFT on PATH or in $COMETBFT.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLightClient, type LightClient } from "../../../ledger/light/light-client.ts";
import type { Fetch } from "../../../ledger/light/server.ts";
import { memoryStore } from "../../../ledger/light/testing/fake-city.ts";
import type { ShownCheckpoint, Verdict } from "../../../ledger/light/verdict.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { type EvidenceValue, Forger, type SignedHeaderJson } from "./forge.ts";
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

    const clientOf = (
      node: Node,
      get: Fetch = (url, init) => fetch(url, init),
      witnesses: readonly string[] = [],
    ): LightClient =>
      createLightClient({
        core: loadCore(),
        fetch: get,
        now: () => Date.now(),
        store: memoryStore(),
        ledgerUrl: node.url,
        witnesses,
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
      const [primary, ...others] = network.nodes;
      client = clientOf(
        primary!,
        undefined,
        others.map(({ url }) => url),
      );
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

    test(
      "through all of this the three witnesses raised no alarm",
      async () => {
        expect((await client.checkpoint()).state).toBe("verified");
        expect(await client.attack()).toBeNull();
        const witnesses = await client.witnesses();
        expect(witnesses.map(({ name }) => name)).toEqual(network.nodes.slice(1).map(({ url }) => url));
        // A node may be a block behind the one that is asked.
        for (const { state } of witnesses) expect(["agrees", "behind"]).toContain(state);
        expect(witnesses.some(({ agreedHeight }) => (agreedHeight ?? 0) > 10)).toBe(true);
      },
      minute,
    );

    test(
      "two blocks of one height, both signed: the client halts, and the network takes its evidence into a block",
      async () => {
        const [n0, n1] = network.nodes as [Node, Node];
        const keys = network.nodes.map(({ key }) => key);
        const forger = new Forger(loadCore(), network.chain, keys);
        let forged: SignedHeaderJson | null = null;
        const lying: Fetch = async (url, init) => {
          if (forged !== null && url.startsWith(`${n0.url}/commit`))
            return Response.json({ jsonrpc: "2.0", id: -1, result: { signed_header: forged, canonical: true } });
          return fetch(url, init);
        };
        const victim = clientOf(n0, lying, [n1.url]);
        expect((await victim.checkpoint()).state).toBe("verified");
        const height = (await n0.height()) + 1;
        await network.reach(height + 1, n1);
        await network.reach(height + 1);
        const { signed_header } = await n0.rpc<{ signed_header: SignedHeaderJson }>("commit", {
          height: String(height),
        });
        const validators = await n0.validators(height);
        const { header, commit } = forger.block(
          { ...signed_header, validators },
          validators,
          signed_header.commit.round,
          {
            data_hash: "AB".repeat(32),
          },
        );
        forged = { header, commit };
        // The newest header is asked for again after half a second.
        await until("the client to halt", async () => (await victim.checkpoint()).state === "failed");
        expect(await victim.checkpoint()).toMatchObject({ state: "failed", reason: "sources_must_agree" });
        const attack = await victim.attack();
        expect(attack).toMatchObject({ chain: network.chain, kind: "equivocation" });
        expect(attack!.signedBoth.length).toBeGreaterThan(0);
        expect(attack!.reports.filter(({ to, accepted }) => to === n1.url && accepted).length).toBeGreaterThan(0);
        const included = new Set<string>();
        await until("blocks with the evidence", async () => {
          for (let at = height; at <= (await n1.height()); at++) {
            const { block } = await n1.rpc<{ block: { evidence: { evidence: EvidenceValue[] } } }>("block", {
              height: String(at),
            });
            for (const { type } of block.evidence.evidence) included.add(type);
          }
          return included.size === 2;
        });
        expect([...included].sort()).toEqual([
          "tendermint/DuplicateVoteEvidence",
          "tendermint/LightClientAttackEvidence",
        ]);
      },
      2 * minute,
    );
  });
