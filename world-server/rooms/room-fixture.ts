// For tests: real rooms on a free port, a small ledger over HTTP that knows the accounts it is told, and citizens with keys.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Client, type Room } from "@colyseus/sdk";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { pino } from "pino";
import { hex } from "../../ledger/protocol/bytes.ts";
import { CityState, cityRoomName, joinSignBytes, type NonceMessage } from "../protocol/city-room.ts";
import { LedgerDirectory } from "./ledger-directory.ts";
import { openRooms, type Rooms } from "./open-rooms.ts";

export interface TestCitizen {
  readonly account: string;
  readonly key: string;
  readonly secret: Uint8Array;
}

export function testCitizen(number: number): TestCitizen {
  const secret = new Uint8Array(32).fill(number + 1);
  const publicKey = ed25519.getPublicKey(secret);
  return { account: hex(sha256(publicKey).subarray(0, 20)), key: hex(publicKey), secret };
}

/** Waits until a condition holds. */
export async function until(what: string, holds: () => boolean, seconds = 8): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((wake) => setTimeout(wake, 10));
  }
}

/** One client of the room with everything it was told. */
export interface Visitor {
  readonly room: Room<unknown, CityState>;
  readonly told: { readonly type: string; readonly message: Record<string, unknown> }[];
  readonly nonce: NonceMessage;
  closed: number | null;
  of(type: string): Record<string, unknown>[];
}

export interface TestCity {
  readonly url: string;
  readonly rooms: Rooms;
  readonly names: Map<string, { name: string; key: string }>;
  ledgerAway: boolean;
  /** Moves the room's clock. */
  pass(ms: number): void;
  visit(): Promise<Visitor>;
  proof(visitor: Visitor, citizen: TestCitizen, change?: Partial<NonceMessage>): Record<string, string>;
  enter(citizen: TestCitizen): Promise<Visitor>;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function testCity(proveWithinMs = 60_000): Promise<TestCity> {
  const names = new Map<string, { name: string; key: string }>();
  const ledger = createServer((request, response) => {
    const account = /^\/v1\/accounts\/([0-9a-f]{40})$/.exec(request.url ?? "")?.[1];
    const known = names.get(account ?? "");
    if (city.ledgerAway) response.destroy();
    else if (request.url === "/v1/chain") response.end(JSON.stringify({ chain: "test-1" }));
    else if (known === undefined) response.writeHead(404).end("{}");
    else {
      const keys = [{ kind: "ed25519", key: known.key }];
      response.end(JSON.stringify({ id: account, account: { name: known.name, keys, roles: [], registered: 1 } }));
    }
  });
  const ledgerUrl = await listening(ledger);
  const server = createServer((request, response) => void city.rooms.matchmake(request, response));
  let passed = 0;
  const nowMs = (): number => 1_790_000_000_000 + passed;
  const rooms = await openRooms(server, {
    manifest: { bounds: [-500, -500, 500, 500], spawn: { x: 0, y: 0, heading: 90 }, hash: "00c0ffee".repeat(8) },
    crowd: 12,
    ledger: new LedgerDirectory(ledgerUrl, nowMs),
    log: pino({ level: process.env["GLASSTOWN_LOG"] ?? "silent" }),
    nowMs,
    proveWithinMs,
    sessions: new Map(),
  });
  const url = await listening(server);
  const visit = async (): Promise<Visitor> => {
    const room = await new Client(url).joinOrCreate<CityState>(cityRoomName, {}, CityState);
    room.reconnection.enabled = false;
    const told: Visitor["told"] = [];
    const visitor: Visitor = {
      room,
      told,
      nonce: { chain: "", room: "", nonce: "", time: 0 },
      closed: null,
      of: (type) => told.filter((one) => one.type === type).map(({ message }) => message),
    };
    room.onMessage("*", (type, message) =>
      told.push({ type: String(type), message: message as Record<string, unknown> }),
    );
    room.onLeave((code) => {
      visitor.closed = code;
    });
    room.onError(() => undefined);
    await until("the nonce", () => visitor.of("nonce").length > 0 || visitor.closed !== null);
    return Object.assign(visitor, { nonce: visitor.of("nonce")[0] });
  };
  const proof: TestCity["proof"] = (visitor, citizen, change = {}) => {
    const { chain, room, nonce } = { ...visitor.nonce, ...change };
    const signature = ed25519.sign(joinSignBytes({ chain, room, nonce, account: citizen.account }), citizen.secret);
    return { account: citizen.account, key: citizen.key, signature: hex(signature) };
  };
  const city: TestCity = {
    url,
    rooms,
    names,
    ledgerAway: false,
    pass: (ms) => {
      passed += ms;
    },
    visit,
    proof,
    enter: async (citizen) => {
      const visitor = await visit();
      visitor.room.send("prove", proof(visitor, citizen));
      await until("the welcome", () => visitor.of("welcome").length > 0);
      return visitor;
    },
    close: async () => {
      await rooms.close();
      ledger.closeAllConnections();
      ledger.close();
      server.closeAllConnections();
      server.close();
    },
  };
  return city;
}
