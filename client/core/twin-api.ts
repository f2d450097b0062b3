// The twin's SensorThings API (OGC 18-088) as the page uses it: a device's streams, their newest observations, and what is live.
// Bounds: 60 observations a plot, 20 streams a device.

import { z } from "zod";
import type { ShownReading } from "../../ledger/light/verdict.ts";
import { request } from "./http.ts";

const staUrl = "/sta/v1.1";
export const plotPoints = 60;

const id = z.union([z.number(), z.string().max(60)]);
const datastreamSchema = z
  .object({
    "@iot.id": id,
    name: z.string().max(200),
    unitOfMeasurement: z.object({ name: z.string().nullable(), symbol: z.string().nullable() }).loose(),
    properties: z.record(z.string(), z.unknown()).nullish(),
  })
  .loose();
const thingSchema = z
  .object({
    "@iot.id": id,
    name: z.string().max(200),
    properties: z
      .object({
        device: z.string().max(60),
        kind: z.string().max(40),
        cityObject: z.string().max(100).optional(),
        simulated: z.boolean(),
      })
      .loose(),
    Datastreams: z.array(datastreamSchema).max(20),
  })
  .loose();
const observationSchema = z
  .object({
    phenomenonTime: z.string().max(80),
    result: z.number(),
    parameters: z
      .object({
        device: z.string().max(60),
        stream: z.string().max(40),
        logIndex: z.number().int().min(0),
      })
      .loose(),
  })
  .loose();

interface DatastreamInfo {
  readonly id: number | string;
  readonly name: string;
  readonly symbol: string;
}
export interface ThingInfo {
  readonly name: string;
  readonly device: string;
  readonly kind: string;
  readonly simulated: boolean;
  readonly cityObject: string | null;
  readonly datastreams: readonly DatastreamInfo[];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const key = (value: number | string): string =>
  typeof value === "number" ? String(value) : encodeURIComponent(quoted(value));

/** A device with its streams, or null when the twin does not know it. @throws {RequestError} */
export async function thingOf(device: string, signal?: AbortSignal): Promise<ThingInfo | null> {
  const filter = encodeURIComponent(`properties/device eq ${quoted(device)}`);
  const answer = await request(
    `${staUrl}/Things?$filter=${filter}&$expand=Datastreams&$top=1`,
    z.object({ value: z.array(thingSchema).max(1) }).loose(),
    signal === undefined ? {} : { signal },
  );
  const thing = answer.value[0];
  if (thing === undefined || thing.properties.device !== device) return null;
  return {
    name: thing.name,
    device: thing.properties.device,
    kind: thing.properties.kind,
    simulated: thing.properties.simulated,
    cityObject: thing.properties.cityObject ?? null,
    datastreams: thing.Datastreams.map((stream) => ({
      id: stream["@iot.id"],
      name: stream.name,
      symbol: stream.unitOfMeasurement.symbol ?? "",
    })),
  };
}

/** The newest observations of a stream, newest first, as readings that can be proven. @throws {RequestError} */
export async function newestReadings(
  datastream: number | string,
  top: number,
  signal?: AbortSignal,
): Promise<readonly ShownReading[]> {
  const order = encodeURIComponent("phenomenonTime desc");
  const answer = await request(
    `${staUrl}/Datastreams(${key(datastream)})/Observations?$orderby=${order}&$top=${top}`,
    z.object({ value: z.array(observationSchema).max(plotPoints * 2) }).loose(),
    signal === undefined ? {} : { signal },
  );
  return answer.value.map((observation) => ({
    device: observation.parameters.device,
    stream: observation.parameters.stream,
    time: observation.phenomenonTime,
    result: observation.result,
    logIndex: observation.parameters.logIndex,
  }));
}
