// What tests of the state machine share: accounts with known keys, an application with its chain, and bare executions
// of single messages. Not part of the product.

import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { loadStateTree } from "../../wasm-core/bindings/node.ts";
import type { Role } from "../protocol/accounts.ts";
import { hex, utf8 } from "../protocol/bytes.ts";
import { verifyEd25519Sync } from "../protocol/ed25519-node.ts";
import type { AppState } from "../protocol/genesis.ts";
import type { RefusalName } from "../protocol/refusals.ts";
import type { DeviceKind } from "../protocol/telemetry.ts";
import type { AnswerChange, TestPasskey } from "../protocol/test-passkey.ts";
import {
  type Authorisation,
  accountIdOfKey,
  type Message,
  type TransactionBody,
  transactionBytes,
  transactionChallenge,
  transactionSignBytes,
} from "../protocol/transaction.ts";
import { CommittedReader, Overlay } from "../state/overlay.ts";
import { VersionedState } from "../state/versioned-state.ts";
import type { Application, BlockResult, Misbehaviour, PendingView } from "./application.ts";
import { createApplication } from "./city-application.ts";
import { enabledModules } from "./enabled.ts";
import { declaredBy, executionOn } from "./execute.ts";
import type { Hasher } from "./hasher.ts";
import type { Module } from "./module.ts";

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest());
const merkleRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length <= 1) return leaves.length === 0 ? sha256(new Uint8Array(0)) : testHasher.leafHash(leaves[0]!);
  const split = 2 ** (31 - Math.clz32(leaves.length - 1));
  return testHasher.innerHash(merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
};
export const testHasher: Hasher = {
  sha256,
  sha256All: (messages) => Buffer.concat(messages.map(sha256)),
  leafHash: (leaf) => sha256(Buffer.concat([Uint8Array.of(0), leaf])),
  innerHash: (left, right) => sha256(Buffer.concat([Uint8Array.of(1), left, right])),
  merkleRoot,
};
/** What stands for a header's hash where blocks are made by hand. */
export const headerHashAt = (height: number): Uint8Array => sha256(utf8(`header ${height}`));
export const chain = "test-city";
/** A block time at the start of a slot. */
export const startMs = 1_800_000_000_000;
export const slotSeconds = 60;
export const noPending: PendingView = { has: () => false, countOf: () => 0 };

/** PKCS #8 of Ed25519 (RFC 8410) up to the seed's 32 bytes. */
const privateKeyPrefix = Buffer.from("302e020100300506032b657004220420", "hex");

export interface Person {
  readonly account: string;
  readonly key: string;
  readonly secret: KeyObject;
}

/** A person whose key follows from a label. */
export function person(label: string): Person {
  const secret = createPrivateKey({
    key: Buffer.concat([privateKeyPrefix, sha256(utf8(`test person ${label}`))]),
    format: "der",
    type: "pkcs8",
  });
  const key = hex(createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32));
  return { account: accountIdOfKey(key), key, secret };
}

/** Ed25519 keys with which anybody could sign, or that are no point's one encoding. */
export const unsoundKeys: readonly string[] = [
  // Of order 1, 4, 4, 2, 8 and 8.
  `01${"00".repeat(31)}`,
  "00".repeat(32),
  `${"00".repeat(31)}80`,
  `ec${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  // y = p + 3 and y = 3 are one point; x = 0 has no sign; no x belongs to y = 2.
  `f0${"ff".repeat(30)}7f`,
  `01${"00".repeat(30)}80`,
  `02${"00".repeat(31)}`,
  "ff".repeat(32),
];

export const administration = person("city");
export const registrar = person("registrar");
export const twin = person("twin");
export const simulated = person("simulated");

const service = (who: Person, name: string, role: Role) => ({ key: who.key, name, roles: [role] });

export const genesis: AppState = {
  accounts: [
    service(administration, "City", "city"),
    service(registrar, "Registrar", "registrar"),
    service(twin, "Twin", "twin"),
    service(simulated, "Simulated", "simulated"),
  ],
  treasury: "1000000000000",
  welcomeGrant: "100000000",
  recovery: { guardianDelayMsMin: 60_000, proposalMs: 300_000 },
  energy: { slotSeconds },
};

export function newApplication(options: { versionsMax?: number; modules?: readonly Module[] } = {}): Application {
  return createApplication({ hasher: testHasher, newTree: loadStateTree, verify: verifyEd25519Sync, ...options });
}

export function authorise(body: TransactionBody, who: Person): Authorisation {
  const signature = sign(null, transactionSignBytes(body), who.secret);
  return { by: who.account, kind: "ed25519", key: who.key, signature: hex(signature) };
}

/** The passkey's account: the id follows from its key. */
export function accountOfPasskey(passkey: TestPasskey): string {
  return accountIdOfKey(passkey.key);
}

export function authorisePasskey(
  body: TransactionBody,
  passkey: TestPasskey,
  by = accountOfPasskey(passkey),
  change: AnswerChange = {},
): Authorisation {
  return { by, kind: "passkey", key: passkey.key, ...passkey.answer(transactionChallenge(body), change) };
}

let nonce = 0;

/** A body with an id of its own. */
export function bodyOf(messages: readonly Message[], expires: number): TransactionBody {
  nonce++;
  return { chain, id: nonce.toString(16).padStart(32, "0"), expires, messages: [...messages] };
}

/** A signed transaction's bytes. */
export function signed(messages: readonly Message[], signers: readonly Person[], expires: number): Uint8Array {
  const body = bodyOf(messages, expires);
  return transactionBytes({ body, auth: signers.map((who) => authorise(body, who)) });
}

export function registration(who: Person, name: string): Message {
  return { type: "accounts/register", by: who.account, name, key: who.key };
}

/** Of a device with a key of its own, by the registrar. */
export function deviceRegistration(
  device: string,
  kind: DeviceKind,
  more: { readonly solar?: boolean; readonly by?: string } = {},
): Message {
  const { key } = person(`device ${device}`);
  return { type: "telemetry/register-device", by: registrar.account, device, kind, key, ...more };
}

/** A chain under test: blocks are made by hand. */
export class TestCity {
  readonly application: Application;
  timeMs = startMs;

  constructor(options: { readonly appState?: AppState; readonly versionsMax?: number } = {}) {
    const { versionsMax } = options;
    this.application = newApplication(versionsMax === undefined ? {} : { versionsMax });
    this.application.initialise(chain, options.appState ?? genesis);
  }

  /** Executes and commits a block, one second after the last. */
  block(transactions: readonly Uint8Array[], timeMs = this.timeMs + 1000): BlockResult {
    this.timeMs = timeMs;
    const height = this.application.height + 1;
    const result = this.application.finalise({ height, hash: headerHashAt(height), timeMs, transactions });
    this.application.commit();
    return result;
  }

  /** One transaction in a block of its own; answers the refusal's name, empty when applied. */
  apply(messages: readonly Message[], ...signers: readonly Person[]): string {
    const result = this.block([signed(messages, signers, this.application.height + 10)]).results[0]!;
    return result.refusal;
  }

  read<T>(name: string): T | null {
    const { value } = this.application.query(name, { prove: false });
    return value === null ? null : (JSON.parse(Buffer.from(value).toString("utf8")) as T);
  }
}

/** A state with genesis on which single messages run without transactions around them. */
export class TestState {
  readonly state: Overlay;
  readonly events: { readonly type: string; readonly attributes: Readonly<Record<string, string>> }[] = [];
  height = 1;
  timeMs = startMs;
  readonly #declared = declaredBy(enabledModules);

  constructor(appState: AppState = genesis) {
    this.state = new Overlay(new CommittedReader(new VersionedState(loadStateTree())));
    const execution = executionOn(this.#declared, this.state, { height: 0, timeMs: 0, timeMsLatest: 0 });
    for (const module of enabledModules) module.genesis?.(execution, appState);
  }

  /** Applies a message; answers the refusal's name or null. What a refused message wrote is dropped. */
  run(message: Message): RefusalName | null {
    const overlay = new Overlay(this.state);
    const execution = executionOn(this.#declared, overlay, {
      height: this.height,
      timeMs: this.timeMs,
      timeMsLatest: this.timeMs,
    });
    nonce++;
    const transactionId = nonce.toString(16).padStart(64, "0");
    const binding = this.#declared.bindings.get(message.type)!;
    const refusal = binding.apply({ ...execution, transactionId, messageIndex: 0 }, message);
    if (refusal !== null) return refusal.name;
    overlay.mergeInto(this.state);
    this.events.push(...execution.events);
    return null;
  }

  /** Runs what modules do before a block's transactions. */
  begin(timeMs: number, misbehaviour: readonly Misbehaviour[] = []): void {
    this.timeMs = timeMs;
    this.height++;
    const execution = executionOn(this.#declared, this.state, { height: this.height, timeMs, timeMsLatest: timeMs });
    for (const module of enabledModules) module.beginBlock?.({ ...execution, misbehaviour });
    this.events.push(...execution.events);
  }
}
