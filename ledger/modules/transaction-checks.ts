// Admission to the mempool (ABCI's CheckTx) against the committed state, as if the next block were now; and what is remembered of it,
// so that a block does not verify again what was verified here. Bounds: AdmittedCache's, and a block's registrations.

import { hex } from "../protocol/bytes.ts";
import type { Quotas } from "../protocol/genesis.ts";
import { verifyP256 as verifyPortably } from "../protocol/p256.ts";
import { type Refusal, refuse } from "../protocol/refusals.ts";
import { Overlay, type StateReader } from "../state/overlay.ts";
import type { Checked, PendingView } from "./application.ts";
import { applyMessages, type Declared, type Moment } from "./execute.ts";
import type { Hasher } from "./hasher.ts";
import { RememberingReader } from "./remembering-reader.ts";
import { admitted, refused } from "./transaction-result.ts";
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
import { refuseQuota, registrationsIn, tooManyRegistrations } from "./transactions/quota.ts";
import { refuseExpired, type Session } from "./transactions/sessions.ts";

/** How much later than the last block a transaction's block may be: a heartbeat and a wait in the mempool. */
const admissionHorizonMs = 60_000;

/** What a transaction is checked against. */
export interface CheckBase {
  readonly committed: StateReader;
  readonly chain: string;
  /** Height of the committed state. */
  readonly height: number;
  /** Time of the last block; null until one has come since the start. */
  readonly timeMs: number | null;
  readonly quotas: Quotas;
}

interface Recalled {
  /** sha256 of the bytes, hex. */
  readonly hash: string;
  readonly bytes: number;
  readonly decoded: Decoded | Refusal;
  /** Its signatures were found valid before. */
  readonly verified: boolean;
}

export class TransactionChecks {
  readonly verify: SignatureVerifiers;
  readonly #hasher: Hasher;
  readonly #verifyAll: VerifySignatures | null;
  readonly #declared: Declared;
  readonly #admitted = new AdmittedCache();
  /** Registrations admitted since the last block, so that the mempool does not take more than a block does. */
  readonly #registrations = new Set<string>();

  constructor(options: {
    readonly hasher: Hasher;
    readonly verify: VerifySignature;
    readonly verifyAll?: VerifySignatures;
    readonly verifyP256?: VerifySignature;
    readonly declared: Declared;
  }) {
    this.verify = { ed25519: options.verify, p256: options.verifyP256 ?? verifyPortably };
    this.#hasher = options.hasher;
    this.#verifyAll = options.verifyAll ?? null;
    this.#declared = options.declared;
  }

  check(base: CheckBase, transaction: Uint8Array, pending: PendingView): Checked {
    const known = this.recall(transaction);
    return this.#checked(base, new RememberingReader(base.committed), known, pending, known.verified);
  }

  *checkAll(base: CheckBase, transactions: readonly Uint8Array[], pending: PendingView): Generator<Checked> {
    const all = transactions.map((transaction) => ({
      known: this.recall(transaction),
      reader: new RememberingReader(base.committed),
    }));
    // What is refused before its signatures are looked at costs no verification.
    const inLine = all.flatMap(({ reader, known: { decoded, verified } }) =>
      decoded.ok && !verified && refuseNext(base, reader, decoded, []) === null ? [decoded] : [],
    );
    const valid = this.validOf(inLine);
    for (const { reader, known } of all) {
      const verified = known.verified || (known.decoded.ok && valid.has(known.decoded));
      yield this.#checked(base, reader, known, pending, verified);
    }
  }

  /** A transaction with what is known of it: after admission its signatures need not be verified again (TX-18). */
  recall(transaction: Uint8Array): Recalled {
    const hash = hex(this.#hasher.sha256(transaction));
    const known = this.#admitted.get(hash);
    const decoded = known ?? decode(transaction, this.#hasher);
    return { hash, bytes: transaction.length, decoded, verified: known !== null };
  }

  /** Those whose signatures one batch finds valid. It decides nothing alone: of the others each is verified by itself. */
  validOf(unverified: readonly Decoded[]): ReadonlySet<Decoded> {
    return unverified.length < 2 || this.#verifyAll === null
      ? new Set()
      : withValidSignatures(unverified, this.#verifyAll, this.verify.p256);
  }

  /** A block with transactions of these hashes is committed. */
  committed(hashes: readonly string[]): void {
    this.#registrations.clear();
    for (const hash of hashes) this.#admitted.remove(hash);
  }

  /** Another chain or another state begins. */
  reset(): void {
    this.#registrations.clear();
  }

  #checked(
    base: CheckBase,
    reader: RememberingReader,
    known: Recalled,
    pending: PendingView,
    verified: boolean,
  ): Checked {
    const { hash, bytes, decoded } = known;
    if (!decoded.ok)
      return { ...refused(decoded), id: "", by: [], expires: 0, lane: "citizen", registrations: 0, rests: reader };
    const refusal = this.#refuse(base, reader, decoded, pending, verified);
    if (refusal === null) this.#admitted.add(hash, decoded, bytes);
    return {
      ...(refusal === null ? admitted : refused(refusal)),
      id: decoded.id,
      by: decoded.actors,
      expires: decoded.transaction.body.expires,
      // Before block time is known, what has ended counts as lasting: the block knows better.
      lane: laneOf(reader, decoded, base.timeMs ?? 0),
      registrations: registrationsIn(decoded),
      rests: reader,
    };
  }

  #refuse(
    base: CheckBase,
    reader: StateReader,
    decoded: Decoded,
    pending: PendingView,
    verified: boolean,
  ): Refusal | null {
    const sessions: Session[] = [];
    const refusal = refuseNext(base, reader, decoded, sessions);
    if (refusal !== null) return refusal;
    if (pending.has(decoded.id)) return refuse("transaction_must_not_be_repeated", { id: decoded.id });
    const invalid = verified ? null : refuseSignatures(decoded, this.verify);
    if (invalid !== null) return invalid;
    // Until a block has come since the start, block time is unknown; what depends on it is left to the block.
    const { timeMs, quotas } = base;
    if (timeMs === null) return null;
    const expired = refuseExpired(sessions, timeMs);
    if (expired !== null) return expired;
    const exhausted = refuseQuota(reader, quotas, decoded, timeMs, (account) => pending.countOf(account));
    if (exhausted !== null) return exhausted;
    const moment: Moment = { height: base.height + 1, timeMs, timeMsLatest: timeMs + admissionHorizonMs };
    const { refusal: dryRun } = applyMessages(this.#declared, new Overlay(reader), moment, decoded, sessions);
    return dryRun ?? this.#admitRegistrations(quotas, decoded);
  }

  #admitRegistrations(quotas: Quotas, decoded: Decoded): Refusal | null {
    const count = registrationsIn(decoded);
    if (count === 0 || this.#registrations.has(decoded.id)) return null;
    if (this.#registrations.size + count > quotas.registrationsPerBlockMax) return tooManyRegistrations(quotas);
    this.#registrations.add(decoded.id);
    for (let more = 1; more < count; more++) this.#registrations.add(`${decoded.id}.${more}`);
    return null;
  }
}

function refuseNext({ chain, height }: CheckBase, reader: StateReader, decoded: Decoded, sessions: Session[]) {
  return refuseAdmission(reader, chain, height + 1, decoded, sessions);
}
