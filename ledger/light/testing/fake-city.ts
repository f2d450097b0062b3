// A small city for tests: a fake ledger of four validators with a registered device, an anchored telemetry log and a transaction.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { Core } from "../../../wasm-core/bindings/core.ts";
import { hex, utf8 } from "../../protocol/bytes.ts";
import { canonicalText } from "../../protocol/canonical.ts";
import { energyState, type SlotRecord } from "../../protocol/energy.ts";
import type { LedgerEvent } from "../../protocol/ledger-event.ts";
import { type BalanceRecord, moneyState } from "../../protocol/money.ts";
import type { DeviceRecord } from "../../protocol/telemetry.ts";
import {
  type LogRecord,
  type Reading,
  readingSignBytes,
  telemetryState,
  type UnsignedReading,
} from "../../protocol/telemetry-records.ts";
import { type TransactionBody, transactionBytes, transactionId } from "../../protocol/transaction.ts";
import { createLightClient, type LightClient } from "../light-client.ts";
import type { TrustStore } from "../trust-store.ts";
import type { ShownReading, ShownTransaction } from "../verdict.ts";
import { FakeLedger, makeSigners, type Signer } from "./fake-ledger.ts";

const genesisMs = Date.UTC(2026, 0, 1);
export const device = "meter-0042";
/** A market slot that cleared at height 2. */
export const slotEntry = energyState.slot(7);
export const clearedSlot: SlotRecord = {
  status: "cleared",
  orders: 2,
  price: "140000",
  tradedWh: "500",
  trades: 1,
  clearedAt: 2,
};

export interface FakeCity {
  readonly ledger: FakeLedger;
  readonly signers: readonly Signer[];
  readonly deviceSecret: Uint8Array;
  readonly entries: string[];
  /** What it told. */
  readonly told: readonly LedgerEvent[];
  readonly transaction: { readonly id: string; readonly height: number; readonly shown: ShownTransaction };
  /** What the client's clock shows; moves only by hand. */
  nowMs: number;
}

export function shown(city: FakeCity, logIndex: number): ShownReading {
  const { device, stream, time, result } = JSON.parse(city.entries[logIndex]!) as Reading;
  return { device, stream, time, result, logIndex };
}

export function signReading(secret: Uint8Array, reading: UnsignedReading): string {
  const signature = hex(ed25519.sign(readingSignBytes(reading), secret));
  return canonicalText({ ...reading, signature });
}

export interface CityOptions {
  readonly anchored?: number;
  readonly deviceRecord?: unknown;
  /** Keeps its validators apart from those of other cities. */
  readonly signers?: string;
  /** How many validators; 4 when not said. */
  readonly validators?: number;
  /** Of the slot that cleared. */
  readonly price?: string;
}

/** Height 2 registers the device, 3 anchors eight of ten readings, 4 has a transaction, 5 and 6 follow. */
export function makeCity(core: Core, options: CityOptions = {}) {
  const signers = makeSigners(core, options.validators ?? 4, options.signers ?? "validator");
  const ledger = new FakeLedger(core, "glasstown-test", signers, genesisMs);
  const deviceSecret = core.sha256(utf8("device"));
  const entries = Array.from({ length: 10 }, (_, i) =>
    signReading(deviceSecret, {
      device,
      stream: "power",
      time: new Date(genesisMs + i * 1000).toISOString(),
      result: 100.5 + i,
      sequence: i,
    }),
  );
  const hashes = entries.map((entry) => core.leafHash(utf8(entry)));
  const size = options.anchored ?? 8;
  const root = hex(core.merkleRootOfHashes(hashes.slice(0, size)));
  const record: DeviceRecord = { kind: "meter", key: hex(ed25519.getPublicKey(deviceSecret)), registered: 2 };
  const [payer, recipient] = ["a".repeat(40), "b".repeat(40)] as const;
  const amount = "1000000";
  const body: TransactionBody = {
    chain: ledger.chain,
    id: "00112233445566778899aabbccddeeff",
    expires: 100,
    messages: [{ type: "money/transfer", by: payer, to: recipient, amount }],
  };
  const auth = [{ by: payer, kind: "ed25519" as const, key: "c".repeat(64), signature: "d".repeat(128) }];
  ledger.make();
  ledger.make({
    state: {
      [telemetryState.device(device)]: options.deviceRecord === undefined ? record : options.deviceRecord,
      [slotEntry]: options.price === undefined ? clearedSlot : { ...clearedSlot, price: options.price },
    },
  });
  const anchored: LogRecord = { size, root, time: "2026-01-01T00:00:08.000Z" };
  ledger.make(size === 0 ? {} : { state: { [telemetryState.log]: anchored } });
  const transactions = [utf8("not a transaction"), transactionBytes({ body, auth })];
  const told = [
    { type: "money/transferred", attributes: { from: payer, to: recipient, amount } },
    { type: "money/noted", attributes: { note: "Glück € 🏙" } },
    { type: "money/limit", attributes: {} },
  ];
  const balance: BalanceRecord = { creditsPosted: amount };
  ledger.make({ transactions, codes: [2, 0], events: [[], told], state: { [moneyState.balance(recipient)]: balance } });
  ledger.make();
  ledger.make();
  ledger.more = (url) => {
    const { pathname, searchParams } = new URL(url, "http://twin");
    const tile = /^\/log\/tile\/0\/000(?:\.p\/([0-9]+))?$/.exec(pathname);
    if (tile !== null) {
      const width = Number(tile[1] ?? 256);
      if (width > hashes.length) return { status: 404, body: { code: 404 } };
      return { status: 200, body: Uint8Array.from(hashes.slice(0, width).flatMap((hash) => [...hash])) };
    }
    if (pathname !== "/log/inclusion") return null;
    const [index, treeSize] = [Number(searchParams.get("index")), Number(searchParams.get("size"))];
    if (treeSize > hashes.length || index >= treeSize) return { status: 404, body: { code: 404 } };
    const path = core.inclusionPath(hashes.slice(0, treeSize), index).map(hex);
    return { status: 200, body: { index, size: treeSize, entry: entries[index], path } };
  };
  const city: FakeCity = {
    ledger,
    signers,
    deviceSecret,
    entries,
    told,
    transaction: { id: transactionId(body), height: 4, shown: { transaction: { body, auth }, code: 0 } },
    nowMs: genesisMs + 60_000,
  };
  return city;
}

export function memoryStore(): TrustStore & { readonly rows: Map<string, unknown> } {
  const rows = new Map<string, unknown>();
  return {
    rows,
    get: async (key) => structuredClone(rows.get(key)),
    put: async (key, value) => {
      rows.set(key, structuredClone(value));
    },
    delete: async (key) => {
      rows.delete(key);
    },
    keys: async (prefix) => [...rows.keys()].filter((key) => key.startsWith(prefix)).sort(),
  };
}

export function makeClient(core: Core, city: FakeCity, store: TrustStore = memoryStore()): LightClient {
  return createLightClient({
    core,
    fetch: city.ledger.fetch,
    now: () => city.nowMs,
    store,
    ledgerUrl: "/ledger",
    logUrl: "/log",
    // A fake ledger makes no blocks by itself: nothing to wait for.
    wait: async () => {},
  });
}
