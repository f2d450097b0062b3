// The bench of the light client in a Web Worker: is given one order, answers lines, at last `null`.

import { LedgerProvider } from "../../../ledger/light/provider.ts";
import { Server } from "../../../ledger/light/server.ts";
import type { TrustStore } from "../../../ledger/light/trust-store.ts";
import { defaultPolicy, verifyStep } from "../../../ledger/light/verify-step.ts";
import { decideEd25519With } from "../../../ledger/protocol/ed25519.ts";
import { loadEd25519 } from "../../../wasm-core/bindings/ed25519-browser.ts";
import { instantiateLightCore } from "../../../wasm-core/bindings/light-core.ts";
import { compareRounds, type Line, millisecondsOf } from "../measure.ts";
import { verifiedHead } from "./verified-head.ts";

interface Order {
  readonly quick: boolean;
  /** Ledgers by how many validators they have. */
  readonly ledgers: readonly (readonly [validators: number, url: string])[];
  /** One of four validators with so many headers, at most 100. */
  readonly long: { readonly url: string; readonly headers: number };
  readonly genesisMs: number;
}

decideEd25519With(loadEd25519);
const send = (message: Line | null): void => self.postMessage(message);

function memoryStore(): TrustStore {
  const kept = new Map<string, unknown>();
  return {
    get: async (key) => kept.get(key),
    put: async (key, value) => {
      kept.set(key, value);
    },
    delete: async (key) => {
      kept.delete(key);
    },
    keys: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)).sort(),
  };
}

async function run({ quick, ledgers, long, genesisMs }: Order): Promise<void> {
  const wasm = await (await fetch("/modules/light.scalar.wasm")).arrayBuffer();
  const core = async () => instantiateLightCore(await WebAssembly.compile(wasm));
  const nowMs = genesisMs + 60_000;
  const rounds = quick ? 3 : 25;
  const lower = { unit: "ms", higherIsBetter: false, rounds } as const;
  for (const [validators, url] of ledgers) {
    const start = (store: TrustStore) => millisecondsOf(async () => verifiedHead(await core(), url, store, nowMs));
    for (let i = 0; i < 3; i++) await start(memoryStore());
    const goal = validators === 4 ? 150 : null;
    const cold = { bench: `chromium:light/cold-${validators}-ms`, goal, ...lower };
    send(await compareRounds({ ...cold, ours: () => start(memoryStore()) }));
    if (validators !== 4) continue;
    const remembering = memoryStore();
    await start(remembering);
    send(await compareRounds({ bench: "chromium:light/warm-ms", goal: 50, ...lower, ours: () => start(remembering) }));
  }
  const loaded = await core();
  const blocks = await new LedgerProvider(
    new Server((to, init) => fetch(to, init)),
    `${long.url}/ledger`,
    loaded,
  ).range(1, long.headers);
  if (!blocks.ok) throw new Error(blocks.detail);
  const options = { ...defaultPolicy, nowMs: genesisMs + 3_600_000 };
  const verifyAll = async (): Promise<void> => {
    for (const [i, block] of blocks.value.slice(1).entries()) {
      const { header, validators } = blocks.value[i]!;
      const { chainId: chain, height, time, nextValidatorsHash } = header;
      const outcome = await verifyStep(loaded, { chain, height, time, nextValidatorsHash, validators }, block, options);
      if (!outcome.ok) throw new Error(outcome.detail);
    }
  };
  await verifyAll();
  send(
    await compareRounds({
      bench: "chromium:light/headers-per-s",
      unit: "headers with 4 signatures/s",
      goal: null,
      higherIsBetter: true,
      rounds: quick ? 3 : 9,
      ours: async () => ((long.headers - 1) * 1000) / (await millisecondsOf(verifyAll)),
    }),
  );
}

// A rejection that nobody handles reaches no one outside the worker; an error that is thrown does.
self.onmessage = ({ data }: MessageEvent<Order>) => {
  run(data).then(
    () => send(null),
    (error: unknown) =>
      setTimeout(() => {
        throw error;
      }),
  );
};
