// The bounds of the WebSocket endpoint. Callers are counted as the HTTP limits count them; processes of this machine, which have no
// caller, are held by the bounds of a connection and of all.

export const webSocketLimits = {
  connectionsMax: 500,
  connectionsPerCallerMax: 20,
  subscriptionsMax: 2_000,
  subscriptionsPerCallerMax: 100,
  subscriptionsPerConnectionMax: 20,
  /** CometBFT's own limit of a request. */
  messageBytesMax: 1_000_000,
  /** Calls of a connection that are done at the same time; those behind them wait unread. */
  callsAtOnceMax: 16,
  /** With more than this unsent, a connection is sent no more events and its next calls wait. */
  unsentBytesMax: 262_144,
  /** With more than this unsent that no other connection holds, it is sent no more events: with the last write, 64 MiB over all. */
  ownUnsentBytesMax: 65_536,
  /** Over all connections, what several hold counted once: past half of it events wait, past all of it answers are errors. */
  unsentBytesOfAllMax: 268_435_456,
  /** Who has taken nothing for so long is cut off when others need the room, the one furthest behind first. */
  stalledMs: 2_000,
  /** How long it may then take to read why. */
  stalledGraceMs: 1_000,
  /** A subscriber that is more blocks behind is cut off. */
  blocksBehindMax: 100,
  /** A connection that answers no ping until the next one is cut off. */
  pingMs: 27_000,
  /** How long one that is cut off may take to read why. */
  graceMs: 5_000,
  /** Requests in a row beyond the caller's limit, then the connection is closed. */
  refusedInRowMax: 100,
} as const;
export type WebSocketLimits = { readonly [K in keyof typeof webSocketLimits]: number };
