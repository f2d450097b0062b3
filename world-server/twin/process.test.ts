// The twin and the devices as processes of their own: kill, end, and starts that fail.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { canonicalText } from "../../ledger/protocol/canonical.ts";
import { type CityKeys, loadCityKeys } from "../../settings/city-keys.ts";
import { LedgerDouble } from "./testing/ledger-double.ts";
import { writeSmallWorld } from "./testing/small-world.ts";
import { connect, signedReading, until } from "./testing/twin-fixture.ts";

let data: string;
let world: string;
let keys: CityKeys;
let ledger: LedgerDouble;
let ledgerPort: string;
const running = new Set<ChildProcess>();

interface Started {
  readonly child: ChildProcess;
  readonly facts: { http: number; mqtt: number; size: number };
}

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "glasstown-process-"));
  world = writeSmallWorld(join(data, "world"));
  keys = loadCityKeys(data);
  ledger = new LedgerDouble();
  ledgerPort = new URL(await ledger.start()).port;
});
afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  await ledger.close();
  rmSync(data, { recursive: true, force: true });
});

function launch(script: string, environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [new URL(script, import.meta.url).pathname], {
    env: {
      PATH: process.env["PATH"],
      GLASSTOWN_DATA: data,
      GLASSTOWN_WORLD: world,
      GLASSTOWN_TWIN_PORT: "0",
      GLASSTOWN_MQTT_PORT: "0",
      GLASSTOWN_LEDGER_PORT: ledgerPort,
      GLASSTOWN_LOG: "error",
      ...environment,
    },
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function startTwin(environment?: Record<string, string>): Promise<Started> {
  const child = launch("main.ts", environment);
  let out = "";
  let failed = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (failed += chunk.toString()));
  await until("ready", () => {
    if (child.exitCode !== null) throw new Error(`the twin ended: ${failed}`);
    return out.includes('"msg":"ready"');
  });
  const line = out.split("\n").find((text) => text.includes('"msg":"ready"')) ?? "{}";
  return { child, facts: JSON.parse(line) };
}

function exited(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout?.resume();
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stderr })));
}

it("kill -9 under load loses no acknowledged reading, and the log goes on", async () => {
  let sequence = 0;
  const acknowledged = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { child, facts } = await startTwin();
    await until("registered", () => ledger.state.has("telemetry/device/tram-01"));
    const client = await connect(facts.mqtt);
    client.on("error", () => undefined);
    const goal = acknowledged.size + 60;
    const publishOne = (): void => {
      const entry = canonicalText(signedReading(keys, { sequence: ++sequence }));
      client.publish("glasstown/readings/meter-0001", entry, { qos: 1 }, (error) => {
        if (error) return;
        acknowledged.add(entry);
        publishOne();
      });
    };
    for (let i = 0; i < 20; i++) publishOne();
    await until("acknowledgements", () => acknowledged.size >= goal);
    const gone = exited(child);
    child.kill("SIGKILL");
    await gone;
    await client.endAsync(true);
  }
  const { child, facts } = await startTwin();
  const base = `http://127.0.0.1:${facts.http}/log`;
  const { size } = (await (await fetch(`${base}/size`)).json()) as { size: number };
  expect(size).toBeGreaterThanOrEqual(acknowledged.size);
  const stored = new Set<string>();
  for (let first = 0; first < size; first += 256) {
    const width = Math.min(256, size - first);
    const path = `${base}/tile/entries/${String(first / 256).padStart(3, "0")}${width === 256 ? "" : `.p/${width}`}`;
    const bundle = Buffer.from(await (await fetch(path)).arrayBuffer());
    for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at)) {
      stored.add(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)).toString());
    }
  }
  expect(stored.size).toBe(size);
  for (const entry of acknowledged) expect(stored.has(entry)).toBe(true);
  const gone = exited(child);
  child.kill("SIGTERM");
  expect(await gone).toEqual({ code: 0, stderr: "" });
});

it("the devices process feeds the twin process, and both end cleanly", async () => {
  const twin = await startTwin();
  const devices = launch("devices/main.ts", {
    GLASSTOWN_MQTT_PORT: String(twin.facts.mqtt),
    GLASSTOWN_DEVICE_RATE: "100",
  });
  devices.stdout?.resume();
  await until("readings", async () => {
    const answer = await fetch(`http://127.0.0.1:${twin.facts.http}/log/size`);
    return ((await answer.json()) as { size: number }).size > 50;
  });
  const gone = exited(devices);
  devices.kill("SIGTERM");
  expect(await gone).toEqual({ code: 0, stderr: "" });
  const twinGone = exited(twin.child);
  twin.child.kill("SIGTERM");
  expect(await twinGone).toEqual({ code: 0, stderr: "" });
});

it("a start that fails says one line and exits with 1", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const port = String((blocker.address() as AddressInfo).port);
  const broken = join(data, "broken.csv");
  writeFileSync(broken, "time,GC,GG\n2011-07-01 00:00:00,x,0\n");
  const file = join(data, "file");
  writeFileSync(file, "");
  const brokenWorld = writeSmallWorld(join(data, "broken-world"));
  writeFileSync(join(brokenWorld, "devices.json"), '[{"id":"UPPER"}]');
  const cases: [script: string, environment: Record<string, string>, line: RegExp][] = [
    ["main.ts", { GLASSTOWN_TWIN_PORT: port }, new RegExp(`^twin: port ${port} is in use; .+\n$`)],
    ["main.ts", { GLASSTOWN_MQTT_PORT: port }, new RegExp(`^twin: port ${port} is in use; .+\n$`)],
    ["main.ts", { GLASSTOWN_DATA: join(file, "x") }, /^twin: [^\n]*ENOTDIR[^\n]*\n$/],
    ["main.ts", { GLASSTOWN_ANCHOR_SECONDS: "soon" }, /^twin: GLASSTOWN_ANCHOR_SECONDS is "soon"[^\n]*\n$/],
    ["main.ts", { GLASSTOWN_WORLD: brokenWorld }, /^twin: [^\n]*devices\.json: 0\.id: [^\n]*\n$/],
    ["devices/main.ts", { GLASSTOWN_REPLAY: broken }, /^devices: GLASSTOWN_REPLAY [^\n]*line 2 is not [^\n]*\n$/],
    [
      "devices/main.ts",
      { GLASSTOWN_REPLAY: "/nowhere.csv" },
      /^devices: GLASSTOWN_REPLAY \/nowhere\.csv: no such file\n$/,
    ],
  ];
  for (const [script, environment, line] of cases) {
    const { code, stderr } = await exited(launch(script, environment));
    expect(stderr).toMatch(line);
    expect(code).toBe(1);
  }
  blocker.close();
});

it("a second twin on the same data folder does not start", async () => {
  const first = await startTwin();
  const { code, stderr } = await exited(launch("main.ts"));
  expect(stderr).toMatch(/^twin: [^\n]*twin\.sqlite: is in use by another twin\n$/);
  expect(code).toBe(1);
  first.child.kill("SIGTERM");
});
