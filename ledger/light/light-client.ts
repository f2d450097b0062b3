// The light client: checks for itself what servers say, with clock, network and storage handed in. Runs in browsers' workers and in Node.

import type { LightCore } from "../../wasm-core/bindings/light-core.ts";
import { timestampText } from "../protocol/comet.ts";
import { HeaderChain } from "./header-chain.ts";
import { lateHistory } from "./late-history.ts";
import { LedgerSource } from "./ledger-source.ts";
import type { LightParts } from "./light-parts.ts";
import { LogMemory } from "./log-memory.ts";
import { type Neighbours, SharedProvider } from "./neighbours.ts";
import { OwnProofs, type ProofKind } from "./own-proofs.ts";
import { LedgerProvider, type Provider } from "./provider.ts";
import { type Fetch, Server } from "./server.ts";
import { StateProver } from "./state-prover.ts";
import { TrustMemory, type TrustStore } from "./trust-store.ts";
import type { LightClientPort, Verdict } from "./verdict.ts";
import { stepsOf } from "./verdict-building.ts";
import { verifyHeader } from "./verify-header.ts";
import { verifyReading } from "./verify-reading.ts";
import { verifyState } from "./verify-state.ts";
import { checkPolicy, defaultPolicy, type TrustPolicy } from "./verify-step.ts";
import { AttackMemory } from "./witnesses/attack-memory.ts";
import { Witnesses } from "./witnesses/witnesses.ts";

export interface LightClientOptions {
  readonly core: LightCore;
  readonly fetch: Fetch;
  /** UNIX milliseconds. */
  readonly now: () => number;
  readonly store: TrustStore;
  /** Base URLs without a slash at the end. */
  readonly ledgerUrl: string;
  readonly logUrl: string;
  /** What differs from 14 days, 10 s and one third. */
  readonly policy?: Partial<TrustPolicy>;
  /** Servers whose headers are compared with the ledger's; base URLs, or where else headers come from. At most 8. */
  readonly witnesses?: readonly (Provider | string)[];
  /** Pauses between two looks for a header that is due soon. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** Other clients that keep their trust in the same store. */
  readonly neighbours?: Neighbours;
}

export interface LightClient extends LightClientPort {
  /**
   * @param suggested names among them that the ledger's operator chose: they can contradict as any other, but nobody vouches for a chain
   * by agreeing with who chose him.
   * @throws {RangeError} for more than 8, or the ledger itself among them.
   */
  setWitnesses(witnesses: readonly (Provider | string)[], suggested?: readonly string[]): Promise<void>;
  /** Drops all trust: the next question is a first contact. For a person who knows why the chain is another, or which side lies. */
  forget(): Promise<void>;
}

/** @throws {RangeError} when the policy cannot be. */
export function createLightClient(options: LightClientOptions): LightClient {
  const { core, now, ledgerUrl, logUrl } = options;
  const server = new Server(options.fetch);
  const source = new LedgerSource(server, ledgerUrl);
  const wait = options.wait ?? pause;
  const own = new LedgerProvider(server, ledgerUrl, core);
  const onForgotten = (): void => {
    era++;
    headers.drop();
    void witnesses.forget();
  };
  const shared =
    options.neighbours === undefined
      ? null
      : new SharedProvider({ provider: own, neighbours: options.neighbours, now, wait, onForgotten });
  const provider = shared ?? own;
  const memory = new TrustMemory(options.store, core);
  const policy = { ...defaultPolicy, ...options.policy };
  checkPolicy(policy);
  const witnesses = new Witnesses({
    core,
    primary: provider,
    memory: new AttackMemory(options.store),
    stepOptions: () => ({ ...policy, nowMs: now() }),
    deadline,
  });
  const setWitnesses = (list: readonly (Provider | string)[], suggested?: readonly string[]): void =>
    witnesses.set(
      list.map((one) => (typeof one === "string" ? new LedgerProvider(server, one, core) : one)),
      suggested,
    );
  setWitnesses(options.witnesses ?? []);
  const headers = new HeaderChain({ core, provider, policy, memory, witnesses, now, wait });
  const state = new StateProver(core, source, headers);
  const history = lateHistory(core, server, ledgerUrl, state);
  headers.goBackBy(history);
  const log = new LogMemory({ core, server, memory, logUrl });
  const parts: LightParts = { core, server, provider, headers, history, state, log, ledgerUrl, logUrl };
  const proofs = new OwnProofs(core, memory, now);
  /** Grows when trust is dropped: what was asked before is not kept after. */
  let era = 0;
  /** Keeps what turns out green; says it again, as remembered, while no server answers. */
  const remembering = async (
    kind: ProofKind,
    question: readonly unknown[],
    ask: () => Promise<Verdict>,
    expected?: unknown,
  ): Promise<Verdict> => {
    const [asked, before] = [era, server.answers];
    const verdict = await ask();
    if (asked !== era) return verdict;
    if (verdict.state === "verified") {
      void proofs.keep(kind, question, verdict);
      return verdict;
    }
    // A server that does answer is believed or not, but not passed over.
    if (verdict.state === "failed" || server.answers !== before) return verdict;
    return (await proofs.recall(kind, question, expected)) ?? verdict;
  };
  return {
    verifyReading: (reading) => remembering("reading", [reading], () => verifyReading(parts, reading)),
    verifyState: (name, expected, height) =>
      remembering("state", [name, height], () => verifyState(parts, name, expected, height), expected),
    verifyTransaction: (id, height, shown) =>
      remembering("transaction", [id, height, shown], () =>
        late(blocks(), (block) => block.verifyTransaction(parts, id, height, shown)),
      ),
    verifyHeader: (height) => verifyHeader(parts, height),
    verifyBlock: (height, shown) =>
      remembering("block", [height, shown], () => late(blocks(), (block) => block.verifyBlock(parts, height, shown))),
    verifyEvents: (id, height, shown) =>
      remembering("events", [id, height, shown], () =>
        late(blocks(), (block) => block.verifyEvents(parts, id, height, shown)),
      ),
    verifyLog: (first, second) => late(import("./verify-log.ts"), (log) => log.verifyLog(parts, first, second)),
    // Loaded late: only few ask for one.
    bundle: async (question) => (await import("./bundle/make-bundle.ts")).makeBundle(parts, question, now()),
    checkpoint: (height) => late(checkpoints(), (one) => one.ownCheckpoint(parts, height)),
    compare: (text) => late(checkpoints(), (one) => one.compareCheckpoint(parts, text)),
    async begin(text) {
      era++;
      const verdict = await late(checkpoints(), (one) => one.beginFrom(parts, text));
      // Where it failed trust stays as it was, in other tabs too.
      if (verdict.state === "verified") shared?.tellForgotten();
      return verdict;
    },
    setWitnesses: async (list, suggested) => setWitnesses(list, suggested),
    witnesses: async () => witnesses.shown(),
    attack: () => witnesses.attack(),
    async head() {
      const known = await headers.known();
      if (known === null) return null;
      const { chainId, height, time } = known.header;
      return { chain: chainId, height: Number(height), time: timestampText(time) };
    },
    async forget() {
      era++;
      await headers.forget();
      shared?.tellForgotten();
    },
  };
}

const blocks = () => import("./verify-block.ts");
const checkpoints = () => import("./verify-checkpoint.ts");

/** Asks code that is loaded late, because few need it. Where it does not load nothing is proven, and nothing disproven. */
async function late<Module>(loading: Promise<Module>, ask: (module: Module) => Promise<Verdict>): Promise<Verdict> {
  let module: Module;
  try {
    module = await loading;
  } catch (error) {
    const detail = `code could not be loaded: ${(error as Error).message}`;
    return { state: "unverified", reason: "server_must_answer", detail, steps: stepsOf({}) };
  }
  return ask(module);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function deadline(milliseconds: number): { readonly passed: Promise<void>; cancel(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
