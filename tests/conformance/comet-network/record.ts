// Records a network of real CometBFT nodes for the tests of this folder: COMETBFT=<binary> node tests/conformance/comet-network/record.ts
// Four validators at first, three more nodes that join later. Takes about a minute; writes cometbft-<version>.json beside this file.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { BlockJson, ValidatorJson } from "../../../ledger/protocol/comet.ts";
import { loadCore } from "../../../wasm-core/bindings/node.ts";
import { type EvidenceValue, Forger, type KnownBlock, type SignedHeaderJson, sortedSet } from "./forge.ts";
import { findCometbft, impatience, Network, type Node, until } from "./network.ts";
import type { RecordedBlock, RecordedEvidence, RecordedResult, RecordedTrace, Recording } from "./recording.ts";

const cometbft = findCometbft();
if (cometbft === null) {
  console.error("There is no CometBFT: put it on PATH, or its path into $COMETBFT.");
  process.exit(1);
}
/** The rest of a refusal is the evidence itself. */
const errorCharsMax = 120;
const core = loadCore();
const chain = `four-validators-${cometbft.version.replaceAll(".", "-")}`;
const network = await Network.prepare({ binary: cometbft.path, chain, powers: [10, 10, 12, 13], nodes: 7 });
const [n0, n1, n2, n3, n4, n5, n6] = network.nodes as readonly [Node, Node, Node, Node, Node, Node, Node];
process.once("SIGINT", () => void network.close().then(() => process.exit(1)));

try {
  await network.start();
  await changeValidators();
  const bisectionTo = await n0.height();
  await leaveVotesOut();
  const evidence = await misbehave();
  const last = await n0.height();
  // A commit is in its final form once the next block holds it.
  await network.reach(last + 1);
  const blocks = await recordBlocks(last);
  const traces: RecordedTrace[] = [];
  for (const [from, to, trustLevel] of [
    [1, bisectionTo, [1, 3]],
    [1, bisectionTo, [2, 3]],
    [1, bisectionTo, [1, 2]],
    [7, 30, [1, 1]],
    [9, bisectionTo - 3, [1, 3]],
    // Over the height at which everybody is replaced: nothing but a step to the next height leads there.
    [24, 36, [1, 3]],
    [20, last, [1, 3]],
    [1, last, [1, 3]],
    [last - 5, last, [1, 3]],
  ] as const)
    traces.push(await traceOfLightClient(from, to, trustLevel, blocks[from - 1]!.commit.block_id.hash));
  const { consensus_params } = await n0.rpc<{ consensus_params: Recording["consensusParams"] }>("consensus_params");
  const { max_bytes, max_gas } = consensus_params.block;
  write({
    version: cometbft.version,
    chain,
    consensusParams: { block: { max_bytes, max_gas } },
    validatorSets: await recordSets(blocks),
    traces,
    // Last, for what it does to the network.
    evidence: [...evidence, await amnesia()],
    blocks,
  });
} finally {
  await network.close();
}

/** Powers change, validators come and go, and once all of them are replaced at one height. */
async function changeValidators(): Promise<void> {
  const steps: readonly (readonly (readonly [Node, number])[])[] = [
    [[n1, 16]],
    [[n4, 15]],
    [
      [n0, 0],
      [n5, 20],
    ],
    [[n4, 25]],
    [
      [n1, 0],
      [n2, 0],
    ],
    [[n6, 9]],
    [
      [n0, 10],
      [n1, 11],
      [n2, 12],
      [n3, 0],
      [n4, 0],
      [n5, 0],
      [n6, 0],
    ],
    [[n6, 14]],
    [[n5, 22]],
    [
      [n0, 0],
      [n1, 0],
    ],
    [
      [n4, 30],
      [n2, 0],
    ],
    [[n3, 8]],
  ];
  for (const changes of steps) {
    const height = await n0.height();
    await network.reach(height + 4);
    await network.setPowers(changes);
  }
  await network.reach((await n0.height()) + 6);
}

/** One validator is away for some blocks, then comes back too impatient to see what the others propose. */
async function leaveVotesOut(): Promise<void> {
  await n3.stop();
  await network.reach((await n0.height()) + 4);
  n3.configure(impatience);
  n3.start();
  await until("a vote for nil", async () => {
    const height = await n0.height();
    for (let at = height - 3; at < height; at++) {
      const { signatures } = (await signedHeader(at)).commit;
      if (signatures.some((one) => one.block_id_flag === 3)) return true;
    }
    return false;
  });
  await n3.stop();
  n3.configure({ timeout_propose: "1s", timeout_prevote: "300ms" });
  n3.start();
  await network.reach(await n0.height(), n3);
}

async function misbehave(): Promise<RecordedEvidence[]> {
  const forger = new Forger(
    core,
    chain,
    network.nodes.map(({ key }) => key),
  );
  const height = await n0.height();
  await network.reach(height + 2);
  const common = await known(height - 2);
  const at = await known(height);
  const later = new Date(Date.parse(common.header.time) + 50).toISOString();
  const named = (node: Node): ValidatorJson => common.validators.find(({ address }) => address === node.key.address)!;
  // A set of two common validators with more than a third of the power, and one that is none.
  const phantom: ValidatorJson = {
    address: n0.key.address,
    pub_key: { type: "tendermint/PubKeyEd25519", value: n0.key.publicKey },
    voting_power: "7",
    proposer_priority: "0",
  };
  const forged = "0123456789ABCDEF".repeat(4);
  const lunatic = forger.block(at, sortedSet([named(n5), named(n6), phantom]), 1, { app_hash: forged });
  const forward = forger.block(common, common.validators, 0, {
    height: String(height + 1_000),
    time: later,
    app_hash: forged,
  });
  const twice = forger.block(at, at.validators, at.commit.round, { data_hash: forged });
  const votedTwice = at.validators.filter((_, i) => at.commit.signatures[i]!.block_id_flag === 2);
  return [
    await post("duplicate-vote", forger.duplicateVote(at, n4.key.address, 2, false)),
    await post("duplicate-vote", forger.duplicateVote(common, n5.key.address, 1, true)),
    await post("lunatic", forger.attack(common, lunatic, sortedSet([named(n5), named(n6)]))),
    await post("forward-lunatic", forger.attack(common, forward, common.validators)),
    await post("equivocation", forger.attack(at, twice, sortedSet(votedTwice))),
  ];
}

/** Commits of two rounds for two blocks: nobody can say who lied. */
async function amnesia(): Promise<RecordedEvidence> {
  const forger = new Forger(
    core,
    chain,
    network.nodes.map(({ key }) => key),
  );
  const at = await known((await n0.height()) - 3);
  const other = forger.block(at, at.validators, at.commit.round + 1, { data_hash: "FEDCBA9876543210".repeat(4) });
  return post("amnesia", forger.attack(at, other, null));
}

/** Posts evidence and waits for the block that holds it. */
async function post(kind: RecordedEvidence["kind"], sent: EvidenceValue): Promise<RecordedEvidence> {
  const from = await n0.height();
  let hash: string;
  try {
    hash = (await n0.rpc<{ hash: string }>("broadcast_evidence", { evidence: sent })).hash;
  } catch (error) {
    return { kind, sent, hash: null, error: (error as Error).message.slice(0, errorCharsMax), includedAt: null };
  }
  for (let at = from + 1; at <= from + 8; at++) {
    await network.reach(at);
    if ((await block(at)).evidence.evidence?.length) return { kind, sent, hash, error: null, includedAt: at };
  }
  return { kind, sent, hash, error: null, includedAt: null };
}

async function block(height: number): Promise<BlockJson> {
  return (await n0.rpc<{ block: BlockJson }>("block", { height: String(height) })).block;
}

async function signedHeader(height: number): Promise<SignedHeaderJson> {
  return (await n0.rpc<{ signed_header: SignedHeaderJson }>("commit", { height: String(height) })).signed_header;
}

async function known(height: number): Promise<KnownBlock> {
  return { ...(await signedHeader(height)), validators: await n0.validators(height) };
}

async function recordBlocks(last: number): Promise<RecordedBlock[]> {
  const blocks: RecordedBlock[] = [];
  for (let height = 1; height <= last; height++) {
    const { data, evidence } = await block(height);
    const { txs_results } = await n0.rpc<{ txs_results: RecordedResult[] | null }>("block_results", {
      height: String(height),
    });
    const results = (txs_results ?? []).map(({ code, data, gas_wanted, gas_used }) => ({
      code,
      data,
      gas_wanted,
      gas_used,
    }));
    blocks.push({
      ...(await signedHeader(height)),
      ...(data.txs?.length ? { txs: data.txs } : {}),
      ...(results.length > 0 ? { results } : {}),
      ...(evidence.evidence?.length ? { evidence: evidence.evidence as EvidenceValue[] } : {}),
    });
  }
  return blocks;
}

/** Each set once; proposer priorities are in no hash and change with every block. */
async function recordSets(blocks: readonly RecordedBlock[]): Promise<Record<string, ValidatorJson[]>> {
  const sets: Record<string, ValidatorJson[]> = {};
  for (const { header } of blocks)
    sets[header.validators_hash] ??= (await n0.validators(Number(header.height))).map(
      ({ address, pub_key, voting_power }) => ({ address, pub_key, voting_power }),
    );
  return sets;
}

/** What CometBFT's own light client tries on its way from one height to another, from its log. */
async function traceOfLightClient(
  from: number,
  to: number,
  trustLevel: readonly [number, number],
  hash: string,
): Promise<RecordedTrace> {
  const port = await new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
  const home = join(network.folder, `light-${from}-${to}-${trustLevel.join("-")}`);
  const light = spawn(cometbft!.path, [
    ...["light", chain, "--primary", n0.url, "--witnesses", n1.url, "--height", String(from), "--hash", hash],
    ...["--trust-level", trustLevel.join("/"), "--home-dir", home, "--laddr", `tcp://127.0.0.1:${port}`, "--verbose"],
  ]);
  let log = "";
  for (const stream of [light.stdout, light.stderr]) stream.on("data", (bytes: Buffer) => (log += String(bytes)));
  try {
    await until("the light client's answer", async () => {
      const response = await fetch(`http://127.0.0.1:${port}/commit?height=${to}`);
      return "result" in ((await response.json()) as object);
    });
  } finally {
    const gone = new Promise((resolve) => light.once("exit", resolve));
    light.kill("SIGKILL");
    await gone;
  }
  const lines = log.split("\n").flatMap((line): [number, number][] => {
    if (!line.includes("Verify non-adjacent newHeader against verifiedBlock")) return [];
    const [, trusted] = /trustedHeight=(\d+)/.exec(line)!;
    const [, fresh] = /newHeight=(\d+)/.exec(line)!;
    return [[Number(trusted), Number(fresh)]];
  });
  // It keeps each header in between twice and so tries it twice.
  const tried = lines.filter(([a, b], i) => lines[i - 1]?.[0] !== a || lines[i - 1]?.[1] !== b);
  return { from, to, trustLevel, tried };
}

/** A line for each set, block and piece of evidence, so that changes can be read. */
function write({ blocks, validatorSets, evidence, traces, ...rest }: Recording): void {
  const list = (items: readonly unknown[]): string => `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]`;
  const sets = Object.entries(validatorSets).map(([hash, set]) => `${JSON.stringify(hash)}:${JSON.stringify(set)}`);
  const text = [
    JSON.stringify(rest).slice(0, -1),
    `"traces":${list(traces)}`,
    `"validatorSets":{\n${sets.join(",\n")}\n}`,
    `"evidence":${list(evidence)}`,
    `"blocks":${list(blocks)}}\n`,
  ].join(",\n");
  JSON.parse(text);
  const file = join(import.meta.dirname, `cometbft-${rest.version}.json`);
  writeFileSync(file, text);
  const heights = evidence.map(({ kind, includedAt, error }) => `${kind} ${includedAt ?? error ?? "never included"}`);
  console.log(`${file}: ${text.length} bytes, ${blocks.length} blocks, ${Object.keys(validatorSets).length} sets`);
  console.log(heights.join("\n"));
}
