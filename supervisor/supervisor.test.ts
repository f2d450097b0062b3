// The supervisor's parts: arguments, checks, log lines, and real child processes that die, hang and refuse to start.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readSettings, SettingError } from "../settings/settings.ts";
import { readArguments } from "./arguments.ts";
import { helpText } from "./help-text.ts";
import { LogFile } from "./log-file.ts";
import { Repetitions, readableLine, saysReady } from "./log-line.ts";
import { Part, PartError } from "./part.ts";
import { checkDataFolder, checkInputs, checkPorts } from "./preflight.ts";

const folder = mkdtempSync(join(tmpdir(), "glasstown-supervisor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("arguments", () => {
  test("paths are relative to where npm was called", () => {
    const { environment } = readArguments(["--world", "a/b.json", "--replay=c.csv", "--port", "5000"], {
      INIT_CWD: "/x",
    });
    expect(environment["GLASSTOWN_WORLD"]).toBe("/x/a/b.json");
    expect(environment["GLASSTOWN_REPLAY"]).toBe("/x/c.csv");
    expect(environment["GLASSTOWN_PORT"]).toBe("5000");
    expect(readArguments(["--world", "default"], {}).environment["GLASSTOWN_WORLD"]).toBe("default");
    expect(readArguments(["--help"], {}).help).toBe(true);
  });
  test.each([
    [["--wrold", "x"], /--wrold/],
    [["x"], /'x'/],
    [["--world"], /--world/],
    [["--port=1", "--nope"], /--nope/],
  ])("%j is refused in one line", (values, pattern) => {
    expect(() => readArguments(values, {})).toThrow(SettingError);
    expect(() => readArguments(values, {})).toThrow(pattern);
    expect(() => readArguments(values, {})).not.toThrow(/\n/);
  });
  test("the help names every variable in lines of at most 120 characters", () => {
    const text = helpText();
    for (const variable of ["GLASSTOWN_DATA", "GLASSTOWN_PORT", "GLASSTOWN_LOG"]) expect(text).toContain(variable);
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe("checks before the start", () => {
  test("a missing file, an unwritable folder and a full disk are named", async () => {
    const settings = readSettings({});
    await expect(checkInputs({ ...settings, replay: join(folder, "no.csv") })).rejects.toThrow(/no\.csv is not there/);
    await expect(checkInputs({ ...settings, world: join(folder, "no.json") })).rejects.toThrow(/GLASSTOWN_WORLD/);
    writeFileSync(join(folder, "file"), "");
    await expect(checkDataFolder(join(folder, "file", "data"))).rejects.toThrow(/GLASSTOWN_DATA/);
    await expect(checkDataFolder(join(folder, "data"), 2 ** 60)).rejects.toThrow(/space/);
    await checkDataFolder(join(folder, "data"), 1);
  });
  test("a taken port is named with its variable; port 0 becomes a number", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const free = {
      GLASSTOWN_PORT: "0",
      GLASSTOWN_LEDGER_PORT: "0",
      GLASSTOWN_TWIN_PORT: "0",
      GLASSTOWN_MQTT_PORT: "0",
    };
    const taken = checkPorts(readSettings({ ...free, GLASSTOWN_TWIN_PORT: String(port) }));
    await expect(taken).rejects.toThrow(new RegExp(`${port} is taken.*GLASSTOWN_TWIN_PORT`));
    const found = await checkPorts(readSettings(free));
    expect(new Set([found.worldPort, found.ledgerPort, found.twinPort, found.mqttPort, 0]).size).toBe(5);
    const twice = { ...free, GLASSTOWN_PORT: String(found.worldPort), GLASSTOWN_MQTT_PORT: String(found.worldPort) };
    await expect(checkPorts(readSettings(twice))).rejects.toThrow(/GLASSTOWN_PORT and GLASSTOWN_MQTT_PORT/);
    await expect(checkPorts(readSettings({ ...free, GLASSTOWN_HOST: "203.0.113.7" }))).rejects.toThrow(
      /GLASSTOWN_HOST/,
    );
    server.close();
  });
});

describe("log lines", () => {
  test("warnings and errors are condensed, the rest is for the file", () => {
    expect(readableLine("twin", '{"level":30,"msg":"stored"}')).toBe(null);
    expect(readableLine("twin", '{"level":40,"msg":"slow","err":{"message":"late"}}')).toBe(
      "twin: warning: slow: late",
    );
    expect(readableLine("twin", "plain \u001b[31mwords")).toBe("twin: plain  [31mwords");
    expect(readableLine("twin", "{broken")).toBe("twin: {broken");
    expect(saysReady('{"msg":"ready"}')).toBe(true);
    expect(saysReady("ready")).toBe(false);
    const repetitions = new Repetitions();
    expect([0, 5, 9_999, 10_001].map((now) => repetitions.next("x", now))).toEqual([
      "x",
      null,
      null,
      "x (2 times more since)",
    ]);
  });
  test("the file is renamed when it is full", () => {
    const log = new LogFile(join(folder, "logs", "a.log"), 100);
    for (let i = 0; i < 25; i++) log.append(`line ${i}`);
    expect(readFileSync(log.path, "utf8").length).toBeLessThanOrEqual(100);
    expect(readFileSync(`${log.path}.1`, "utf8").length).toBeLessThanOrEqual(100);
    expect(readFileSync(log.path, "utf8")).toContain("line 24");
  });
});

describe("a part", () => {
  const shown: string[] = [];
  const make = (script: string, options: { pauses?: number[]; onGiveUp?: (line: string) => void } = {}): Part => {
    const file = join(folder, `part-${shown.length}-${Math.abs(script.length)}.mjs`);
    writeFileSync(file, script);
    return new Part({
      name: "thing",
      command: [process.execPath, file],
      environment: { PATH: process.env["PATH"] },
      log: new LogFile(join(folder, "logs", "thing.log")),
      show: (line) => shown.push(line),
      onGiveUp: options.onGiveUp ?? (() => undefined),
      pauses: options.pauses ?? [10],
    });
  };
  const serves = 'console.log(JSON.stringify({ msg: "ready" })); setInterval(() => {}, 1000);';
  const until = async (holds: () => boolean): Promise<void> => {
    const end = Date.now() + 120_000;
    while (!holds()) {
      if (Date.now() > end) throw new Error(`waited in vain; shown: ${shown.join(" | ")}`);
      await new Promise((wake) => setTimeout(wake, 10));
    }
  };

  test("that dies is started again, and ends when asked", async () => {
    shown.length = 0;
    const part = make(`process.on("SIGTERM", () => process.exit(0)); ${serves}`);
    await part.start();
    const first = part.pid ?? 0;
    process.kill(first, "SIGKILL");
    await until(() => shown.includes("thing is back"));
    expect(shown[0]).toBe("thing ended (SIGKILL); starting it again");
    expect(part.pid).not.toBe(first);
    expect(await part.stop()).toBe(true);
    expect(part.pid).toBe(undefined);
  });

  test("that cannot start is heard, in its own words", async () => {
    const part = make('console.error("port 4001 is taken"); process.exit(1);');
    await expect(part.start()).rejects.toThrow(new PartError("port 4001 is taken"));
    const mute = make("process.exit(3);");
    await expect(mute.start()).rejects.toThrow(/thing ended \(status 3\) before it was ready/);
    expect(await mute.stop()).toBe(true);
  });

  test("that keeps dying is given up", async () => {
    shown.length = 0;
    let last = "";
    const part = make(`console.log('{"msg":"ready"}'); setTimeout(() => process.exit(7), 20);`, {
      onGiveUp: (line) => {
        last = line;
      },
    });
    await part.start();
    await until(() => last !== "");
    expect(last).toMatch(/thing ended 5 times within a minute \(last: status 7\)/);
    expect(await part.stop()).toBe(true);
  });

  test("that is asked to end before it was ready may simply end", async () => {
    const part = make("setInterval(() => {}, 1000);");
    const starting = part.start().catch((error: unknown) => error);
    await until(() => part.pid !== undefined);
    expect(await part.stop()).toBe(true);
    expect(await starting).toBeInstanceOf(PartError);
  });

  test("that did not end well says so", async () => {
    const part = make(`process.on("SIGTERM", () => process.exit(9)); ${serves}`);
    await part.start();
    expect(await part.stop()).toBe(false);
  });
});
