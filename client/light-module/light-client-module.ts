// The light client as a module of its own, for other sites and for programs: the WASM is embedded, nothing is fetched but proofs.
// `npm run build:light` makes build/light-client of it.

import { createLightClient, type LightClient as VerifyingClient } from "../../ledger/light/light-client.ts";
import type { TrustStore } from "../../ledger/light/trust-store.ts";
import type { TrustPolicy } from "../../ledger/light/verify-step.ts";
import { decideEd25519With } from "../../ledger/protocol/ed25519.ts";
import { instantiateLightCore, type LightCore } from "../../wasm-core/bindings/light-core.ts";
import { oneUntilTrap } from "../../wasm-core/bindings/one-until-trap.ts";
import { openLightDatabase } from "../workers/light-database.ts";
import { unpacked } from "./unpacked.ts";

export type {
  FailureReason,
  ShownBlock,
  ShownCheckpoint,
  ShownReading,
  ShownTransaction,
  StepResult,
  Verdict,
} from "../../ledger/light/verdict.ts";
export type { TrustPolicy, TrustStore };
export type LightClient = VerifyingClient;

export interface LightClientOptions {
  /** The ledger's base URL, such as https://city.example/ledger. */
  readonly ledgerUrl: string;
  /** The telemetry log's base URL, for readings. Default: `log` beside a ledger whose address ends with `/ledger`. */
  readonly logUrl?: string;
  /** Where trust is kept from visit to visit. Default: memory, so that each visit is a first contact. */
  readonly store?: TrustStore;
  /** What differs from 14 days of trust, 10 s of clock drift and a third of the trusted power. */
  readonly policy?: Partial<TrustPolicy>;
  /** Other servers of the same ledger, by their base URLs, whose headers are compared with its own. At most 8. */
  readonly witnesses?: readonly string[];
  /** Default: the platform's, without credentials and cache. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** UNIX milliseconds. Default: the platform's clock. */
  readonly now?: () => number;
}

/** Put in by the build: the modules, deflated, in base64. */
declare const coreModule: string;

const loadCore: () => Promise<LightCore> = oneUntilTrap(async (discard) => {
  try {
    return await instantiateLightCore(await WebAssembly.compile(await unpacked(coreModule)), discard);
  } catch (error) {
    discard();
    throw error;
  }
});

decideEd25519With(async () => (await import("./ed25519-module.ts")).loadEd25519());

/** Makes a client; nothing is asked before its first question. @throws {TypeError} when the ledger's address is none. */
export function openLightClient(options: LightClientOptions): LightClient {
  const ledgerUrl = addressOf(options.ledgerUrl);
  const logUrl = addressOf(options.logUrl ?? ledgerUrl.replace(/\/ledger$/, "/log"));
  const { store = memoryStore(), policy, now = Date.now } = options;
  const asked = options.fetch ?? ((url, init) => fetch(url, init));
  let witnesses: Parameters<LightClient["setWitnesses"]>[0] = (options.witnesses ?? []).map(addressOf);
  let made: { readonly core: LightCore; readonly client: LightClient } | null = null;

  /** The client of the core; a core that trapped is replaced, and what is trusted comes from the store again. */
  async function client(): Promise<LightClient> {
    const core = await loadCore();
    if (made?.core !== core)
      made = {
        core,
        client: createLightClient({
          core,
          store,
          ledgerUrl,
          logUrl,
          witnesses,
          now: () => now(),
          fetch: (url, init) => asked(url, { ...init, cache: "no-store", credentials: "omit" }),
          ...(policy === undefined ? {} : { policy }),
        }),
      };
    return made.client;
  }

  return {
    verifyState: async (name, expected, height) => (await client()).verifyState(name, expected, height),
    verifyTransaction: async (id, height, shown) => (await client()).verifyTransaction(id, height, shown),
    verifyHeader: async (height) => (await client()).verifyHeader(height),
    verifyBlock: async (height, shown) => (await client()).verifyBlock(height, shown),
    verifyReading: async (reading) => (await client()).verifyReading(reading),
    verifyEvents: async (id, height, shown) => (await client()).verifyEvents(id, height, shown),
    verifyLog: async (first, second) => (await client()).verifyLog(first, second),
    bundle: async (question) => (await client()).bundle(question),
    checkpoint: async (height) => (await client()).checkpoint(height),
    compare: async (text) => (await client()).compare(text),
    begin: async (text) => (await client()).begin(text),
    setWitnesses: async (urls) => {
      const addresses = urls.map((url) => (typeof url === "string" ? addressOf(url) : url));
      await (await client()).setWitnesses(addresses);
      witnesses = addresses;
    },
    witnesses: async () => (await client()).witnesses(),
    attack: async () => (await client()).attack(),
    head: async () => (await client()).head(),
    forget: async () => (await client()).forget(),
  };
}

/** Keeps trust in IndexedDB, for pages and workers. */
export function indexedDbStore(name = "glasstown-light-client"): TrustStore {
  return openLightDatabase(name);
}

/** Keeps trust as long as the program runs. */
export function memoryStore(): TrustStore {
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

function addressOf(text: string): string {
  // Relative ones are a page's own.
  const base = (globalThis as { readonly location?: { readonly href: string } }).location?.href;
  return new URL(text, base).href.replace(/\/+$/, "");
}
