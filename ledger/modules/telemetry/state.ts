// Entries of the telemetry module beside those in ledger/protocol/telemetry.ts.

/** State `telemetry/key/<public key>`: whose key it is, so that no two devices share one. */
export interface DeviceKeyRecord {
  readonly device: string;
}

export const deviceKey = (key: string): string => `telemetry/key/${key}`;
