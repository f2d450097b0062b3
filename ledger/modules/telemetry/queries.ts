// What the telemetry module answers.

import { z } from "zod";
import { nameCursor, nameCursorSchema } from "../../protocol/cursor.ts";
import { publicKeySchema } from "../../protocol/keys.ts";
import type { DeviceAnswer, DevicesAnswer } from "../../protocol/rest.ts";
import { type DeviceRecord, deviceIdSchema, deviceKinds } from "../../protocol/telemetry.ts";
import { type LogRecord, telemetryState } from "../../protocol/telemetry-records.ts";
import { wholeNumber } from "../../protocol/whole-number.ts";
import { bindQuery, NotThere, type Query, startAfter } from "../query.ts";

export const deviceAnswerSchema = z.object({
  id: deviceIdSchema,
  device: z.object({
    kind: z.enum(deviceKinds),
    key: publicKeySchema,
    cityObject: z.string().exactOptional(),
    solar: z.boolean().exactOptional(),
    registered: z.number().int().min(0),
  }),
}) satisfies z.ZodType<DeviceAnswer>;

const device = bindQuery({
  path: "/v1/devices/{id}",
  summary: "One registered device",
  params: z.object({ id: deviceIdSchema }),
  query: z.object({}),
  answer: deviceAnswerSchema,
  read: (reader, { params: { id } }) => {
    const record = reader.get<DeviceRecord>(telemetryState.device(id));
    return record === null ? new NotThere(`no device ${id} is registered`) : { id, device: record };
  },
});

const prefix = telemetryState.device("");
/** Devices looked at for one page when only those of a kind are wanted. */
const examinedMax = 500;

const devices = bindQuery({
  path: "/v1/devices",
  summary: "Registered devices by id, all or those of a kind",
  params: z.object({}),
  query: z.object({
    limit: wholeNumber(1, 100).default(20),
    cursor: nameCursorSchema.optional(),
    sort: z.enum(["asc", "desc"]).default("asc"),
    kind: z.enum(deviceKinds).optional(),
  }),
  answer: z.object({
    devices: z.array(deviceAnswerSchema),
    next: z.string().nullable(),
  }) satisfies z.ZodType<DevicesAnswer>,
  read: (reader, { query: { limit, cursor, sort, kind } }) => {
    const wanted = kind === undefined ? limit : examinedMax;
    const names = reader.page(prefix, { limit: wanted, descending: sort === "desc", ...startAfter(prefix, cursor) });
    const found: DeviceAnswer[] = [];
    let seen = 0;
    for (const name of names) {
      if (found.length >= limit) break;
      const record = reader.get<DeviceRecord>(name)!;
      if (kind === undefined || record.kind === kind) found.push({ id: name.slice(prefix.length), device: record });
      seen++;
    }
    const ended = seen === names.length && names.length < wanted;
    return { devices: found, next: ended ? null : nameCursor(names[seen - 1]!) };
  },
});

const log = bindQuery({
  path: "/v1/telemetry/log",
  summary: "The newest anchored checkpoint of the telemetry log",
  params: z.object({}),
  query: z.object({}),
  answer: z.object({ size: z.number().int(), root: z.string(), time: z.string() }) satisfies z.ZodType<LogRecord>,
  read: (reader) => reader.get<LogRecord>(telemetryState.log) ?? new NotThere("the telemetry log is not anchored yet"),
});

export const queries: readonly Query[] = [devices, device, log];
