// A peer that does not read is let go, and until then nobody waits for it.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { PacketGate } from "./packet-gate.ts";

it("takes what is written without waiting, and ends when too much stays unread", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = connect((server.address() as AddressInfo).port, "127.0.0.1");
  peer.pause();
  peer.on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  const gate = new PacketGate(socket);
  let reason = "";
  gate.on("error", (error) => {
    reason = error.message;
  });
  const chunk = Buffer.alloc(1000);
  let waited = 0;
  // More than any system keeps in its own buffers for a connection.
  for (let written = 0; written < 64 * 1024 * 1024 && !gate.destroyed; written += chunk.length) {
    if (!gate.write(chunk) && gate.errored === null) waited++;
    if (written % 100_000 === 0) await new Promise((next) => setImmediate(next));
  }
  await until(() => gate.destroyed);
  expect(reason).toMatch(/unread/);
  expect(waited).toBe(0);
  peer.destroy();
  server.close();
});

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 120_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((wake) => setTimeout(wake, 10));
  }
}
