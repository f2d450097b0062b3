// Which keys of an account may join a room: full ones, and session keys whose scope says so and has not ended.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LedgerDirectory } from "./ledger-directory.ts";

const nowMs = 1_790_000_000_000;
const key = (digit: string): string => digit.repeat(64);
const session = (digit: string, messages: readonly string[], untilMs: number) => ({
  kind: "ed25519",
  key: key(digit),
  scope: { messages, untilMs },
});
const keys = [
  { kind: "passkey", key: `02${key("0")}`, rpId: "localhost" },
  { kind: "ed25519", key: key("1"), label: "Laptop" },
  session("2", ["energy", "world/join"], nowMs + 1),
  session("3", ["world"], nowMs + 1),
  session("4", ["world/join"], nowMs),
  session("5", ["energy", "money"], nowMs + 1),
  session("6", ["world/joint"], nowMs + 1),
];
const server = createServer((_, response) =>
  response.end(JSON.stringify({ account: { name: "Ada", keys, roles: [], registered: 1 } })),
);

beforeAll(() => new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening)));
afterAll(() => void server.close());

it("takes full Ed25519 keys and session keys for joining, until they end", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const citizen = await new LedgerDirectory(url, () => nowMs).citizen("a".repeat(40));
  expect(citizen).toEqual({ name: "Ada", keys: [key("1"), key("2"), key("3")] });
});
