// The city's state machine behind the Application interface: execution block by block, queries. Admission: transaction-checks.ts.
// Deterministic: the same blocks give the same results and roots. A thrown error is a bug, and nothing was committed.

import type { StateTree } from "../../wasm-core/bindings/state-tree.ts";
import type { AppState, Quotas } from "../protocol/genesis.ts";
import { CommittedReader, Overlay, type StateReader } from "../state/overlay.ts";
import { PreviousNames } from "../state/previous-names.ts";
import { type StateSnapshot, takeSnapshot } from "../state/snapshot-export.ts";
import { type PreparedVersion, type StateUsage, stateVersionsMax, VersionedState } from "../state/versioned-state.ts";
import type {
  Application,
  Asked,
  BlockInput,
  BlockResult,
  Checked,
  EntryBatch,
  PendingView,
  StateAnswer,
  StateChange,
  TransactionResult,
  Upgrade,
} from "./application.ts";
import { enabledModules } from "./enabled.ts";
import { applyMessages, type Declared, declaredBy, executionOn, type Moment } from "./execute.ts";
import type { Hasher } from "./hasher.ts";
import { brokenByChanges } from "./invariant-check.ts";
import type { Module } from "./module.ts";
import { oneAhead } from "./one-ahead.ts";
import { provenEntriesMax, type Query, type QueryInput, queryEntriesMax, type RunnableQuery } from "./query.ts";
import { RecordingReader } from "./recording-reader.ts";
import { RememberingReader } from "./remembering-reader.ts";
import { type CheckBase, TransactionChecks } from "./transaction-checks.ts";
import { applied, refused } from "./transaction-result.ts";
import {
  refuseAdmission,
  refuseSignatures,
  type VerifySignature,
  type VerifySignatures,
} from "./transactions/admission.ts";
import type { Decoded } from "./transactions/decode.ts";
import {
  countAgainstQuota,
  quotasOf,
  refuseQuota,
  registrationsIn,
  tooManyRegistrations,
  writeQuotas,
} from "./transactions/quota.ts";
import { forgetExpired, remember } from "./transactions/seen.ts";
import { refuseExpired, type Session } from "./transactions/sessions.ts";

export interface ApplicationOptions {
  readonly hasher: Hasher;
  /** A new, empty state tree, such as `loadStateTree` of wasm-core/bindings/node.ts answers. */
  readonly newTree: () => StateTree;
  /** Ed25519 under ZIP-215, such as `verifyEd25519Sync` of ledger/protocol/ed25519-node.ts. */
  readonly verify: VerifySignature;
  /** The same for many at once, such as `verifyEd25519Batch` there: for blocks whose transactions were not admitted before. */
  readonly verifyAll?: VerifySignatures;
  /** ECDSA over P-256, for passkeys, such as `verifyP256` of ledger/protocol/p256-node.ts; noble's when there is none. */
  readonly verifyP256?: VerifySignature;
  /** Versions kept for proofs. */
  readonly versionsMax?: number;
  readonly modules?: readonly Module[];
}

/** Entries that `list` answers when no limit is given. */
const listLimit = 10_000;
const blockHashBytes = 32;

export function createApplication(options: ApplicationOptions): Application {
  return new CityApplication(options);
}

interface Finalised {
  readonly height: number;
  readonly timeMs: number;
  readonly version: PreparedVersion;
  readonly hashes: readonly string[];
  readonly previousNames: PreviousNames;
}

function upgradeIn(modules: readonly Module[], state: StateReader): Upgrade | null {
  for (const module of modules) {
    const upgrade = module.upgrade?.(state) ?? null;
    if (upgrade !== null) return upgrade;
  }
  return null;
}

class CityApplication implements Application {
  readonly #hasher: Hasher;
  readonly #newTree: () => StateTree;
  readonly #modules: readonly Module[];
  readonly #declared: Declared;
  readonly #versionsMax: number;
  readonly #checks: TransactionChecks;
  #state: VersionedState;
  #committed: CommittedReader;
  #chain: string | null = null;
  /** Time of the last block; null until one has come since the start. */
  #timeMs: number | null = null;
  #quotasRead: Quotas | null = null;
  #finalised: Finalised | null = null;
  /** Names of the height before; null when that height is not kept. */
  #previousNames: PreviousNames | null = null;

  constructor(options: ApplicationOptions) {
    this.#hasher = options.hasher;
    this.#newTree = options.newTree;
    this.#modules = options.modules ?? enabledModules;
    this.#declared = declaredBy(this.#modules);
    this.#checks = new TransactionChecks({ ...options, declared: this.#declared });
    this.#versionsMax = options.versionsMax ?? stateVersionsMax;
    this.#state = new VersionedState(this.#newTree(), this.#versionsMax);
    this.#committed = new CommittedReader(this.#state);
  }

  get queries(): readonly Query[] {
    return this.#modules.flatMap(({ queries }) => queries ?? []);
  }

  get height(): number {
    return this.#state.height;
  }

  get appHash(): Uint8Array {
    return this.#state.root;
  }

  initialise(chain: string, genesis: AppState): readonly StateChange[] {
    this.#begin(chain);
    const overlay = new Overlay(this.#committed);
    const execution = executionOn(this.#declared, overlay, { height: 0, timeMs: 0, timeMsLatest: 0 });
    writeQuotas(overlay, genesis.quotas);
    for (const module of this.#modules) module.genesis?.(execution, genesis);
    const { records, entries } = overlay.changes();
    const broken = brokenByChanges(this.#modules, records);
    if (broken !== null) throw new Error(`genesis breaks ${broken}`);
    this.#state.advance(0, this.#state.prepare(entries));
    return entries;
  }

  async restore(
    chain: string,
    height: number,
    batches: Iterable<EntryBatch> | AsyncIterable<EntryBatch>,
  ): Promise<Uint8Array> {
    this.#begin(chain);
    for await (const batch of oneAhead(batches)) this.#state.load(batch);
    return this.#state.endLoad(height);
  }

  get registrationsPerBlockMax(): number {
    return this.#quotas().registrationsPerBlockMax;
  }

  check(transaction: Uint8Array, pending: PendingView): Checked {
    return this.#checks.check(this.#checkBase(), transaction, pending);
  }

  checkAll(transactions: readonly Uint8Array[], pending: PendingView): Iterable<Checked> {
    return this.#checks.checkAll(this.#checkBase(), transactions, pending);
  }

  finalise(block: BlockInput): BlockResult {
    const { height, hash, timeMs, transactions, misbehaviour = [] } = block;
    this.#finalised = null;
    if (height !== this.height + 1) throw new Error(`block ${height} does not follow block ${this.height}`);
    if (hash?.length !== blockHashBytes) throw new Error(`block ${height} comes without its header's hash`);
    const moment: Moment = { height, timeMs, timeMsLatest: timeMs };
    const overlay = new Overlay(new RememberingReader(this.#committed));
    const execution = executionOn(this.#declared, overlay, moment);
    forgetExpired(overlay, height, transactions.length);
    for (const module of this.#modules) module.beginBlock?.({ ...execution, misbehaviour });
    const room = { registrations: this.#quotas().registrationsPerBlockMax };
    const all = transactions.map((transaction) => this.#checks.recall(transaction));
    const valid = this.#checks.validOf(
      all.flatMap(({ decoded, verified }) => (decoded.ok && !verified ? [decoded] : [])),
    );
    const results = all.map(({ decoded, verified }) =>
      decoded.ok ? this.#execute(overlay, moment, decoded, verified || valid.has(decoded), room) : refused(decoded),
    );
    const end = { state: overlay, height, hash, events: execution.events, hasher: this.#hasher };
    for (const module of this.#modules) module.endBlock?.(end);
    const { records, entries } = overlay.changes();
    const broken = brokenByChanges(this.#modules, records);
    if (broken !== null) throw new Error(`block ${height} breaks ${broken}`);
    const version = this.#state.prepare(entries);
    const hashes = all.map(({ hash }) => hash);
    this.#finalised = { height, timeMs, version, hashes, previousNames: new PreviousNames(records) };
    const validatorUpdates = this.#modules.flatMap((module) => module.validatorUpdates?.(records) ?? []);
    const upgrade = upgradeIn(this.#modules, overlay);
    return {
      ...{ results, events: execution.events, appHash: version.root, changes: entries, validatorUpdates },
      // The parameter holds from the block after the one that sets it.
      ...(upgrade?.height === height + 1 ? { appVersion: upgrade.version } : {}),
    };
  }

  commit(): void {
    const finalised = this.#finalised;
    if (finalised === null) throw new Error("there is no finalised block to commit");
    this.#state.advance(finalised.height, finalised.version);
    this.#timeMs = finalised.timeMs;
    this.#previousNames = finalised.previousNames;
    this.#finalised = null;
    this.#checks.committed(finalised.hashes);
  }

  query(name: string, options: { readonly height?: number; readonly prove: boolean }): StateAnswer {
    const height = options.height ?? this.height;
    return { height, ...this.#state.read(name, height, options.prove) };
  }

  ask(query: RunnableQuery, input: QueryInput, options: { readonly height?: number; readonly prove: boolean }): Asked {
    const height = options.height ?? this.height;
    const reader = new RecordingReader(
      {
        height,
        value: (name) => (height === this.height ? this.#state.get(name) : this.#state.read(name, height, false).value),
        names: (prefix, after, descending) => this.#namesAt(height, prefix, after, descending),
      },
      options.prove ? provenEntriesMax : queryEntriesMax,
    );
    const answer = query.read(reader, query.usesNow === true ? input : { ...input, nowMs: 0 });
    const entries = reader.entries.map(([name, value]) => ({
      name,
      value,
      proof: options.prove ? this.#state.read(name, height, true).proof : null,
    }));
    return { height, answer, entries };
  }

  #namesAt(height: number, prefix: string, after: string | undefined, descending: boolean): Iterable<string> {
    const now = this.#state.names(prefix, after, descending);
    if (height === this.height) return now;
    if (height === this.height - 1 && this.#previousNames !== null)
      return this.#previousNames.merge(now, prefix, after, descending);
    throw new RangeError(`lists of height ${height} are not known; those of the newest two heights are`);
  }

  list(
    prefix: string,
    options: { readonly limit?: number; readonly after?: string; readonly descending?: boolean } = {},
  ): readonly (readonly [name: string, value: Uint8Array])[] {
    const limit = options.limit ?? listLimit;
    const entries: (readonly [string, Uint8Array])[] = [];
    if (limit <= 0) return entries;
    for (const name of this.#state.names(prefix, options.after, options.descending)) {
      entries.push([name, this.#state.get(name)!]);
      if (entries.length >= limit) break;
    }
    return entries;
  }

  snapshot(): Generator<void, StateSnapshot, undefined> {
    if (this.#chain === null) throw new Error("there is no state yet");
    return takeSnapshot(this.#state, this.#chain, { hasher: this.#hasher, newTree: this.#newTree });
  }

  usage(): StateUsage {
    return this.#state.usage();
  }

  wakeAtMs(): number | null {
    let earliest: number | null = null;
    for (const module of this.#modules) {
      const wake = module.wakeAtMs?.(this.#committed) ?? null;
      if (wake !== null && (earliest === null || wake < earliest)) earliest = wake;
    }
    return earliest;
  }

  upgrade(): Upgrade | null {
    return upgradeIn(this.#modules, this.#committed);
  }

  #begin(chain: string): void {
    this.#chain = chain;
    this.#state = new VersionedState(this.#newTree(), this.#versionsMax);
    this.#committed = new CommittedReader(this.#state);
    this.#timeMs = null;
    this.#finalised = null;
    this.#previousNames = null;
    this.#quotasRead = null;
    this.#checks.reset();
  }

  #checkBase(): CheckBase {
    const [chain, height, timeMs] = [this.#chainName(), this.height, this.#timeMs];
    return { committed: this.#committed, chain, height, timeMs, quotas: this.#quotas() };
  }

  #execute(
    block: Overlay,
    moment: Moment,
    decoded: Decoded,
    verified: boolean,
    room: { registrations: number },
  ): TransactionResult {
    const registrations = registrationsIn(decoded);
    const sessions: Session[] = [];
    const refusal =
      refuseAdmission(block, this.#chainName(), moment.height, decoded, sessions) ??
      (verified ? null : refuseSignatures(decoded, this.#checks.verify)) ??
      refuseExpired(sessions, moment.timeMs) ??
      refuseQuota(block, this.#quotas(), decoded, moment.timeMs, () => 0) ??
      (registrations > room.registrations ? tooManyRegistrations(this.#quotas()) : null);
    // A transaction that was not admitted leaves no trace: anyone could have put it into the block.
    if (refusal !== null) return refused(refusal);
    room.registrations -= registrations;
    const outcome = applyMessages(this.#declared, block, moment, decoded, sessions);
    countAgainstQuota(block, this.#quotas(), decoded, moment);
    remember(block, decoded.transaction.body.expires, decoded.id, {
      height: moment.height,
      code: outcome.refusal?.code ?? 0,
    });
    return outcome.refusal === null ? applied(outcome.events, this.#hasher) : refused(outcome.refusal);
  }

  /** Fixed at genesis, so read once. */
  #quotas(): Quotas {
    this.#quotasRead ??= quotasOf(this.#committed);
    return this.#quotasRead;
  }

  #chainName(): string {
    if (this.#chain === null) throw new Error("the application is neither initialised nor restored");
    return this.#chain;
  }
}
