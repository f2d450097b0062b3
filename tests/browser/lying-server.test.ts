// A server that lies about one byte is caught by the citizen's browser: every lie ends in a red "failed" verdict with the
// right reason, none in green.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WorldDevice } from "../../worlds/format/world.ts";
import { flagsWithoutSimd, launchBrowser, visit } from "./chromium.ts";
import { flipCharacter, type Lie, type LyingProxy, startLyingProxy } from "./lying-proxy.ts";
import { type RunningCity, startCity, until } from "./running-city.ts";

let city: RunningCity;
let browser: Browser;
let proxy: LyingProxy;
let station: WorldDevice;

beforeAll(async () => {
  city = await startCity();
  // What is shown does not matter here, only what is proven: the map is quicker than the scene.
  browser = await launchBrowser(false);
  proxy = await startLyingProxy(city.url);
  const devices = JSON.parse(readFileSync(join(city.world, "devices.json"), "utf8")) as readonly WorldDevice[];
  station = devices.find((device) => device.kind === "air") as WorldDevice;
  await until("an anchored reading", async () => {
    const answer = await fetch(`${city.url}/ledger/v1/state/${encodeURIComponent("telemetry/log")}`);
    return answer.ok;
  });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await city?.stop();
});

type Json = { [name: string]: Json } & Json[] & string & number;

/** Changes a copy of the answer in place; `change` returns false when there was nothing to change. */
const alter =
  (matches: (path: string) => boolean, change: (answer: Json) => boolean): Lie =>
  (path, answer) => {
    if (!matches(path)) return null;
    const copy = structuredClone(answer) as Json;
    return change(copy) ? copy : null;
  };

const isCommit = (path: string): boolean => path.startsWith("/ledger/commit");
const isQuery = (path: string): boolean => path.startsWith("/ledger/abci_query");
const isInclusion = (path: string): boolean => path.startsWith("/log/inclusion");

function eachObservation(answer: Json, change: (observation: Json) => void): boolean {
  let changed = false;
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) walk(item);
    else if (typeof node === "object" && node !== null) {
      const record = node as Json;
      if (typeof (record as { result?: unknown }).result === "number" && "phenomenonTime" in record) {
        change(record);
        changed = true;
      }
      for (const item of Object.values(record)) walk(item);
    }
  };
  walk(answer);
  return changed;
}

const lies: readonly (readonly [what: string, lie: Lie, reasons: readonly string[]])[] = [
  [
    "the value that the page shows",
    alter(
      (path) => path.startsWith("/sta/"),
      (answer) =>
        eachObservation(answer, (observation) => {
          (observation as unknown as { result: number }).result += 0.1;
        }),
    ),
    ["value_must_match_entry"],
  ],
  [
    "the log's entry",
    alter(isInclusion, (answer) => {
      answer["entry"] = (answer["entry"] as string).replace(
        /"sequence":(\d)/,
        (_, digit: string) => `"sequence":${(Number(digit) % 9) + 1}`,
      ) as Json;
      return true;
    }),
    ["device_signature_must_be_valid", "entry_must_be_in_log", "value_must_match_entry"],
  ],
  [
    "a step of the log's proof",
    alter(isInclusion, (answer) => {
      const path = (answer as unknown as { path: string[] }).path;
      if (path[0] === undefined) return false;
      path[0] = flipCharacter(path[0], 7);
      return true;
    }),
    ["entry_must_be_in_log"],
  ],
  [
    "a value in the state",
    alter(isQuery, (answer) => {
      const response = answer["result"]?.["response"];
      if (typeof response?.["value"] !== "string") return false;
      const bytes = Buffer.from(response["value"] as string, "base64");
      const at = bytes.length - 3;
      bytes[at] = (bytes[at] as number) ^ 1;
      response["value"] = bytes.toString("base64") as Json;
      return true;
    }),
    ["state_proof_must_match_app_hash", "answer_must_be_well_formed"],
  ],
  [
    "a step of the state's proof",
    alter(isQuery, (answer) => {
      const op = answer["result"]?.["response"]?.["proofOps"]?.["ops"]?.[0];
      if (op === undefined) return false;
      const bytes = Buffer.from(op["data"] as string, "base64");
      const at = bytes.length - 5;
      bytes[at] = (bytes[at] as number) ^ 1;
      op["data"] = bytes.toString("base64") as Json;
      return true;
    }),
    ["state_proof_must_match_app_hash"],
  ],
  [
    "the app hash in the header",
    alter(isCommit, (answer) => {
      const header = answer["result"]?.["signed_header"]?.["header"];
      if (header === undefined) return false;
      header["app_hash"] = flipCharacter(header["app_hash"] as string, 3) as Json;
      return true;
    }),
    ["header_hash_must_match_commit", "signature_must_be_valid"],
  ],
  [
    "the time in the header",
    alter(isCommit, (answer) => {
      const header = answer["result"]?.["signed_header"]?.["header"];
      if (header === undefined) return false;
      header["time"] = (header["time"] as string).replace(/(\d)(?=\.\d+Z|Z)/, (digit) =>
        String((Number(digit) + 1) % 10),
      ) as Json;
      return true;
    }),
    ["header_hash_must_match_commit", "header_time_must_be_plausible", "signature_must_be_valid"],
  ],
  [
    "a signature of the commit",
    alter(isCommit, (answer) => {
      const slot = answer["result"]?.["signed_header"]?.["commit"]?.["signatures"]?.[0];
      if (slot === undefined) return false;
      const bytes = Buffer.from(slot["signature"] as string, "base64");
      bytes[10] = (bytes[10] as number) ^ 1;
      slot["signature"] = bytes.toString("base64") as Json;
      return true;
    }),
    ["signature_must_be_valid"],
  ],
  [
    "a validator's key",
    alter(
      (path) => path.startsWith("/ledger/validators"),
      (answer) => {
        const validator = answer["result"]?.["validators"]?.[0];
        if (validator === undefined) return false;
        const key = validator["pub_key"] as Json;
        const bytes = Buffer.from(key["value"] as string, "base64");
        bytes[4] = (bytes[4] as number) ^ 1;
        key["value"] = bytes.toString("base64") as Json;
        return true;
      },
    ),
    [
      "validators_must_match_header",
      "validators_must_be_trusted",
      "commit_must_match_validators",
      "signature_must_be_valid",
    ],
  ],
];

describe("a lying server", () => {
  it.each([
    { engine: "with SIMD", flags: [] },
    { engine: "without SIMD", flags: flagsWithoutSimd },
  ])("is believed by an engine $engine when it tells the truth", async ({ flags }) => {
    proxy.tell(null);
    const engine = flags.length === 0 ? browser : await launchBrowser(false, flags);
    const visitor = await visit(engine, proxy.url);
    const modules: string[] = [];
    visitor.page.on("request", (request) =>
      modules.push(/\/((?:core|light)\.\w+)-[^/]*\.wasm$/.exec(request.url())?.[1] ?? ""),
    );
    await visitor.page.waitForFunction(() => window.glasstown?.ready === true);
    await visitor.page.evaluate((id) => window.glasstown?.inspectDevice(id), station.id);
    await visitor.page.locator('[data-testid="card"] [data-testid="shield"][data-state="verified"]').first().waitFor();
    expect(new Set(modules.filter((name) => name !== ""))).toEqual(new Set(["light.scalar"]));
    if (engine === browser) await visitor.context.close();
    else await engine.close();
  });

  it.each(lies)("is caught when it changes %s", async (_what, lie, reasons) => {
    proxy.tell(lie);
    const visitor = await visit(browser, proxy.url);
    await visitor.page.waitForFunction(() => window.glasstown?.ready === true);
    await visitor.page.evaluate((id) => window.glasstown?.inspectDevice(id), station.id);
    const shield = visitor.page.locator('[data-testid="card"] [data-testid="shield"][data-state="failed"]').first();
    await shield.waitFor();
    expect(proxy.told()).toBeGreaterThan(0);
    expect(reasons).toContain(await shield.getAttribute("data-reason"));
    expect(
      await visitor.page.locator('[data-testid="card"] [data-testid="shield"][data-state="verified"]').count(),
    ).toBe(0);
    await visitor.context.close();
  });

  it.each([
    [
      "the hash of a block",
      alter(
        (path) => /^\/ledger\/v1\/blocks\/\d+$/.test(path),
        (answer) => {
          answer["hash"] = flipCharacter(answer["hash"] as string, 5) as Json;
          return true;
        },
      ),
    ],
    [
      "the time of a block",
      alter(
        (path) => /^\/ledger\/v1\/blocks\/\d+$/.test(path),
        (answer) => {
          answer["time"] = (answer["time"] as string).replace(/^(\d{3})\d/, "$10") as Json;
          return true;
        },
      ),
    ],
  ] as const)("is caught when the explorer shows %s changed", async (_what, lie) => {
    proxy.tell(lie);
    const visitor = await visit(browser, proxy.url);
    await visitor.page.waitForFunction(() => window.glasstown?.ready === true);
    await visitor.page.getByTestId("open-explorer").click();
    await visitor.page.getByTestId("block-row").first().click();
    const detail = visitor.page.getByTestId("block-detail");
    await detail.locator('[data-testid="shield"][data-state="failed"]').first().waitFor();
    expect(proxy.told()).toBeGreaterThan(0);
    expect(await detail.locator('[data-testid="shield"][data-state="verified"]').count()).toBe(0);
    await visitor.context.close();
  });
});
