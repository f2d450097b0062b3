// What the twin serves beside SensorThings: the telemetry log and proofs from it. Hashes are lower-case hex.

/** GET /log/inclusion?index=&size= : RFC 6962 audit path of entry `index` in the tree of `size`. */
export interface InclusionAnswer {
  readonly index: number;
  readonly size: number;
  /** The entry's bytes as text: a canonical signed reading (see ledger/protocol/telemetry.ts). */
  readonly entry: string;
  /** Sibling hashes from the leaf up. */
  readonly path: readonly string[];
}

/** GET /log/size : the size stored now (at least the anchored one). */
export interface LogSizeAnswer {
  readonly size: number;
}

/**
 * GET /log/latest, with an ETag: newest value of each stream, `{ "<device>/<stream>": [UNIX ms, result] }`.
 * GET /log/live sends the same form, only what is new, as the server-sent event `readings` each second.
 */
export type LatestAnswer = Readonly<Record<string, readonly [timeMs: number, result: number]>>;

/** `properties.device` and friends on a SensorThings Thing of ours. */
export interface ThingProperties {
  readonly device: string;
  readonly kind: string;
  readonly cityObject?: string;
  readonly simulated: boolean;
}

/**
 * `parameters` of an Observation of ours: where its proof is.
 * @public for clients of the SensorThings API
 */
export interface ObservationParameters {
  readonly device: string;
  readonly stream: string;
  readonly sequence: number;
  readonly signature: string;
  /** Index of the entry in the telemetry log. */
  readonly logIndex: number;
}
