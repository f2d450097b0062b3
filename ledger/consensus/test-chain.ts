// For tests: a whole chain in a temporary folder, with the city's own state machine, a clock of choice and citizens who can sign.

import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { loadCore, loadStateTree } from "../../wasm-core/bindings/node.ts";
import type { Application } from "../modules/application.ts";
import { createApplication } from "../modules/city-application.ts";
import { hex } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import {
  accountIdOfKey,
  type Message,
  signTransaction,
  type Transaction,
  transactionBytes,
} from "../protocol/transaction.ts";
import { type Clock, systemClock } from "./clock.ts";
import { makeGenesis } from "./genesis.ts";
import { type OpenedChain, openChain, restoreApplication } from "./open-chain.ts";
import { SoloEngine, type SoloOptions } from "./solo.ts";

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Whether anyone waits for it. */
  get isAwaited(): boolean {
    return this.#timers.size > 0;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves the clock, also backwards, and calls what is due. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers].filter(({ atMs }) => atMs <= this.#nowMs))
      if (this.#timers.delete(timer)) timer.callback();
  }
}

export interface Person {
  readonly id: string;
  readonly key: string;
  sign(chain: string, expires: number, messages: readonly Message[]): Promise<Transaction>;
}

/** A key pair with its account id; not registered yet. */
export function person(seed: Uint8Array = randomBytes(32)): Person {
  const key = hex(ed25519.getPublicKey(seed));
  const id = accountIdOfKey(key);
  return {
    id,
    key,
    sign: (chain, expires, messages) =>
      signTransaction(
        { chain, id: randomBytes(16).toString("hex"), expires, messages: [...messages] },
        id,
        key,
        async (bytes) => ed25519.sign(bytes, seed),
      ),
  };
}

/** The message by which somebody registers with their own key. */
export const register = (who: Person, name: string) =>
  ({ type: "accounts/register", by: who.id, name, key: who.key }) as const;

export interface TestChain extends OpenedChain {
  readonly folder: string;
  readonly application: Application;
  readonly engine: SoloEngine;
  readonly fatal: unknown[];
  readonly registrar: Person;
  /** Bytes of a transaction of this chain that expires 100 blocks ahead. */
  bytesOf(by: Person, ...messages: Message[]): Promise<Uint8Array<ArrayBuffer>>;
  /** Stops and closes; the folder stays. */
  close(): Promise<void>;
}

export interface TestChainOptions {
  readonly folder: string;
  readonly clock?: Clock;
  readonly heartbeatMs?: number;
  readonly application?: Application;
  /** Replaces parts of what the engine stands on, to make them fail. */
  readonly replace?: (options: SoloOptions) => Partial<SoloOptions>;
}

export function makeTestFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "glasstown-ledger-"));
}

export function removeTestFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/** Opens the chain of a folder, making it if need be. The engine is not started. */
export async function openTestChain(options: TestChainOptions): Promise<TestChain> {
  const clock = options.clock ?? systemClock;
  const registrar = person(new Uint8Array(32).fill(7));
  const chain = await openChain(options.folder, loadCore(), (signer) =>
    makeGenesis({
      timeMs: clock.nowMs(),
      validator: { address: signer.address, publicKeyBase64: toBase64(signer.publicKey) },
      appState: {
        accounts: [{ key: registrar.key, name: "Registrar", roles: ["registrar", "twin"], money: "1000000000" }],
        treasury: "1000000000000000",
        welcomeGrant: "20000000",
        energy: { slotSeconds: 60 },
      },
    }),
  );
  const application = options.application ?? newApplication();
  const fatal: unknown[] = [];
  const engineOptions: SoloOptions = {
    ...chain,
    application,
    clock,
    heartbeatMs: options.heartbeatMs ?? 10_000,
    onFatal: (error) => fatal.push(error),
  };
  const position = await restoreApplication(chain, application).catch(async (error: unknown) => {
    await chain.store.close();
    throw error;
  });
  const engine = new SoloEngine({ ...engineOptions, ...options.replace?.(engineOptions) }, position);
  return {
    ...chain,
    folder: options.folder,
    application,
    engine,
    fatal,
    registrar,
    bytesOf: async (by, ...messages) =>
      transactionBytes(await by.sign(chain.genesis.chain, engine.height + 100, messages)),
    close: async () => {
      await engine.stop();
      await chain.store.close();
    },
  };
}

/** A chain in a new folder, its engine started. */
export async function startTestChain(options: Omit<TestChainOptions, "folder">): Promise<TestChain> {
  const chain = await openTestChain({ ...options, folder: await makeTestFolder() });
  await chain.engine.start();
  return chain;
}

/** Closes a chain and removes its folder. */
export async function removeTestChain(chain: TestChain): Promise<void> {
  await chain.close();
  await removeTestFolder(chain.folder);
}

/** Signs and submits the registration of somebody new; answers the transaction's id. @throws when it is refused. */
export async function submitSomeone(chain: TestChain, name: string): Promise<string> {
  const who = person();
  const submission = await chain.engine.submit(await chain.bytesOf(who, register(who, name)));
  if (!submission.ok) throw new Error(submission.name);
  return submission.id;
}

export function newApplication(): Application {
  return createApplication({ hasher: loadCore(), newTree: loadStateTree, verify: verifyEd25519Sync });
}

/** Waits until the condition holds. @throws when it does not within ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  // A little less than a test may take, so that a slow machine is told from a missing event by the words alone.
  const deadline = Date.now() + 50_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Moves the clock and waits for the block that this makes due. */
export async function advanceToBlock(chain: TestChain, clock: ManualClock, ms: number): Promise<void> {
  const height = chain.engine.height;
  clock.advance(ms);
  await until(() => chain.engine.height > height || chain.fatal.length > 0, `block ${height + 1}`);
  // The engine sets its next timer after it told of the block.
  await new Promise((resolve) => setImmediate(resolve));
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
