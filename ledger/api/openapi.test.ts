// The document is kept true: real answers of every route satisfy it, no route is missing, every example satisfies its own schema.

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { advanceToBlock, ManualClock, type Person, person } from "../consensus/test-chain.ts";
import type { Message } from "../protocol/transaction.ts";
import { createLedgerApi } from "./app.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

interface Operation {
  readonly operationId: string;
  readonly parameters?: {
    readonly name: string;
    readonly in: string;
    readonly schema: unknown;
    readonly example?: unknown;
  }[];
  readonly responses: Record<string, { readonly $ref?: string; readonly headers?: object; readonly content?: Content }>;
  readonly requestBody?: { readonly content: Content };
}
type Content = Record<string, { readonly schema: object; readonly example?: unknown }>;
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly responses: Record<string, { readonly headers: object; readonly content: Content }> };
}

let server: TestServer;
let document: Document;
let seller: Person;
let slot: number;
let transactionId: string;
let spare: Person;
let reserve: string;
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);

beforeAll(async () => {
  // A market that was cleared, so that every list has lines.
  const clock = new ManualClock(Date.parse("2026-11-22T10:00:00Z"));
  server = await startTestServer(clock, {}, clock);
  seller = person();
  spare = person();
  const buyer = person();
  const { registrar, engine } = server.chain;
  const commit = async (by: Person, ...messages: Message[]): Promise<void> => {
    const submitted = await engine.submit(await server.chain.bytesOf(by, ...messages));
    expect(submitted).toMatchObject({ ok: true });
    if (submitted.ok) transactionId = submitted.id;
    await advanceToBlock(server.chain, clock, 500);
  };
  const { key } = person();
  await commit(seller, { type: "accounts/register", by: seller.id, name: "Seller", key: seller.key });
  await commit(buyer, { type: "accounts/register", by: buyer.id, name: "Buyer", key: buyer.key });
  const device = {
    type: "telemetry/register-device",
    by: registrar.id,
    device: "meter-1",
    kind: "meter",
    key,
  } as const;
  await commit(registrar, { ...device, solar: true });
  const anchor = { size: 1, root: "0".repeat(64), time: "2026-11-22T10:00:00.000Z" };
  await commit(registrar, { type: "telemetry/anchor-log", by: registrar.id, ...anchor });
  await commit(seller, { type: "energy/link-meter", by: seller.id, meter: "meter-1" });
  slot = Math.floor(clock.nowMs() / 60_000);
  const order = { slot, energyWh: "500", price: "140000" };
  await commit(seller, { type: "energy/offer", by: seller.id, meter: "meter-1", ...order });
  await commit(buyer, { type: "energy/bid", by: buyer.id, ...order });
  await commit(seller, { type: "energy/offer", by: seller.id, meter: "meter-1", ...order, slot: slot + 1 });
  const expiresMs = clock.nowMs() + 3_600_000;
  await commit(buyer, { type: "money/reserve", by: buyer.id, to: seller.id, amount: "5", expiresMs });
  reserve = `${transactionId}.0`;
  await commit(buyer, { type: "money/set-limits", by: buyer.id, perDay: "1000000" });
  for (let i = 0; i < 4; i++) await advanceToBlock(server.chain, clock, 20_000);
  document = (await server.get("/openapi.json")).body as Document;
  ajv.addSchema(document, "doc");
});
afterAll(() => server.close());

function check(pointer: string, value: unknown): void {
  const validate = ajv.getSchema(`doc#${pointer}`) ?? ajv.compile({ $ref: `doc#${pointer}` });
  const valid = validate(value);
  expect(valid ? [] : validate.errors, pointer).toEqual([]);
}
const escaped = (text: string): string =>
  text.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");

/** One request or more for every operation of the document. */
const requests = (): Record<string, string[]> => ({
  "/": ["/"],
  "/ready": ["/ready"],
  "/metrics": ["/metrics"],
  "/v1/accounts": ["/v1/accounts", "/v1/accounts?limit=1&prove=true", "/v1/accounts?role=registrar"],
  "/v1/accounts/{id}": [
    `/v1/accounts/${seller.id}`,
    `/v1/accounts/${seller.id}?prove=true`,
    `/v1/accounts/${"0".repeat(40)}?prove=true`,
  ],
  "/v1/accounts/{id}/guardians": [`/v1/accounts/${seller.id}/guardians?prove=true`],
  "/v1/accounts/{id}/limits": [`/v1/accounts/${seller.id}/limits`],
  "/v1/accounts/{id}/money": [`/v1/accounts/${seller.id}/money?prove=true`],
  "/v1/accounts/{id}/reserves": [`/v1/accounts/${seller.id}/reserves`],
  "/v1/accounts/{id}/transactions": [`/v1/accounts/${seller.id}/transactions?limit=2`],
  "/v1/blocks": ["/v1/blocks", "/v1/blocks?limit=2&sort=asc", "/v1/blocks?limit=x"],
  "/v1/blocks/{height}": ["/v1/blocks/1", "/v1/blocks/999999", `/v1/blocks/${server.chain.engine.height}`],
  "/v1/chain": ["/v1/chain"],
  "/v1/devices": ["/v1/devices?kind=meter"],
  "/v1/devices/{id}": ["/v1/devices/meter-1?prove=true", "/v1/devices/none"],
  "/v1/energy/slots": ["/v1/energy/slots?limit=1"],
  "/v1/energy/slots/{slot}": [
    `/v1/energy/slots/${slot}`,
    "/v1/energy/slots/current",
    `/v1/energy/slots/${slot}?prove=true`,
  ],
  "/v1/energy/slots/{slot}/orders": [`/v1/energy/slots/${slot + 1}/orders`],
  "/v1/energy/slots/{slot}/trades": [`/v1/energy/slots/${slot}/trades?prove=true`],
  "/v1/energy/trades": [
    "/v1/energy/trades",
    `/v1/energy/trades?account=${seller.id}&prove=true`,
    "/v1/energy/trades?cursor=x",
  ],
  "/v1/history/{height}": ["/v1/history/1", "/v1/history/2?size=3", "/v1/history/3?size=2", "/v1/history/999999"],
  "/v1/evidence": ["/v1/evidence"],
  "/v1/evidence/{hash}": [`/v1/evidence/${"0".repeat(64)}`],
  "/v1/events/history": [`/v1/events/history?account=${seller.id}`, "/v1/events/history"],
  "/v1/light-blocks": ["/v1/light-blocks?from=1&to=3", "/v1/light-blocks?from=1&to=999999", "/v1/light-blocks"],
  "/v1/light-blocks/{height}": ["/v1/light-blocks/1", "/v1/light-blocks/latest", "/v1/light-blocks/999999"],
  "/v1/names/{name}": ["/v1/names/SELLER", "/v1/names/Nobody"],
  "/v1/reserves/{id}": [`/v1/reserves/${reserve}`, `/v1/reserves/${"0".repeat(64)}.0`],
  "/v1/state": ["/v1/state?prefix=energy/", "/v1/state?prefix=accounts/&limit=2&prove=true", "/v1/state?prefix="],
  "/v1/state/{name}": ["/v1/state/energy/params?prove=true", "/v1/state/nothing"],
  "/v1/statistics/daily": ["/v1/statistics/daily"],
  "/v1/statistics/summary": ["/v1/statistics/summary"],
  "/v1/telemetry/log": ["/v1/telemetry/log"],
  "/v1/transactions": ["/v1/transactions", "/v1/transactions?outcome=applied&limit=1"],
  "/v1/transactions/{id}": [`/v1/transactions/${transactionId}`, `/v1/transactions/${"0".repeat(64)}`],
});

describe("the document", () => {
  test("says of every method of CometBFT's RPC what it answers", () => {
    for (const name of Object.keys(rpcMethods)) {
      const { get } = document.paths[`/${name}`] as unknown as { get: { summary: string } };
      expect(get.summary).not.toBe(`CometBFT's ${name}`);
    }
  });

  test("is OpenAPI 3.1 with an operation for every route that is served, and no other", () => {
    const { app } = createLedgerApi({
      ...server.chain,
      clock: new ManualClock(0),
      log: { info: () => undefined } as never,
    });
    const served = app.routes
      .filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}")}`);
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([...new Set(served)].sort());
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("resolves every reference within itself", () => {
    for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)) {
      const found = ref!
        .split("/")
        .slice(1)
        .reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document);
      expect(found, ref).toBeDefined();
    }
  });

  test("has `prove` on every read but those of blocks, of the index and of what is counted", () => {
    const notOfTheState = ["chain", "evidence", "history", "transactions", "events", "statistics"];
    const without = Object.entries(document.paths)
      .filter(([path, { get }]) => path.startsWith("/v1/") && get !== undefined)
      .filter(([path]) => !notOfTheState.includes(path.split("/")[2]!.replace(/^(light-)?blocks$/, "chain")))
      .filter(([, { get }]) => !get!.parameters!.some(({ name, in: where }) => name === "prove" && where === "query"));
    // Found through the index; each stands in a block, and its results hash proves it.
    expect(without.map(([path]) => path)).toEqual(["/v1/accounts/{id}/transactions"]);
  });

  test("has an example for every answer under /v1, every parameter and every problem, and each is valid", () => {
    const without: string[] = [];
    const table = requests();
    for (const [path, item] of Object.entries(document.paths).filter(([each]) => table[each] !== undefined))
      for (const [method, { parameters = [], responses }] of Object.entries(item)) {
        const content = responses["200"]!.content?.["application/json"];
        const pointer = `/paths/${escaped(path)}/${method}`;
        if (content?.example !== undefined)
          check(`${pointer}/responses/200/content/application~1json/schema`, content.example);
        else if (content !== undefined) without.push(`${method} ${path}`);
        for (const [at, { name, example }] of parameters.entries()) {
          if (example === undefined) without.push(`${method} ${path}: ${name}`);
          else check(`${pointer}/parameters/${at}/schema`, example);
        }
      }
    expect(without).toEqual([]);
    for (const [name, { content }] of Object.entries(document.components.responses))
      check(
        `/components/responses/${name}/content/application~1problem+json/schema`,
        content["application/problem+json"]!.example,
      );
  });
});

describe("what is not in the document is refused by name", () => {
  interface Schema {
    readonly type?: string;
    readonly anyOf?: readonly Schema[];
  }
  const isNumber = ({ type, anyOf = [] }: Schema): boolean => type === "integer" || anyOf.some(isNumber);
  const asked = (): [path: string, url: string, parameters: NonNullable<Operation["parameters"]>][] => {
    const urls = { ...requests(), "/v1/events": ["/v1/events"] };
    return Object.entries(urls).map(([path, [url]]) => [path, url!, document.paths[path]!["get"]!.parameters ?? []]);
  };
  const refused = async (url: string, fault: object): Promise<void> => {
    const { status, body } = await server.get(url);
    expect([url, status, body.errors?.[0]]).toEqual([url, 400, expect.objectContaining(fault)]);
  };
  const joined = (url: string, more: string): string => `${url}${url.includes("?") ? "&" : "?"}${more}`;
  const notNumbers = ["0x1", "1e0", "%2B1", "+1", "%201", "1%20", "1%0A", "01", "1.0", "-0", "-1", "1_0", "%EF%BC%91"];

  test("a number in any form but its own, in the path and in the query", async () => {
    let numbers = 0;
    for (const [path, url, parameters] of asked())
      for (const { name, in: where } of parameters.filter(({ schema }) => isNumber(schema as Schema))) {
        numbers++;
        for (const form of [...notNumbers, "9".repeat(17), "9".repeat(400), ...(where === "query" ? [""] : [])]) {
          if (where === "query") {
            const bare = url.replace(new RegExp(`([?&])${name}=[^&]*&?`), "$1").replace(/[?&]$/, "");
            await refused(joined(bare, `${name}=${form}`), { parameter: name, in: "query" });
          } else {
            const steps = url.split("?")[0]!.split("/");
            steps[path.split("/").indexOf(`{${name}}`)] = form;
            await refused(steps.join("/"), { parameter: name, in: "path" });
          }
        }
      }
    expect(numbers).toBeGreaterThan(20);
  });

  test("a parameter that the route has not", async () => {
    for (const [, url] of asked())
      for (const name of ["_", "utm_source", "Limit", "limit ", "constructor", "__proto__", ""])
        await refused(joined(url, `${encodeURIComponent(name)}=1`), {
          parameter: name,
          in: "query",
          detail: "is no parameter here",
        });
  });

  test("a parameter that is given twice, by the same value too", async () => {
    let given = 0;
    for (const [, url, parameters] of asked())
      for (const { name, in: where, example } of parameters.filter((one) => one.in === "query")) {
        given++;
        const bare = url.replace(new RegExp(`([?&])${name}=[^&]*&?`), "$1").replace(/[?&]$/, "");
        const one = `${name}=${encodeURIComponent(String(example))}`;
        await refused(joined(bare, `${one}&${one}`), { parameter: name, in: where, detail: "is given more than once" });
      }
    expect(given).toBeGreaterThan(60);
  });

  test("several at once are all named, at most 20", async () => {
    const { body } = await server.get("/v1/blocks?a=1&limit=1&limit=1&b=1");
    expect(body.errors.map(({ parameter }: { parameter: string }) => parameter)).toEqual(["a", "limit", "b"]);
    const many = Array.from({ length: 50 }, (_, at) => `x${at}=1`).join("&");
    expect((await server.get(`/v1/blocks?${many}`)).body.errors).toHaveLength(20);
  });

  test("CometBFT's RPC passes over what it does not know, as CometBFT does", async () => {
    expect((await server.get("/status?_=1&_=2")).status).toBe(200);
  });
});

describe("real answers satisfy it", () => {
  test("of every GET", async () => {
    const table = requests();
    const gets = Object.entries(document.paths)
      .filter(([path, item]) => item["get"]?.operationId.startsWith("get-") === true && path !== "/v1/events")
      .map(([path]) => path);
    // A module's queries are checked by its own tests; those that stand in the table are checked here too.
    const ofModules = new Set(server.chain.application.queries.map(({ path }) => path.replaceAll("+}", "}")));
    expect(gets.filter((path) => table[path] === undefined && !ofModules.has(path))).toEqual([]);
    for (const [path, urls] of Object.entries(table))
      for (const url of urls) {
        const { status, body, headers } = await server.get(url);
        const responses = document.paths[path]!["get"]!.responses;
        const described = responses[String(status)];
        expect(described, `${url} answered ${status}`).toBeDefined();
        const response =
          described!.$ref === undefined
            ? described!
            : document.components.responses[described!.$ref.split("/").at(-1)!]!;
        const type = headers.get("content-type")!.split(";")[0]!;
        expect(Object.keys(response.content ?? {}), url).toContain(type);
        if (type.endsWith("json")) {
          const pointer = described!.$ref?.slice(1) ?? `/paths/${escaped(path)}/get/responses/${status}`;
          check(`${pointer}/content/${escaped(type)}/schema`, body);
        }
        for (const name of headers.keys())
          if (["etag", "link", "retry-after", "allow"].includes(name))
            expect(
              Object.keys(response.headers ?? {}).map((each) => each.toLowerCase()),
              `${url} ${name}`,
            ).toContain(name);
      }
  });

  test("of handing in a transaction: accepted, in a block, refused", async () => {
    const responses = document.paths["/v1/transactions"]!["post"]!;
    const message = { type: "accounts/register", by: spare.id, name: "Spare", key: spare.key } as const;
    const transaction = await server.signed(spare, message);
    check("/paths/~1v1~1transactions/post/requestBody/content/application~1json/schema", transaction);
    const accepted = await server.post("/v1/transactions", transaction);
    expect(accepted.status).toBe(202);
    check("/paths/~1v1~1transactions/post/responses/202/content/application~1json/schema", accepted.body);
    const refused = await server.post("/v1/transactions", { ...transaction, extra: 1 });
    expect(refused.status).toBe(400);
    expect(responses.responses["400"]).toBeDefined();
    check("/components/responses/Problem400/content/application~1problem+json/schema", refused.body);
  });
});
