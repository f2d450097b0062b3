// The SensorThings 1.1 reading API: core conformance (A.1), query options (A.2) and what it refuses.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalText } from "../../../ledger/protocol/canonical.ts";
import { signedReading, startFixture, type TwinFixture } from "../testing/twin-fixture.ts";

type Entity = Record<string, never> & { value: Entity[] };
let fixture: TwinFixture;
const day = (n: number): number => Date.UTC(2015, 2, n);
const sets = [
  "Things",
  "Locations",
  "HistoricalLocations",
  "Sensors",
  "ObservedProperties",
  "Datastreams",
  "Observations",
  "FeaturesOfInterest",
];

beforeAll(async () => {
  fixture = await startFixture();
  const { store } = fixture.twin;
  // Twelve observations with results 1 to 12 on days 1 to 12, three to each of four datastreams.
  const streams = [
    ["meter-0001", "load"],
    ["meter-0001", "net"],
    ["meter-0002", "load"],
    ["air-01", "pm2-5"],
  ] as const;
  store.commit(
    Array.from({ length: 12 }, (_, i) => {
      const [device, stream] = streams[Math.floor(i / 3)]!;
      const time = new Date(day(i + 1)).toISOString();
      const reading = signedReading(fixture.keys, { device, stream, time, result: i + 1, sequence: i });
      return { reading, datastream: store.datastreamOf(device, stream)!, entry: canonicalText(reading) };
    }),
  );
});
afterAll(() => fixture.close());

async function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Entity; text: string }> {
  const url = path.startsWith("http") ? path : `${fixture.url}/sta/v1.1${path}`;
  const response = await fetch(url, { headers });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith("{") ? JSON.parse(text) : {} };
}
const results = async (query: string): Promise<unknown[]> => {
  const { status, body, text } = await get(`/Observations?${query}`);
  expect(status, text).toBe(200);
  return body.value.map((observation) => observation["result"]);
};

describe("core (A.1)", () => {
  it("the root lists every set", async () => {
    const { body } = await get("");
    expect(body.value.map((entry) => entry["name"]).sort()).toEqual([...sets].sort());
    for (const entry of body.value) expect(entry["url"]).toBe(`${fixture.url}/sta/v1.1/${entry["name"]}`);
  });

  const mandatory: Record<string, [string[], string[]]> = {
    Things: [
      ["name", "description", "properties"],
      ["Datastreams", "HistoricalLocations", "Locations"],
    ],
    Locations: [
      ["name", "description", "encodingType", "location"],
      ["HistoricalLocations", "Things"],
    ],
    HistoricalLocations: [["time"], ["Thing", "Locations"]],
    Sensors: [["name", "description", "encodingType", "metadata"], ["Datastreams"]],
    ObservedProperties: [["name", "definition", "description"], ["Datastreams"]],
    Datastreams: [
      ["name", "description", "unitOfMeasurement", "observationType"],
      ["Thing", "Sensor", "ObservedProperty", "Observations"],
    ],
    Observations: [
      ["phenomenonTime", "result", "resultTime", "parameters"],
      ["Datastream", "FeatureOfInterest"],
    ],
    FeaturesOfInterest: [["name", "description", "encodingType", "feature"], ["Observations"]],
  };
  it.each(Object.entries(mandatory))(
    "%s: set, entity, properties, values, links",
    async (set, [properties, relations]) => {
      const { status, body } = await get(`/${set}`);
      expect(status).toBe(200);
      const [first] = body.value;
      expect(first, set).toBeDefined();
      expect(typeof first!["@iot.id"]).toBe("number");
      const self = String(first!["@iot.selfLink"]);
      const one = await get(self);
      expect(one.body).toEqual(first);
      for (const property of properties) {
        expect(first).toHaveProperty([property]);
        expect(Object.keys((await get(`${self}/${property}`)).body)).toEqual([property]);
        const value = await get(`${self}/${property}/$value`);
        expect(value.status).toBe(200);
        if (typeof first![property] !== "object") expect(value.text).not.toContain("{");
      }
      for (const relation of relations) {
        const link = String(first![`${relation}@iot.navigationLink`]);
        expect((await get(link)).status, link).toBe(200);
        const reference = await get(`${link}/$ref`);
        expect(reference.status).toBe(200);
        const entries = reference.body.value ?? [reference.body];
        for (const entry of entries) expect(Object.keys(entry)).toEqual(["@iot.selfLink"]);
      }
      expect((await get(`/${set}(9223372036854775807)`)).status).toBe(404);
      expect((await get(`/${set}(999999)`)).status).toBe(404);
    },
  );

  it("every chain of relations leads on to depth 4", async () => {
    const walk = async (path: string, set: string, depth: number): Promise<void> => {
      for (const relation of mandatory[set]![1]) {
        const { status, body, text } = await get(`${path}/${relation}`);
        expect(status, `${path}/${relation} ${text}`).toBe(200);
        const plural = sets.includes(relation);
        const next = plural
          ? relation
          : ({
              Thing: "Things",
              Sensor: "Sensors",
              ObservedProperty: "ObservedProperties",
              Datastream: "Datastreams",
              FeatureOfInterest: "FeaturesOfInterest",
            }[relation] ?? "");
        if (plural) expect(body.value.length, `${path}/${relation}`).toBeGreaterThan(0);
        const step = plural ? `${relation}(${body.value[0]!["@iot.id"]})` : relation;
        if (depth < 3) await walk(`${path}/${step}`, next, depth + 1);
      }
    };
    const { body } = await get("/Observations?$top=1");
    await walk(`/Observations(${body.value[0]!["@iot.id"]})`, "Observations", 1);
    await walk("/Things(1)", "Things", 1);
  });

  it("says whose reading an observation is and where its proof lies", async () => {
    const { body } = await get("/Observations(5)");
    const entry = JSON.parse(fixture.twin.store.entry(4) ?? "{}");
    expect(body["parameters"]).toEqual({
      device: entry.device,
      stream: entry.stream,
      sequence: entry.sequence,
      signature: entry.signature,
      logIndex: 4,
    });
    const thing = await get("/Observations(5)/Datastream/Thing");
    expect(thing.body["properties"]).toMatchObject({
      device: "meter-0001",
      kind: "meter",
      cityObject: "building-1",
      simulated: true,
    });
  });

  it("writes links as the client sees the service", async () => {
    const through = { "x-forwarded-host": "city.example:8443", "x-forwarded-proto": "https" };
    const { body } = await get("/Things(1)", through);
    expect(body["@iot.selfLink"]).toBe("https://city.example:8443/sta/v1.1/Things(1)");
    const wrong = await get("/Things(1)", { "x-forwarded-host": "evil.example/path?" });
    expect(wrong.body["@iot.selfLink"]).toBe(`${fixture.url}/sta/v1.1/Things(1)`);
  });
});

describe("query options (A.2)", () => {
  it("evaluates count, filter, order, skip and top in the standard's order; a string compares as text", async () => {
    const { body } = await get(
      "/Observations?$count=true&$top=1&$skip=2&$orderby=phenomenonTime asc&$filter=result gt '3'",
    );
    expect(body["@iot.count"]).toBe(6);
    expect(body.value.map((one) => one["result"])).toEqual([6]);
  });

  it("$top and $skip page through everything once, by nextLink", async () => {
    const seen: unknown[] = [];
    let link: string | undefined = "/Observations?$top=5&$orderby=result desc";
    while (link !== undefined) {
      const { body }: { body: Entity } = await get(link);
      seen.push(...body.value.map((one) => one["result"]));
      link = body["@iot.nextLink"];
    }
    expect(seen).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect((await get("/Observations?$top=12")).body).not.toHaveProperty(["@iot.nextLink"]);
    expect((await get("/Observations?$top=13")).body).not.toHaveProperty(["@iot.nextLink"]);
    expect((await get("/Observations?$skip=12")).body.value).toEqual([]);
    expect((await get("/Observations?$top=0&$count=true")).body).toMatchObject({ "@iot.count": 12, value: [] });
  });

  it.each([
    ["result eq 3", [3]],
    ["result ne 3 and result lt 5", [1, 2, 4]],
    ["result ge 11 or result le 1", [1, 11, 12]],
    ["result gt 1 and result lt 3 or result eq 7", [2, 7]],
    ["result eq 1 or result eq 2 and result eq 3", [1]],
    ["(result eq 1 or result eq 2) and result eq 2", [2]],
    ["not (result gt 2)", [1, 2]],
    ["not result gt 2 and result ne 1", [2]],
    ["result mod 5 eq 0", [5, 10]],
    ["result add 1 mul 2 eq 6", [4]],
    ["3 lt result and 5 gt result", [4]],
    ["phenomenonTime ge 2015-03-11T00:00:00Z", [11, 12]],
    ["phenomenonTime lt 2015-03-02T02:00:00+02:00", [1]],
    ["phenomenonTime gt '2015-03-11T00:00:00.000Z'", [12]],
    ["year(phenomenonTime) eq 2014", []],
    ["id eq 3", [3]],
    ["parameters/logIndex eq 6", [7]],
    ["Datastream/Thing/properties/device eq 'meter-0002'", [7, 8, 9]],
    ["Datastream/Thing/name eq 'Air station O''Hara''s'", [10, 11, 12]],
    ["startswith(Datastream/Thing/name, 'Meter')", [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ["parameters/nothing eq null and result lt 2", [1]],
  ])("$filter=%s", async (filter, expected) => {
    expect(await results(`$orderby=result&$filter=${encodeURIComponent(filter)}`)).toEqual(expected);
  });

  it.each([
    ["/Things?$filter=properties/kind eq 'meter'", 2],
    ["/Things?$filter=properties/solarW gt 1000", 1],
    ["/Things?$filter=substringof('Lane', name)", 2],
    ["/Things?$filter=endswith(name,'Lane 1')", 1],
    ["/Things?$filter=tolower(name) eq 'lamp 1'", 1],
    ["/Datastreams?$filter=Thing/properties/device eq 'meter-0001' and ObservedProperty/name eq 'load'", 1],
    ["/Things(1)/Datastreams?$filter=unitOfMeasurement/symbol eq 'W'", 3],
    ["/Sensors?$filter=name eq 'Smart meter'", 1],
  ])("%s finds %i", async (path, count) => {
    const { status, body, text } = await get(encodeURI(path));
    expect(status, text).toBe(200);
    expect(body.value.length).toBe(count);
  });

  it("$select gives the chosen keys only", async () => {
    const { body } = await get("/Observations?$select=result,phenomenonTime&$top=1");
    expect(Object.keys(body.value[0]!).sort()).toEqual(["phenomenonTime", "result"]);
    const { body: withId } = await get("/Things(1)/Datastreams?$select=id,name,Thing");
    expect(Object.keys(withId.value[0]!).sort()).toEqual([
      "@iot.id",
      "@iot.selfLink",
      "Thing@iot.navigationLink",
      "name",
    ]);
  });

  it("$expand nests, with options of its own at every level", async () => {
    const { body } = await get(
      "/Things(1)?$expand=Locations,Datastreams($select=name;$orderby=name desc;$count=true;$expand=ObservedProperty,Observations($orderby=phenomenonTime desc;$top=1;$select=result))",
    );
    const datastreams = body["Datastreams"] as unknown as Entity[];
    expect(body["Datastreams@iot.count"]).toBe(3);
    expect(datastreams.map((one) => one["name"])).toEqual(["solar of it", "net of it", "load of it"]);
    expect(datastreams[1]!["Observations"]).toEqual([{ result: 6 }]);
    expect(datastreams[1]!["ObservedProperty"]).toMatchObject({ name: "net" });
    expect(body["Locations"]).toHaveLength(1);
    const next = await get(String(datastreams[1]!["Observations@iot.nextLink"]));
    expect(next.body.value.map((one) => one["result"])).toEqual([5]);
    const path = await get("/Things?$expand=Datastreams/Observations&$top=1");
    expect((path.body.value[0]!["Datastreams"] as unknown as Entity[])[0]!["Observations"]).toHaveLength(3);
    const single = await get("/Observations(1)?$expand=Datastream($expand=Thing),FeatureOfInterest");
    expect(single.body).toMatchObject({ Datastream: { Thing: { properties: { device: "meter-0001" } } } });
  });

  it("takes percent-encoded options and a plus for a space", async () => {
    expect(await results("%24orderby=result+desc&%24top=2")).toEqual([12, 11]);
  });

  it("bounds $top to 1,000", async () => {
    expect((await get("/Observations?$top=100000")).status).toBe(200);
  });
});

describe("refuses with one clear JSON", () => {
  const deep = `${"(".repeat(40)}result eq 1${")".repeat(40)}`;
  it.each([
    ["/Nothing", 404],
    ["/Things(1)/Nothing", 404],
    ["/Things/Datastreams", 404],
    ["/Things(1)/name/x", 404],
    ["/Things(abc)", 404],
    ["/Things(1)/Datastreams(9)", 404],
    ["/constructor", 404],
    ["/Things(1)/__proto__", 404],
    ["/%", 400],
    ["/Things?$top=-1", 400],
    ["/Things?$top=1.5", 400],
    ["/Things?$top=", 400],
    ["/Things?$count=maybe", 400],
    ["/Things?$format=json", 400],
    ["/Things?top=1", 400],
    ["/Things?$top=1&$top=2", 400],
    ["/Things?$filter=", 400],
    ["/Things?$filter=name", 400],
    ["/Things?$filter=name eq", 400],
    ["/Things?$filter=name eq 'x", 400],
    ["/Things?$filter=name eq 'x' garbage", 400],
    ["/Things?$filter=unknown eq 1", 400],
    ["/Things?$filter=constructor eq 1", 400],
    ["/Things?$filter=Datastreams/name eq 'x'", 400],
    ["/Things?$filter=evil('x')", 400],
    ["/Things?$filter=substringof('x')", 400],
    ["/Things?$filter=name eq 'x';DROP TABLE things", 400],
    ["/Observations?$filter=phenomenonTime gt 5", 400],
    [`/Observations?$filter=${deep}`, 400],
    [`/Observations?$filter=result eq ${"1".repeat(3000)}`, 400],
    ["/Things?$orderby=unknown", 400],
    ["/Things?$orderby=name sideways", 400],
    ["/Things?$select=unknown", 400],
    ["/Things?$expand=Unknown", 400],
    ["/Things?$expand=Datastreams(", 400],
    ["/Things?$expand=Datastreams($top)", 400],
    ["/Things?$expand=Datastreams($expand=Thing($expand=Datastreams($expand=Thing($expand=Datastreams))))", 400],
  ])("%s: %i", async (path, status) => {
    const answer = await get(path.includes("%") ? path : encodeURI(path));
    expect(answer.body).toMatchObject({ code: status, type: "error" });
    expect(typeof answer.body["message"]).toBe("string");
    expect(answer.status).toBe(status);
  });

  it("writing: 405", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const response = await fetch(`${fixture.url}/sta/v1.1/Things(1)`, { method });
      expect(response.status, method).toBe(405);
      expect(await response.json()).toMatchObject({ code: 405 });
    }
  });
});
