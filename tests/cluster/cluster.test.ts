// Four validators of real CometBFT with the city's ledger, under load: one chain whichever is asked, and what each fault leaves of it. After
// each: equal app hashes, nothing acknowledged lost, and a light client that follows without a false verdict. Needs CometBFT.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Person, person } from "../../ledger/consensus/test-chain.ts";
import { createLightClient, type LightClient } from "../../ledger/light/light-client.ts";
import { memoryStore } from "../../ledger/light/testing/fake-city.ts";
import { type Message, transactionBytes } from "../../ledger/protocol/transaction.ts";
import { type Change, validatorsState } from "../../ledger/protocol/validators.ts";
import { findComet } from "../../supervisor/network/comet-binary.ts";
import { operatorFile } from "../../supervisor/network/network-folder.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { Cluster, type ClusterNode, until } from "./cluster.ts";
import { Load } from "./load.ts";

const root = join(import.meta.dirname, "../..");
const failing = join(import.meta.dirname, "fail-ledger.ts");
const comet = await findComet(root, process.env);
const title = "four validators";

if (comet === null)
  describe.skip(`${title}: there is no CometBFT (COMETBFT, PATH, build/cometbft)`, () => test("skipped", () => {}));
else
  describe(`${title}, CometBFT ${comet.version}`, () => {
    let cluster: Cluster;
    let load: Load;
    let light: LightClient;
    let n0: ClusterNode;
    let n1: ClusterNode;
    let n2: ClusterNode;
    let n3: ClusterNode;
    let compared = 1;

    beforeAll(async () => {
      cluster = await Cluster.prepare({ comet: comet.path, count: 4 });
      [n0, n1, n2, n3] = cluster.nodes as [ClusterNode, ClusterNode, ClusterNode, ClusterNode];
      await cluster.start();
      light = createLightClient({
        core: loadCore(),
        fetch: (url, init) => fetch(url, init),
        now: () => Date.now(),
        store: memoryStore(),
        ledgerUrl: n0.api,
        witnesses: [n1.api, n2.api],
        // Nobody's: this network has no telemetry.
        logUrl: "http://127.0.0.1:1",
      });
      load = new Load(cluster);
      load.start();
      await load.more(5);
    });
    afterAll(async () => {
      await load?.stop();
      await cluster?.close();
    });

    /** What must be true after every fault. */
    const allIsWell = async (): Promise<void> => {
      await load.more(3);
      const end = await cluster.agree(compared);
      compared = end;
      await load.mustBeOn(cluster.nodes, end);
      expect(load.unexpected).toEqual([]);
      const verdict = await light.checkpoint();
      expect([verdict.state, "reason" in verdict ? verdict.reason : ""]).toEqual(["verified", ""]);
    };

    test("blocks and transactions are the same whichever is asked", allIsWell);

    test("an unmodified CosmJS client reads, sends and follows", async () => {
      const client = await Comet38Client.connect(n2.api);
      const { validators } = await client.validatorsAll();
      expect(validators.map(({ votingPower }) => votingPower)).toEqual([10n, 10n, 10n, 10n]);
      const { lastBlockHeight } = await client.abciInfo();
      expect(lastBlockHeight).toBeGreaterThan(1);
      const { blockId, block } = await client.block(2);
      expect(Buffer.from(blockId.hash).toString("hex")).toBe((await n3.header(2)).hash);
      expect(block.lastCommit?.signatures.length).toBe(4);
      client.disconnect();
    });

    test("SIGKILL of one CometBFT: blocks go on, and it comes back", async () => {
      await n1.comet.kill();
      await load.more(5);
      await n1.revive();
      await allIsWell();
    });

    test.each(["finalize:3", "commit:3", "committed:3"])(
      "SIGKILL of a ledger inside %s: it begins again where it was",
      async (moment) => {
        await n2.stop();
        n2.ledgerWith({ preload: failing, environment: { CLUSTER_FAIL: moment } });
        n2.start();
        await n2.ledger.ended();
        expect(n2.ledger.runs).toBe(false);
        await load.more(3);
        n2.ledgerWith({});
        await n2.revive();
        await allIsWell();
      },
    );

    test("SIGSTOP of one: blocks go on; of two: none comes until they run again", async () => {
      const stopped = [n2, n3];
      n3.comet.signal("SIGSTOP");
      await load.more(5);
      n2.comet.signal("SIGSTOP");
      // What was decided before may still be shown; then nothing more.
      const settled = await quiet();
      for (let look = 0; look < 20; look++) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(await cluster.newest([n0, n1])).toBe(settled);
      }
      for (const node of stopped) node.comet.signal("SIGCONT");
      await allIsWell();
    });

    test("a ledger that computes another state halts, and the others go on", async () => {
      await n3.stop();
      n3.ledgerWith({ preload: failing, environment: { CLUSTER_FAIL: "app-hash:2" } });
      n3.start();
      await until("a halt in words", async () => n3.comet.log.includes("wrong Block.Header.AppHash"));
      const stuck = await n3.height();
      await load.more(5);
      expect(await n3.height()).toBeLessThanOrEqual(stuck + 1);
      // CometBFT has written down what it was told, so its data goes too; all but what it has signed, which must never be forgotten.
      await n3.stop();
      n3.ledgerWith({});
      beginAnew(n3);
      n3.start();
      await allIsWell();
    });

    test("damaged ledger data: it says so in one line, and begins anew from CometBFT's blocks", async () => {
      await n1.stop();
      const store = join(n1.folder.data, "ledger/store");
      // Inside of what was written: a torn end alone would be what any power cut leaves.
      for (const name of readdirSync(store).filter((each) => /\.(log|ldb)$/.test(each))) {
        const bytes = readFileSync(join(store, name));
        bytes.fill(0x5a, bytes.length >> 2, (bytes.length >> 2) + 64);
        writeFileSync(join(store, name), bytes);
      }
      n1.ledger.start();
      await n1.ledger.ended();
      const words = n1.ledger.log.trim().split("\n").at(-1)!;
      expect(words).toContain("ledger: ");
      expect(words).toContain("move the folder");
      renameSync(store, `${store}-damaged-by-test`);
      n1.start();
      await allIsWell();
    });

    test("validators change by vote while a light client follows, and one that signs twice is jailed", async () => {
      const operators = cluster.nodes.map(({ folder }) => operatorOf(folder));
      const addressOf = async (of: ClusterNode): Promise<string> => {
        const key = JSON.parse(readFileSync(join(of.folder.home, "config/priv_validator_key.json"), "utf8")) as {
          address: string;
        };
        return key.address.toLowerCase();
      };
      const powers = async (): Promise<string> => {
        const { result } = await n1.get<{ result: { validators: { voting_power: string }[] } }>("/validators");
        return result.validators.map(({ voting_power }) => voting_power).join(" ");
      };
      const act = async (who: Person, message: Message): Promise<string> => {
        const bytes = transactionBytes(await who.sign(cluster.chain, (await cluster.newest()) + 100, [message]));
        const answer = await fetch(`${n0.api}/v1/transactions?wait=commit`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: bytes,
        });
        const { id, code } = (await answer.json()) as { id: string; code: number };
        expect([answer.status, code]).toEqual([200, 0]);
        return id;
      };
      const decide = async (change: Change): Promise<void> => {
        const [first, ...others] = operators as [Person, ...Person[]];
        const id = await act(first, { type: "validators/propose", by: first.id, change });
        for (const who of others.slice(0, 2))
          await act(who, { type: "validators/vote", by: who.id, proposal: `${id}.0`, yes: true });
      };
      await decide({ kind: "weigh", address: await addressOf(n3), power: 13 });
      await until("the new power", async () => (await powers()) === "13 10 10 10");
      await allIsWell();

      // The same key in a second process, with its own memory of what it signed.
      const twin = cluster.twinOf(n3);
      twin.start();
      const state = validatorsState.validator(await addressOf(n3));
      await until("the jail", async () => {
        const { value } = await n0.get<{ value: { state: string; power: number } | null }>(
          `/v1/state/${encodeURIComponent(state)}`,
        );
        return value?.state === "jailed" && value.power === 0;
      });
      await twin.stop();
      await until("three validators", async () => (await powers()) === "10 10 10");
      await allIsWell();
    });

    test("a node that has nothing joins by state sync, and holds what comes after", async () => {
      await n3.stop();
      beginAnew(n3);
      // What a new operator is told: a block that others trust, and two servers.
      const trusted = (await cluster.newest()) - 5;
      const { hash } = await n0.header(trusted);
      const file = join(n3.folder.home, "config/config.toml");
      const [before, section] = readFileSync(file, "utf8").split(/^\[statesync\]$/m) as [string, string];
      const changed = section
        .replace(/^enable = false$/m, "enable = true")
        .replace(/^rpc_servers = .*$/m, `rpc_servers = "${n0.rpc},${n1.rpc}"`)
        .replace(/^trust_height = .*$/m, `trust_height = ${trusted}`)
        .replace(/^trust_hash = .*$/m, `trust_hash = "${hash}"`)
        .replace(/^discovery_time = .*$/m, 'discovery_time = "5s"');
      writeFileSync(file, `${before}[statesync]${changed}`);
      n3.start();
      await until("the synced state", async () => (await n3.get<{ lowest: number }>("/v1/chain")).lowest > 1);
      writeFileSync(file, `${before}[statesync]${section}`);
      compared = Math.max(compared, (await n3.get<{ lowest: number }>("/v1/chain")).lowest);
      load.forgetBelow(compared);
      await allIsWell();
      await n3.stop();
      n3.start();
      await allIsWell();
    });

    function operatorOf({ data }: ClusterNode["folder"]): Person {
      const { seed } = JSON.parse(readFileSync(operatorFile(data), "utf8")) as { seed: string };
      return person(Buffer.from(seed, "hex"));
    }

    /** As the runbook says: nothing is left of the chain but what this validator has signed. */
    function beginAnew({ folder }: ClusterNode): void {
      const data = join(folder.home, "data");
      for (const name of readdirSync(data))
        if (name !== "priv_validator_state.json") rmSync(join(data, name), { recursive: true });
      rmSync(join(folder.data, "ledger/store"), { recursive: true });
    }

    /** The height at which the first two stand still. */
    async function quiet(): Promise<number> {
      for (;;) {
        const before = await cluster.newest([n0, n1]);
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        if ((await cluster.newest([n0, n1])) === before) return before;
      }
    }
  });
