// What the telemetry module answers.

import { z } from "zod";
import { publicKeySchema } from "../../protocol/keys.ts";
import type { DeviceAnswer } from "../../protocol/rest.ts";
import { type DeviceRecord, deviceIdSchema, deviceKinds, telemetryState } from "../../protocol/telemetry.ts";
import { bindQuery, NotThere, type Query } from "../query.ts";

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

export const queries: readonly Query[] = [device];
