// The city's state machine behind the Application interface: admission, execution block by block, queries.
// Deterministic: the same blocks give the same results and roots. A thrown error is a bug, and nothing was committed.

import type { StateTree } from "../../wasm-core/bindings/state-tree.ts";
import { hex } from "../protocol/bytes.ts";
import type { AppState, Quotas } from "../protocol/genesis.ts";
import { verifyP256 as verifyPortably } from "../protocol/p256.ts";
import { codespaceOf, type Refusal, refuse } from "../protocol/refusals.ts";
import type { LedgerEvent } from "../protocol/rest.ts";
import { CommittedReader, Overlay, type StateReader } from "../state/overlay.ts";
import { PreviousNames } from "../state/previous-names.ts";
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
} from "./application.ts";
import { enabledModules } from "./enabled.ts";
import { applyMessages, type Declared, declaredBy, executionOn, type Moment } from "./execute.ts";
import type { Hasher } from "./hasher.ts";
import { brokenByChanges } from "./invariant-check.ts";
import type { Module } from "./module.ts";
import { oneAhead } from "./one-ahead.ts";
import { provenEntriesMax, type Query, type QueryInput, queryEntriesMax } from "./query.ts";
import { RecordingReader } from "./recording-reader.ts";
import { RememberingReader } from "./remembering-reader.ts";
import {
  refuseAdmission,
  refuseSignatures,
  type SignatureVerifiers,
  type VerifySignature,
  type VerifySignatures,
  withValidSignatures,
} from "./transactions/admission.ts";
import { AdmittedCache } from "./transactions/admitted-cache.ts";
import { type Decoded, decode } from "./transactions/decode.ts";
import { laneOf } from "./transactions/lane.ts";
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

/** How much later than the last block a transaction's block may be: a heartbeat and a wait in the mempool. */
const admissionHorizonMs = 60_000;
/** Entries that `list` answers when no limit is given. */
const listLimit = 10_000;
const noData = new Uint8Array(0);

export function createApplication(options: ApplicationOptions): Application {
  return new CityApplication(options);
}

interface Recalled {
  /** sha256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
  readonly decoded: Decoded | Refusal;
  /** Its signatures were found valid before. */
  readonly verified: boolean;
}

interface Finalised {
  readonly height: number;
  readonly timeMs: number;
  readonly version: PreparedVersion;
  readonly hashes: readonly string[];
  readonly previousNames: PreviousNames;
}

class CityApplication implements Application {
  readonly #hasher: Hasher;
  readonly #newTree: () => StateTree;
  readonly #verify: SignatureVerifiers;
  readonly #verifyAll: VerifySignatures | null;
  readonly #modules: readonly Module[];
  readonly #declared: Declared;
  readonly #versionsMax: number;
  readonly #admitted = new AdmittedCache();
  /** Registrations admitted since the last block, so that the mempool does not take more than a block does. */
  readonly #registrations = new Set<string>();
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
    this.#verify = { ed25519: options.verify, p256: options.verifyP256 ?? verifyPortably };
    this.#verifyAll = options.verifyAll ?? null;
    this.#modules = options.modules ?? enabledModules;
    this.#declared = declaredBy(this.#modules);
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
    const known = this.#recall(transaction);
    return this.#checked(new RememberingReader(this.#committed), known, pending, known.verified);
  }

  *checkAll(transactions: readonly Uint8Array[], pending: PendingView): Generator<Checked> {
    const all = transactions.map((transaction) => ({
      known: this.#recall(transaction),
      reader: new RememberingReader(this.#committed),
    }));
    // What is refused before its signatures are looked at costs no verification.
    const inLine = all.flatMap(({ reader, known: { decoded, verified } }) =>
      decoded.ok && !verified && this.#refuseAdmission(reader, decoded, []) === null ? [decoded] : [],
    );
    const valid = this.#validOf(inLine);
    for (const { reader, known } of all)
      yield this.#checked(reader, known, pending, known.verified || (known.decoded.ok && valid.has(known.decoded)));
  }

  /** A transaction with what is known of it: after admission its signatures need not be verified again (TX-18). */
  #recall(transaction: Uint8Array): Recalled {
    const hash = hex(this.#hasher.sha256(transaction));
    const known = this.#admitted.get(hash);
    const decoded = known ?? decode(transaction, this.#hasher);
    return { hash, bytes: transaction.length, decoded, verified: known !== null };
  }

  #checked(reader: RememberingReader, known: Recalled, pending: PendingView, verified: boolean): Checked {
    const { hash, bytes, decoded } = known;
    if (!decoded.ok)
      return { ...refused(decoded), id: "", by: [], expires: 0, lane: "citizen", registrations: 0, rests: reader };
    const refusal = this.#refuseNow(reader, decoded, pending, verified);
    if (refusal === null) this.#admitted.add(hash, decoded, bytes);
    return {
      ...(refusal === null ? applied([]) : refused(refusal)),
      id: decoded.id,
      by: decoded.actors,
      expires: decoded.transaction.body.expires,
      // Before block time is known, what has ended counts as lasting: the block knows better.
      lane: laneOf(reader, decoded, this.#timeMs ?? 0),
      registrations: registrationsIn(decoded),
      rests: reader,
    };
  }

  finalise(block: BlockInput): BlockResult {
    const { height, timeMs, transactions } = block;
    this.#finalised = null;
    if (height !== this.height + 1) throw new Error(`block ${height} does not follow block ${this.height}`);
    const moment: Moment = { height, timeMs, timeMsLatest: timeMs };
    const overlay = new Overlay(new RememberingReader(this.#committed));
    const execution = executionOn(this.#declared, overlay, moment);
    forgetExpired(overlay, height, transactions.length);
    for (const module of this.#modules) module.beginBlock?.(execution);
    const room = { registrations: this.#quotas().registrationsPerBlockMax };
    const all = transactions.map((transaction) => this.#recall(transaction));
    const valid = this.#validOf(all.flatMap(({ decoded, verified }) => (decoded.ok && !verified ? [decoded] : [])));
    const results = all.map(({ decoded, verified }) =>
      decoded.ok ? this.#execute(overlay, moment, decoded, verified || valid.has(decoded), room) : refused(decoded),
    );
    const { records, entries } = overlay.changes();
    const broken = brokenByChanges(this.#modules, records);
    if (broken !== null) throw new Error(`block ${height} breaks ${broken}`);
    const version = this.#state.prepare(entries);
    const hashes = all.map(({ hash }) => hash);
    this.#finalised = { height, timeMs, version, hashes, previousNames: new PreviousNames(records) };
    return { results, events: execution.events, appHash: version.root, changes: entries };
  }

  commit(): void {
    const finalised = this.#finalised;
    if (finalised === null) throw new Error("there is no finalised block to commit");
    this.#state.advance(finalised.height, finalised.version);
    this.#timeMs = finalised.timeMs;
    this.#previousNames = finalised.previousNames;
    this.#finalised = null;
    this.#registrations.clear();
    for (const hash of finalised.hashes) this.#admitted.remove(hash);
  }

  query(name: string, options: { readonly height?: number; readonly prove: boolean }): StateAnswer {
    const height = options.height ?? this.height;
    return { height, ...this.#state.read(name, height, options.prove) };
  }

  ask(query: Query, input: QueryInput, options: { readonly height?: number; readonly prove: boolean }): Asked {
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

  #begin(chain: string): void {
    this.#chain = chain;
    this.#state = new VersionedState(this.#newTree(), this.#versionsMax);
    this.#committed = new CommittedReader(this.#state);
    this.#timeMs = null;
    this.#finalised = null;
    this.#previousNames = null;
    this.#quotasRead = null;
    this.#registrations.clear();
  }

  #refuseAdmission(reader: StateReader, decoded: Decoded, sessions: Session[]): Refusal | null {
    return refuseAdmission(reader, this.#chainName(), this.height + 1, decoded, sessions);
  }

  /** Admission against the committed state, as if the next block were now. */
  #refuseNow(reader: StateReader, decoded: Decoded, pending: PendingView, verified: boolean): Refusal | null {
    const sessions: Session[] = [];
    const refusal = this.#refuseAdmission(reader, decoded, sessions);
    if (refusal !== null) return refusal;
    if (pending.has(decoded.id)) return refuse("transaction_must_not_be_repeated", { id: decoded.id });
    const invalid = verified ? null : refuseSignatures(decoded, this.#verify);
    if (invalid !== null) return invalid;
    // Until a block has come since the start, block time is unknown; what depends on it is left to the block.
    if (this.#timeMs === null) return null;
    const timeMs = this.#timeMs;
    const expired = refuseExpired(sessions, timeMs);
    if (expired !== null) return expired;
    const exhausted = refuseQuota(reader, this.#quotas(), decoded, timeMs, (account) => pending.countOf(account));
    if (exhausted !== null) return exhausted;
    const moment: Moment = { height: this.height + 1, timeMs, timeMsLatest: timeMs + admissionHorizonMs };
    const { refusal: dryRun } = applyMessages(this.#declared, new Overlay(reader), moment, decoded, sessions);
    if (dryRun !== null) return dryRun;
    return this.#admitRegistrations(decoded);
  }

  #admitRegistrations(decoded: Decoded): Refusal | null {
    const count = registrationsIn(decoded);
    if (count === 0 || this.#registrations.has(decoded.id)) return null;
    if (this.#registrations.size + count > this.#quotas().registrationsPerBlockMax)
      return tooManyRegistrations(this.#quotas());
    this.#registrations.add(decoded.id);
    for (let more = 1; more < count; more++) this.#registrations.add(`${decoded.id}.${more}`);
    return null;
  }

  /** Those whose signatures one batch finds valid. It decides nothing alone: of the others each is verified by itself. */
  #validOf(unverified: readonly Decoded[]): ReadonlySet<Decoded> {
    return unverified.length < 2 || this.#verifyAll === null
      ? new Set()
      : withValidSignatures(unverified, this.#verifyAll, this.#verify.p256);
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
      (verified ? null : refuseSignatures(decoded, this.#verify)) ??
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
    return outcome.refusal === null ? applied(outcome.events) : refused(outcome.refusal);
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

function applied(events: readonly LedgerEvent[]): TransactionResult {
  return { code: 0, codespace: "", refusal: "", params: {}, data: noData, events };
}

function refused({ code, name, params }: Refusal): TransactionResult {
  return { code, codespace: codespaceOf(name), refusal: name, params, data: noData, events: [] };
}
