// A request that takes too long is given up; the service answers again afterwards, and readings are stored all the while.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { expect, it } from "vitest";
import { Database } from "../store/database.ts";
import { until } from "../testing/twin-fixture.ts";
import { ReadService } from "./read-service.ts";

const root = "http://127.0.0.1/sta/v1.1";

it("ends a slow query and starts anew", async () => {
  const data = mkdtempSync(join(tmpdir(), "glasstown-reading-"));
  const database = Database.open(data);
  database.transaction(() => {
    for (let id = 1; id <= 60_000; id++) {
      database.run("INSERT INTO log_entries (position, entry) VALUES (?, ?)", id - 1, '{"device":"meter-0001"}');
      database.run("INSERT INTO observations (datastream, time, id, result) VALUES (1, ?, ?, 1)", id, id);
    }
  });
  const service = new ReadService(data, pino({ level: "silent" }), 100);
  const simple = { path: "ObservedProperties", search: "", root };
  await until("it answers", async () => (await service.read(simple)).status === 200);
  const paths = Array.from({ length: 20 }, (_, i) => `parameters/device eq '${i}'`).join(" or ");
  const slow = await service.read({ path: "Observations", search: `?$filter=${encodeURIComponent(paths)}`, root });
  expect(slow.status).toBe(503);
  expect(JSON.parse(slow.body)).toMatchObject({ code: 503, type: "error" });
  database.run("INSERT INTO meta (key, value) VALUES ('written', 'meanwhile')");
  await until("it answers again", async () => (await service.read(simple)).status === 200);
  await service.close();
  expect((await service.read(simple)).status).toBe(503);
  database.close();
  rmSync(data, { recursive: true, force: true });
});

it("kills a query that would run for hours, at once", async () => {
  const data = mkdtempSync(join(tmpdir(), "glasstown-reading-"));
  const database = Database.open(data);
  database.transaction(() => {
    for (let id = 1; id <= 100_000; id++) {
      database.run("INSERT INTO log_entries (position, entry) VALUES (?, ?)", id - 1, '{"device":"meter-0001"}');
      database.run("INSERT INTO observations (datastream, time, id, result) VALUES (1, ?, ?, 1)", id, id);
    }
  });
  const service = new ReadService(data, pino({ level: "silent" }), 300);
  const simple = { path: "ObservedProperties", search: "", root };
  await until("it answers", async () => (await service.read(simple)).status === 200);
  // Seconds in SQLite for these rows, an hour for a month of readings, whatever is asked of it meanwhile.
  const paths = Array.from({ length: 30 }, (_, i) => `tolower(parameters/device) eq '${i}'`).join(" or ");
  const slow = await service.read({ path: "Observations", search: `?$filter=${encodeURIComponent(paths)}`, root });
  expect(slow.status).toBe(503);
  const given = Date.now();
  await until("it answers again", async () => (await service.read(simple)).status === 200);
  // A thread took as long as the query did.
  console.info(`answered again after ${Date.now() - given} ms`);
  const again = service.read({ path: "Observations", search: `?$filter=${encodeURIComponent(paths)}`, root });
  await service.close();
  expect((await again).status).toBe(503);
  database.close();
  rmSync(data, { recursive: true, force: true });
});

it("refuses more than 64 waiting requests", async () => {
  const data = mkdtempSync(join(tmpdir(), "glasstown-reading-"));
  const database = Database.open(data);
  const service = new ReadService(data, pino({ level: "silent" }));
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => service.read({ path: "Things", search: "", root })),
  );
  const refused = answers.filter((answer) => answer.status === 503).length;
  expect(refused).toBeGreaterThan(0);
  expect(answers.filter((answer) => answer.status === 200).length).toBe(100 - refused);
  await service.close();
  database.close();
  rmSync(data, { recursive: true, force: true });
});
