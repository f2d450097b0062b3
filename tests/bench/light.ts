// Bench of the light client: its size over the wire, cold and warm starts over loopback HTTP, headers and proofs per second.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ics23, tendermintSpec, verifyMembership } from "@confio/ics23";
import type { LightBlock } from "../../ledger/light/light-block.ts";
import { memoryStore } from "../../ledger/light/testing/fake-city.ts";
import { FakeLedger, makeSigners } from "../../ledger/light/testing/fake-ledger.ts";
import type { TrustStore } from "../../ledger/light/trust-store.ts";
import { defaultPolicy, verifyStep } from "../../ledger/light/verify-step.ts";
import { utf8 } from "../../ledger/protocol/bytes.ts";
import { VersionedState } from "../../ledger/state/versioned-state.ts";
import { instantiateLightCoreSync } from "../../wasm-core/bindings/light-core.ts";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import { print, quick } from "./command-line.ts";
import { linesInChromium } from "./light/in-chromium.ts";
import { LoopbackLedger } from "./light/loopback-ledger.ts";
import { verifiedHead } from "./light/verified-head.ts";
import { gzipBytes, lightFiles } from "./light/wire-files.ts";
import { compareRates, compareRounds, line, millisecondsOf } from "./measure.ts";

const root = join(import.meta.dirname, "../..");
const core = loadCore();

// Size

const assets = join(root, "build/client/assets");
const needed = lightFiles(assets);
if (needed.length === 0) throw new Error(`there is no ${assets}; run npm run build:client`);
print(
  line({
    bench: "light/gzip-bytes",
    ours: gzipBytes(needed, assets),
    peer: null,
    peerName: null,
    unit: "bytes of worker with its static imports, light module and Ed25519 module",
    goal: 40_000,
    higherIsBetter: false,
  }),
);

// Starts

const genesisMs = Date.UTC(2026, 0, 1);

const wasm = readFileSync(join(root, "build/wasm/light.scalar.wasm"));

/** From nothing, or from what is remembered, to a verified head: module, connection, chain, header, validators, signatures. */
function headFrom(url: string, store: TrustStore): Promise<void> {
  return verifiedHead(instantiateLightCoreSync(new WebAssembly.Module(wasm)), url, store, genesisMs + 60_000);
}

for (const validators of [4, 100]) {
  const ledger = new FakeLedger(core, "glasstown-bench", makeSigners(core, validators, "validator"), genesisMs);
  ledger.hasLightBlocks = true;
  for (let i = 0; i < 6; i++) ledger.make();
  const loopback = new LoopbackLedger(ledger);
  let bytes = 0;
  const start = async (store: TrustStore): Promise<number> => {
    let milliseconds = 0;
    bytes = await loopback.serve(async (url) => {
      milliseconds = await millisecondsOf(() => headFrom(url, store));
    });
    return milliseconds;
  };
  for (let i = 0; i < 3; i++) await start(memoryStore());
  const rounds = quick ? 3 : 25;
  const measure = async (bench: string, goal: number | null, ours: () => Promise<number>): Promise<void> =>
    print(await compareRounds({ bench, unit: "ms", goal, higherIsBetter: false, rounds, ours }));
  await measure(`light/cold-${validators}-ms`, validators === 4 ? 150 : null, () => start(memoryStore()));
  print(
    line({
      bench: `light/cold-${validators}-bytes`,
      ours: bytes,
      peer: null,
      peerName: null,
      unit: "bytes both ways, HTTP heads included",
      goal: validators === 4 ? 5000 : null,
      higherIsBetter: false,
    }),
  );
  if (validators === 4) {
    const remembering = memoryStore();
    await start(remembering);
    await measure("light/warm-ms", 50, () => start(remembering));
  }
}

// Headers. No peer: CosmJS checks no signatures, and what it hashes lacks the field tags of CometBFT 0.38.

const ledger = new FakeLedger(core, "glasstown-bench", makeSigners(core, 4, "validator"), genesisMs);
const headersCount = quick ? 20 : 200;
for (let i = 0; i <= headersCount; i++) ledger.make();
const blocks: LightBlock[] = ledger.blocks.map(({ header, blockId, commit, signers }) => ({
  header,
  commit: { height: header.height, round: 0n, blockId, signatures: commit },
  validators: signers,
}));
const stepOptions = { ...defaultPolicy, nowMs: genesisMs + 3_600_000 };

async function verifyAll(): Promise<void> {
  for (let i = 1; i < blocks.length; i++) {
    const { header, validators } = blocks[i - 1]!;
    const { chainId: chain, height, time, nextValidatorsHash } = header;
    const trusted = { chain, height, time, nextValidatorsHash, validators };
    const outcome = await verifyStep(core, trusted, blocks[i]!, stepOptions);
    if (!outcome.ok) throw new Error(outcome.detail);
  }
}

await verifyAll();
print(
  await compareRounds({
    bench: "light/headers-per-s",
    unit: "headers with 4 signatures/s",
    goal: null,
    higherIsBetter: true,
    rounds: quick ? 3 : 9,
    ours: async () => (headersCount * 1000) / (await millisecondsOf(verifyAll)),
  }),
);

// Proofs

const entries = quick ? 1000 : 10_000;
const state = new VersionedState(loadStateTree());
const changes = Array.from({ length: entries }, (_, i) => ({ name: `entry/${i}`, value: utf8(`{"money":"${i}"}`) }));
state.advance(1, state.prepare(changes));
const appHash = state.root;
const proofs = changes.slice(0, 50).map(({ name, value }) => ({
  key: core.sha256(utf8(name)),
  value,
  proof: state.read(name, 1, true).proof!,
}));
print(
  compareRates(
    {
      bench: "light/proofs-per-s",
      unit: `ICS-23 proofs from ${entries} entries/s`,
      units: proofs.length,
      goal: null,
      ours: () => {
        for (const { key, value, proof } of proofs)
          if (!core.verifyMembership(appHash, key, value, proof)) throw new Error("a right proof was refused");
      },
      peer: {
        name: "@confio/ics23 0.6.8",
        work: () => {
          for (const { key, value, proof } of proofs)
            if (!verifyMembership(ics23.CommitmentProof.decode(proof), tendermintSpec, appHash, key, value))
              throw new Error("the peer refused a right proof");
        },
      },
    },
    quick,
  ),
);

await linesInChromium(quick, genesisMs, print);
