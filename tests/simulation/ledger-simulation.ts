// A seeded run of the ledger's state machine: all modules' random workloads in blocks at odd times, with restarts, bad, expired
// and repeated transactions, each judged by the auditors. A replica that admitted nothing beforehand must come to the same.

import { allAccounts, keysOf, rolesOf } from "../../ledger/modules/accounts/auditor.ts";
import type { Application, Misbehaviour, ValidatorUpdate } from "../../ledger/modules/application.ts";
import { enabledModules } from "../../ledger/modules/enabled.ts";
import { rootOfEvents } from "../../ledger/modules/history/auditor.ts";
import { brokenByState } from "../../ledger/modules/invariant-check.ts";
import type { Draw, Module, Operation } from "../../ledger/modules/module.ts";
import {
  administration,
  authorise,
  chain,
  genesis,
  headerHashAt,
  newApplication,
  noPending,
  type Person,
  person,
  registrar,
  simulated,
  startMs,
  twin,
  unsoundKeys,
} from "../../ledger/modules/test-city.ts";
import type { Signer } from "../../ledger/modules/transactions/auditor.ts";
import { fromUtf8, hex } from "../../ledger/protocol/bytes.ts";
import type { AppState } from "../../ledger/protocol/genesis.ts";
import type { LedgerEvent } from "../../ledger/protocol/rest.ts";
import {
  type Authorisation,
  type Message,
  type TransactionBody,
  transactionBytes,
  transactionId,
} from "../../ledger/protocol/transaction.ts";
import type { ValidatorRecord } from "../../ledger/protocol/validators.ts";
import type { StateReader } from "../../ledger/state/overlay.ts";
import { type Expected, LedgerAuditor } from "./ledger-auditor.ts";
import { randomFrom } from "./random.ts";

/** Transactions of one block are fewer than this. */
const blockTransactionsMax = 24;
/** Now and then one citizen sends so many at once, which is more than a quota and than a slot takes of one. */
const rushTransactions = 90;
/** Blocks between two comparisons of the whole state. */
const auditEvery = 25;

/** Five validators, so that some can be jailed, leave and come back; terms are short, because the simulation's hours are. */
const founders: readonly Person[] = ["ann", "ben", "cat", "dan", "eve"].map((name) => person(`validator ${name}`));
const network: AppState = {
  ...genesis,
  accounts: [...genesis.accounts, ...founders.map(({ key }, index) => ({ key, name: `Founder ${index}`, roles: [] }))],
  validators: founders.map(({ account }, index) => {
    const name = `Founder ${index}`;
    return { key: person(`validator key ${index}`).key, power: 100 + index, name, account };
  }),
  validatorParams: { jailMs: 60_000, proposalMs: 200_000 },
};

/** Something that is not as it must be. The message says where. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
}

/** A transaction and what must come of it: known beforehand, or by the auditors when its turn comes. */
interface Planned {
  readonly bytes: Uint8Array;
  readonly expected:
    | string
    | {
        readonly messages: readonly Message[];
        readonly id: string;
        readonly signers: readonly Signer[];
        readonly validlySigned: boolean;
      };
}

export interface SimulationOptions {
  readonly seed: number;
  readonly modules?: readonly Module[];
  /** Hears of every block that was committed. */
  readonly onBlock?: (height: number, appHash: Uint8Array) => void;
}

export class LedgerSimulation {
  readonly modules: readonly Module[];
  readonly auditor: LedgerAuditor;
  /** How often each verdict came, "" for applied. */
  readonly verdicts = new Map<string, number>();
  /** How often each event came. */
  readonly events = new Map<string, number>();
  operations = 0;
  restarts = 0;
  timeMs = startMs;
  readonly #random: (below: number) => number;
  readonly #disk = new Map<string, Uint8Array>();
  /** Executes the same blocks without ever having admitted a transaction, and never restarts. */
  readonly #replica: Application;
  /** Everyone who can sign, by public key. */
  readonly #people = new Map<string, Person>();
  readonly #onBlock: NonNullable<SimulationOptions["onBlock"]>;
  #application: Application;
  /** Transactions that were in a block, some of which come again. */
  #included: Uint8Array[] = [];
  readonly #newcomers = new Map<string, Person>();
  /** What CometBFT would have as its validators, from the updates alone. */
  readonly #powers = new Map<string, number>();

  constructor({ seed, modules = enabledModules, onBlock = () => undefined }: SimulationOptions) {
    this.#onBlock = onBlock;
    this.modules = modules;
    this.#random = randomFrom(seed);
    this.auditor = new LedgerAuditor(network, modules);
    for (const { key, power } of network.validators!) this.#powers.set(key, power);
    this.#application = this.#open();
    this.#replica = this.#open();
    for (const { name, value } of this.#application.initialise(chain, network)) this.#disk.set(name, value!);
    this.#replica.initialise(chain, network);
    for (const who of [administration, registrar, twin, simulated, ...founders]) this.#people.set(who.key, who);
  }

  get application(): Application {
    return this.#application;
  }

  /** A random transaction for the state as it is, and who must sign it. Whatever comes of it, its form is right. */
  sample(): { readonly body: TransactionBody; readonly signers: readonly Person[] } {
    const operations = this.modules.flatMap(({ workload }) => workload);
    return this.#unsigned(this.#application.height + 1, allAccounts(this.auditor.books), operations);
  }

  /** Runs until so many operations (messages) have been in blocks. @throws {SimulationError} */
  async run(operations: number): Promise<void> {
    const end = this.operations + operations;
    for (let block = 1; this.operations < end; block++) {
      this.#block();
      if (this.#random(25) === 0) await this.#restart();
      if (block % auditEvery === 0) this.#audit();
    }
    this.#audit();
  }

  #open(): Application {
    return newApplication({ modules: this.modules });
  }

  #block(): void {
    const height = this.#application.height + 1;
    // Mostly seconds, sometimes long silence.
    this.timeMs += this.#random(30) === 0 ? 60_000 * (1 + this.#random(8)) : 1 + this.#random(9_000);
    const planned = this.#planBlock(height);
    for (const { bytes } of planned) if (this.#random(3) > 0) this.#application.check(bytes, noPending);
    const hash = headerHashAt(height);
    const misbehaviour = this.#misbehaviour(height);
    const input = { height, hash, timeMs: this.timeMs, transactions: planned.map(({ bytes }) => bytes), misbehaviour };
    const result = this.#application.finalise(input);
    const other = this.#replica.finalise(input);
    this.#same("app hash of the replica", hex(other.appHash), hex(result.appHash));
    this.#same("updates of the replica", other.validatorUpdates, result.validatorUpdates);
    this.#takeUpdates(result.validatorUpdates);
    this.#same("results of the replica", other.results, result.results);
    this.#same("events of the block", result.events, this.auditor.begin(height, this.timeMs, misbehaviour));
    this.#count(result.events);
    planned.forEach((transaction, index) => {
      const { refusal, events, data } = result.results[index]!;
      const expected = this.#expectedOf(transaction);
      const text = (): string => `transaction ${index} ${fromUtf8(transaction.bytes).slice(0, 2_000)}`;
      this.#same(text, refusal, expected.verdict);
      this.#same(text, events, expected.events);
      this.#same(text, hex(data), refusal === "" ? rootOfEvents(expected.events) : "");
      this.#count(events);
      this.verdicts.set(refusal, (this.verdicts.get(refusal) ?? 0) + 1);
    });
    this.auditor.end({ hash: hex(hash), events: result.events });
    for (const { name, value } of result.changes) {
      if (value === null) this.#disk.delete(name);
      else this.#disk.set(name, value);
    }
    this.#application.commit();
    this.#replica.commit();
    this.#same("app hash after the commit", hex(this.#application.appHash), hex(result.appHash));
    this.#onBlock(height, result.appHash);
    // What was not admitted is not remembered: when it comes again it is new.
    const admitted = (index: number): boolean => {
      const { codespace, refusal } = result.results[index]!;
      return codespace !== "transaction" || refusal === "transaction_key_money_must_suffice";
    };
    const sent = planned
      .filter(({ expected }, index) => typeof expected !== "string" && admitted(index))
      .map(({ bytes }) => bytes);
    this.#included = [...this.#included, ...sent].slice(-100);
  }

  /** Now and then evidence of someone who is or was a validator, twice in one block, or of nobody. */
  #misbehaviour(height: number): readonly Misbehaviour[] {
    if (!this.modules.some(({ name }) => name === "validators") || this.#random(40) > 0) return [];
    const all = this.#application.list("validators/validator/").map(([name]) => name.slice(-40));
    const kinds = ["duplicate-vote", "light-client-attack"] as const;
    const one = (): Misbehaviour => ({
      kind: kinds[this.#random(2)]!,
      address: this.#random(10) === 0 ? "ff".repeat(20) : all[this.#random(all.length)]!,
      height: Math.max(1, height - 1 - this.#random(30)),
      timeMs: this.timeMs,
      totalPower: 1,
    });
    const first = one();
    return this.#random(5) === 0 ? [first, first, one()] : [first];
  }

  /** As CometBFT does, which stops at updates that it cannot take (types/validator_set.go, UpdateWithChangeSet). */
  #takeUpdates(updates: readonly ValidatorUpdate[]): void {
    this.#same("keys of updates", new Set(updates.map(({ key }) => key)).size, updates.length);
    for (const { key, power } of updates) {
      if (power > 0) this.#powers.set(key, power);
      else this.#same(`removal of ${key}`, this.#powers.delete(key), true);
    }
    this.#same("empty set of validators", this.#powers.size === 0, false);
  }

  #expectedOf({ expected }: Planned): Expected {
    return typeof expected === "string"
      ? { verdict: expected, events: [] }
      : this.auditor.apply(expected.messages, expected.id, expected.signers, expected.validlySigned);
  }

  #planBlock(height: number): Planned[] {
    const citizens = allAccounts(this.auditor.books);
    if (this.#random(45) > 0)
      return Array.from({ length: this.#random(blockTransactionsMax) }, () => this.#plan(height, citizens));
    const one = [citizens[this.#random(citizens.length)]!];
    const operations = this.modules.flatMap(({ workload }) => workload);
    // Not what services do, or what needs something that is not there.
    for (let tries = 0; tries < 10; tries++) {
      const same = [operations[this.#random(operations.length)]!];
      if (same[0]!(this.#view(one))?.by === one[0])
        return Array.from({ length: rushTransactions }, () => this.#plan(height, one, same));
    }
    return [];
  }

  #plan(height: number, citizens: readonly string[], operations?: readonly Operation[]): Planned {
    const all = operations ?? this.modules.flatMap(({ workload }) => workload);
    const { body, signers } = this.#unsigned(height, citizens, all);
    const { messages } = body;
    this.operations += messages.length;
    const bad = this.#random(40);
    const auth = signers.map((who) => authorise(body, who));
    const bytes = transactionBytes({ body, auth });
    if (bad < 3) return { bytes: bytes.slice(0, this.#random(bytes.length)), expected: "transaction_must_be_json" };
    const expected = { messages, id: transactionId(body), signers, validlySigned: true };
    if (bad === 3) return { bytes: signedWrongly(body, auth), expected: { ...expected, validlySigned: false } };
    if (bad > 3 && bad < 7 && height > 1) {
      const expired = { ...body, expires: height - 1 };
      const old = transactionBytes({ body: expired, auth: signers.map((who) => authorise(expired, who)) });
      return { bytes: old, expected: "transaction_must_not_be_expired" };
    }
    if (bad > 6 && bad < 10) {
      const repeated = this.#included[this.#random(this.#included.length)];
      if (repeated !== undefined) return { bytes: repeated, expected: this.#verdictOnRepeated(repeated, height) };
    }
    return { bytes, expected };
  }

  #unsigned(
    height: number,
    citizens: readonly string[],
    operations: readonly Operation[],
  ): { readonly body: TransactionBody; readonly signers: readonly Person[] } {
    const messages = this.#draw(citizens, operations);
    const signers = [...new Set(messages.map(({ by }) => by))].map((by) => ({ ...this.#signerOf(by)!, account: by }));
    // Ids follow from the seed, too: the state holds them, and the workload draws from the state.
    const id = Array.from({ length: 4 }, () =>
      this.#random(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    ).join("");
    const body = { chain, id, expires: height + this.#random(20), messages };
    return { body, signers };
  }

  #verdictOnRepeated(bytes: Uint8Array, height: number): string {
    const { body } = JSON.parse(fromUtf8(bytes)) as { body: { expires: number } };
    return body.expires < height ? "transaction_must_not_be_expired" : "transaction_must_not_be_repeated";
  }

  /** Someone who can sign for an account: with any of its keys, or with the one it registers with. Null for nobody's account. */
  #signerOf(account: string): Person | null {
    const keys = keysOf(this.auditor.books, account).filter((key) => this.#people.has(key));
    const key = keys[this.#random(Math.max(1, keys.length))];
    return (key === undefined ? this.#newcomers.get(account) : this.#people.get(key)) ?? null;
  }

  #draw(citizens: readonly string[], operations: readonly Operation[]): Message[] {
    const count = this.#random(6) === 0 ? 2 + this.#random(2) : 1;
    const messages: Message[] = [];
    for (let tries = 0; messages.length < count; tries++) {
      if (tries > 1_000) throw new SimulationError("the workload has nothing to do");
      const message = operations[this.#random(operations.length)]!(this.#view(citizens));
      if (message !== null && this.#signerOf(message.by) !== null) messages.push(message);
    }
    const [first] = messages;
    // Who is not registered yet cannot act, not even in the transaction that registers.
    if (first?.type === "accounts/register" && this.#random(10) === 0)
      messages.unshift({ type: "money/transfer", by: first.by, to: citizens[0]!, amount: "1" });
    return messages;
  }

  #view(citizens: readonly string[]): Draw {
    const { timeMs, auditor } = this;
    const application = this.#application;
    const state: StateReader = {
      get: <T>(name: string): T | null => {
        const { value } = application.query(name, { prove: false });
        return value === null ? null : (JSON.parse(fromUtf8(value)) as T);
      },
      list: (prefix, limit) => application.list(prefix, { limit }).map(([name]) => name),
    };
    const everyone = allAccounts(auditor.books);
    const newcomer = (): Person => {
      const who = person(`newcomer ${this.#newcomers.size}`);
      this.#newcomers.set(who.account, who);
      this.#people.set(who.key, who);
      return who;
    };
    return {
      random: this.#random,
      state,
      timeMs,
      citizens,
      newcomer,
      newKey: () => newcomer().key,
      unsoundKey: () => unsoundKeys[this.#random(unsoundKeys.length)]!,
      service: (role) => everyone.find((who) => rolesOf(auditor.books, who).includes(role)) ?? registrar.account,
    };
  }

  /** What a power cut leaves is the disk: the root must be the same and the chain must go on. */
  async #restart(): Promise<void> {
    this.restarts++;
    const restored = this.#open();
    const { height } = this.#application;
    const root = await restored.restore(chain, height, [[...this.#disk]]);
    this.#same("root after a restart", hex(root), hex(this.#application.appHash));
    this.#application = restored;
  }

  /** All invariants over the whole state, and every record that the auditors know against theirs. */
  #audit(): void {
    const all = this.#application.list("", { limit: 1_000_000 });
    const entries = new Map(all.map(([name, value]) => [name, JSON.parse(fromUtf8(value)) as unknown]));
    this.#same("broken invariant", brokenByState(this.modules, entries), null);
    this.#same("entries on disk", this.#disk.size, entries.size);
    const active = [...entries].flatMap(([name, record]) => {
      const { key, power } = record as ValidatorRecord;
      return name.startsWith("validators/validator/") && power > 0 ? [`${key} ${power}`] : [];
    });
    const followed = [...this.#powers].map(([key, power]) => `${key} ${power}`);
    if (this.modules.some(({ name }) => name === "validators"))
      this.#same("powers by the updates", followed.sort(), active.sort());
    this.#same("state", this.auditor.differences(entries), []);
  }

  #count(events: readonly LedgerEvent[]): void {
    for (const { type } of events) this.events.set(type, (this.events.get(type) ?? 0) + 1);
  }

  #same(what: string | (() => string), found: unknown, wanted: unknown): void {
    const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (a === b) return;
    const where = typeof what === "string" ? what : what();
    throw new SimulationError(`block ${this.#application.height + 1}: ${where}\n  found  ${a}\n  wanted ${b}`);
  }
}

/** The transaction with one digit of its first signature changed. */
function signedWrongly(body: TransactionBody, auth: readonly Authorisation[]): Uint8Array {
  const [first, ...rest] = auth;
  const signature = `${first!.signature.startsWith("0") ? "1" : "0"}${first!.signature.slice(1)}`;
  return transactionBytes({ body, auth: [{ ...first!, signature }, ...rest] });
}
