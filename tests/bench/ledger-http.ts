// The ledger end to end: signed transfers over HTTP to a server process, until they are in synced, indexed blocks. The load runs in
// this process on the same cores. Latency is that of `?wait=commit`: until the answer that the block is on disk.

import { join } from "node:path";
import { LedgerStore } from "../../ledger/storage/ledger-store.ts";
import { print, quick } from "./command-line.ts";
import { bytesOfFolder, withFolder } from "./folders.ts";
import { transfers } from "./ledger-city.ts";
import { heightOf, postOf, send } from "./ledger-load.ts";
import { startServer } from "./ledger-server.ts";
import { compareRounds, type Line, line } from "./measure.ts";

const perRound = quick ? 400 : 6_000;
const connections = 64;
/** Of the saturating ones, so many wait for their block. */
const waitingShare = 16;

const single = (bench: string, ours: number, unit: string, goal: number | null = null): Line =>
  line({ bench, ours, peer: null, peerName: null, unit, goal, higherIsBetter: false });

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

/** Prints all of its lines. */
export async function benchOverHttp(): Promise<void> {
  await withFolder(async (data) => {
    const server = await startServer(data);
    const { port } = server;
    const residentBefore = server.residentMegabytes();
    const empty = bytesOfFolder(join(data, "ledger"));
    let made = 0;
    const signed = async (count: number): Promise<Uint8Array[]> => {
      made += count;
      return transfers(count, await heightOf(port));
    };
    const post = (path: string) => (body: Uint8Array) => postOf(path, body);

    // Processor time tells more than the clock where other work shares the cores.
    const serverUs: number[] = [];
    const loadUs: number[] = [];
    const round = async (): Promise<number> => {
      const requests = (await signed(perRound)).map(post("/v1/transactions"));
      const before = server.processorMs();
      const own = process.cpuUsage();
      const { wholeMs } = await send(port, { requests, transactions: perRound, connections });
      const { user, system } = process.cpuUsage(own);
      const after = server.processorMs();
      loadUs.push((user + system) / perRound);
      if (before !== null && after !== null) serverUs.push(((after - before) * 1000) / perRound);
      return (perRound * 1000) / wholeMs;
    };
    await round();
    print(
      await compareRounds({
        bench: "ledger/tx-per-s",
        unit: "signed transfers over HTTP in a synced block/s",
        goal: 3000,
        higherIsBetter: true,
        rounds: quick ? 1 : 5,
        ours: round,
      }),
    );

    if (serverUs.length > 0) print(single("ledger/server-cpu-us-per-tx", quantile(serverUs, 0.5), "µs"));
    print(single("ledger/load-cpu-us-per-tx", quantile(loadUs, 0.5), "µs"));

    const alone = (await signed(quick ? 10 : 60)).map(post("/v1/transactions?wait=commit"));
    const light = await send(port, { requests: alone, transactions: alone.length, connections: 1 });
    print(single("ledger/commit-light-p50-ms", quantile(light.eachMs, 0.5), "ms"));
    print(single("ledger/commit-light-p99-ms", quantile(light.eachMs, 0.99), "ms"));

    const background = (await signed(perRound)).map(post("/v1/transactions"));
    const waiting = (await signed(quick ? 40 : 240)).map(post("/v1/transactions?wait=commit"));
    const [, saturated] = await Promise.all([
      send(port, { requests: background, transactions: background.length, connections: connections - waitingShare }),
      send(port, { requests: waiting, transactions: waiting.length, connections: waitingShare }),
    ]);
    print(single("ledger/commit-saturated-p50-ms", quantile(saturated.eachMs, 0.5), "ms"));
    print(single("ledger/commit-saturated-p99-ms", quantile(saturated.eachMs, 0.99), "ms"));

    const resident = server.residentMegabytes();
    if (resident !== null && residentBefore !== null) {
      print(single("ledger/rss-mb", resident, "MB resident after the transfers"));
      print(single("ledger/rss-bytes-per-tx", ((resident - residentBefore) * 1_048_576) / made, "bytes"));
    }
    await server.stop();
    // Opening moves the write-ahead log into tables, which is how blocks lie for most of their life.
    await (await LedgerStore.open(join(data, "ledger/store"))).close();
    print(single("ledger/disk-bytes-per-tx", (bytesOfFolder(join(data, "ledger")) - empty) / made, "bytes", 1200));
  });
}
