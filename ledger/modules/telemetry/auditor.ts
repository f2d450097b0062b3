// The telemetry module's auditor: which devices there are, and the newest anchor.

import { mayFor, rolesOf } from "../accounts/auditor.ts";
import { type AuditBooks, type Auditor, judgeBy } from "../auditor.ts";
import { isSoundEd25519 } from "../auditor-keys.ts";

interface Device {
  readonly kind: string;
  readonly key: string;
  readonly cityObject?: string | undefined;
  readonly solar?: boolean | undefined;
  readonly registered: number;
}

interface Anchor {
  readonly size: number;
  readonly root: string;
  readonly time: string;
}

const devices = (books: AuditBooks) => books.map<Device>("telemetry/devices");
const owners = (books: AuditBooks) => books.map<string>("telemetry/keys");
const anchors = (books: AuditBooks) => books.map<Anchor>("telemetry/anchors");

/** A registered meter; null when the device is none. */
export function meterOf(books: AuditBooks, device: string): { readonly solar: boolean } | null {
  const known = devices(books).get(device);
  return known?.kind === "meter" ? { solar: known.solar === true } : null;
}

export const auditor: Auditor = {
  judge: judgeBy({
    "telemetry/register-device": (books, { type: _, by, device, ...record }) => {
      if (!mayFor(books, by, "registrar", `devices/${record.kind}`)) return "telemetry_role_must_be_registrar";
      if (devices(books).has(device)) return "telemetry_device_must_not_exist";
      if (!isSoundEd25519(record.key)) return "telemetry_key_must_be_sound";
      if (owners(books).has(record.key)) return "telemetry_key_must_be_unused";
      devices(books).set(device, { ...record, registered: books.height });
      owners(books).set(record.key, device);
      books.tell("telemetry/device-registered", { device, kind: record.kind });
      return "";
    },
    "telemetry/anchor-log": (books, { by, size, root, time }) => {
      if (!rolesOf(books, by).includes("twin")) return "telemetry_role_must_be_twin";
      const newest = anchors(books).get("newest");
      if (newest !== undefined && size <= newest.size) return "telemetry_size_must_grow";
      if (newest !== undefined && time < newest.time) return "telemetry_time_must_not_go_back";
      anchors(books).set("newest", { size, root, time });
      books.tell("telemetry/log-anchored", { size: `${size}`, root, time });
      return "";
    },
  }),
  tables: [
    { prefix: "telemetry/device/", records: (books) => new Map(devices(books).entries()) },
    {
      prefix: "telemetry/key/",
      records: (books) =>
        new Map(
          owners(books)
            .entries()
            .map(([key, device]) => [key, { device }]),
        ),
    },
    {
      prefix: "telemetry/log",
      records: (books) =>
        new Map(
          anchors(books)
            .entries()
            .map(([, anchor]) => ["", anchor]),
        ),
    },
  ],
};
