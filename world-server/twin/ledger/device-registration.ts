// Puts the simulated devices of the world on the ledger's register, with the registrar's key.
// Transactions of at most 100 messages and 60,000 bytes, one after the other; devices already there are left alone.

import { z } from "zod";
import { type DeviceRecord, deviceKinds } from "../../../ledger/protocol/telemetry.ts";
import { telemetryState } from "../../../ledger/protocol/telemetry-records.ts";
import type { Message } from "../../../ledger/protocol/transaction.ts";
import { messagesMax } from "../../../ledger/protocol/transaction-limits.ts";
import type { WorldDevice } from "../../../worlds/format/world.ts";
import type { CityAccount } from "./city-account.ts";
import type { LedgerClient } from "./ledger-client.ts";
import { deviceSigner } from "./signer.ts";

/** Leaves room in 64 KiB for the envelope and the signature. */
const messageBytesMax = 60_000;
const lookupsMax = 16;

export const deviceRecordSchema = z.looseObject({
  kind: z.enum(deviceKinds),
  key: z.string().regex(/^[0-9a-f]{64}$/),
}) satisfies z.ZodType<Pick<DeviceRecord, "kind" | "key">>;

export interface Registration {
  readonly registered: number;
  readonly present: number;
  /** Names of refusals, if a transaction was refused for good. */
  readonly refused: readonly string[];
}

/** Registers what is missing. @throws when the ledger is away or `stop` is aborted. */
export async function registerDevices(options: {
  readonly ledger: LedgerClient;
  readonly registrar: CityAccount;
  readonly devices: readonly WorldDevice[];
  readonly devicesRoot: string;
  readonly stop: AbortSignal;
}): Promise<Registration> {
  const { ledger, registrar, devices, devicesRoot, stop } = options;
  const missing: WorldDevice[] = [];
  const queue = devices.values();
  const search = async (): Promise<void> => {
    for (const device of queue) {
      stop.throwIfAborted();
      const record = await ledger.state(telemetryState.device(device.id), deviceRecordSchema);
      if (record === null) missing.push(device);
    }
  };
  await Promise.all(Array.from({ length: lookupsMax }, search));
  missing.sort((a, b) => (a.id < b.id ? -1 : 1));
  const messages = missing.map((device) => registrationOf(device, registrar.id, devicesRoot));
  const refused: string[] = [];
  let registered = 0;
  for (const part of partsOf(messages)) {
    const submitted = await registrar.send(part, stop);
    if (submitted.code === 0) registered += part.length;
    else refused.push(submitted.refusal ?? String(submitted.code));
  }
  return { registered, present: devices.length - missing.length, refused };
}

function registrationOf(device: WorldDevice, registrar: string, devicesRoot: string): Message {
  return {
    type: "telemetry/register-device",
    by: registrar,
    device: device.id,
    kind: device.kind,
    key: deviceSigner(devicesRoot, device.id).publicKeyHex,
    ...(device.cityObject === undefined ? {} : { cityObject: device.cityObject }),
    ...(device.kind === "meter" ? { solar: (device.solarW ?? 0) > 0 } : {}),
  };
}

/** Cuts messages into transactions within the limits. */
function partsOf(messages: readonly Message[]): Message[][] {
  const parts: Message[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const length = Buffer.byteLength(JSON.stringify(message)) + 1;
    const last = parts.at(-1);
    if (last === undefined || last.length >= messagesMax || bytes + length > messageBytesMax) {
      parts.push([message]);
      bytes = length;
    } else {
      last.push(message);
      bytes += length;
    }
  }
  return parts;
}
