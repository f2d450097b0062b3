// Opens the city's rooms on an HTTP server: matchmaking at POST /matchmake/joinOrCreate/city (and /joinById/<room>),
// WebSockets at /<process>/<room>. Limits: 8 rooms, 4 KiB a request, 40 seats a second.

import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { matchMaker, Server, ServerError } from "@colyseus/core";
import type { Logger } from "pino";
import { cityRoomName } from "../protocol/city-room.ts";
import { CityRoom, type CitySurroundings } from "./city-room.ts";
import { guardedTransport } from "./guarded-transport.ts";
import { TokenBucket } from "./token-bucket.ts";

const roomsMax = 8;
const bodyBytesMax = 4096;
const seatsPerSecond = 40;
const roomPath = /^\/[A-Za-z0-9_-]{1,64}\/[A-Za-z0-9_-]{1,64}\?(?:[^#]*&)?sessionId=[A-Za-z0-9_-]{1,64}(?:&|$)/;

export interface Rooms {
  /** Citizens and those about to be, and rooms, now. */
  count(): Promise<{ rooms: number; citizens: number }>;
  /** Answers a request under /matchmake/. */
  matchmake(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** True for WebSocket requests that are a room's; others are somebody else's. */
  isRoomPath(url: string): boolean;
  /** Tells everyone that the city closes, and ends the rooms. */
  close(): Promise<void>;
}

/** One process has one set of rooms: the library keeps its matchmaker globally. */
export async function openRooms(server: HttpServer, surroundings: CitySurroundings): Promise<Rooms> {
  const { log, nowMs } = surroundings;
  const transport = guardedTransport(log, nowMs);
  const isRoomPath = (url: string): boolean => roomPath.test(url);
  const colyseus = new Server({ transport, greet: false, gracefullyShutdown: false, logger: libraryLogger(log) });
  transport.attachToServer(server, { filter: (request) => isRoomPath(request.url ?? "") });
  colyseus.define(cityRoomName, CityRoom, { surroundings });
  await matchMaker.accept();
  const seats = new TokenBucket(seatsPerSecond * 2, seatsPerSecond, nowMs());
  return {
    isRoomPath,
    count: async () => {
      const rooms = await matchMaker.query({ name: cityRoomName });
      return { rooms: rooms.length, citizens: rooms.reduce((sum, room) => sum + room.clients, 0) };
    },
    matchmake: async (request, response) => {
      try {
        await reserve(request, response, () => seats.take(nowMs()));
      } catch (error) {
        if (!(error instanceof ServerError)) log.error({ err: error }, "matchmaking failed");
        answer(response, 503, { code: 503, error: "no seat could be had; try again soon" });
      }
    },
    close: () => colyseus.gracefullyShutdown(false),
  };
}

async function reserve(request: IncomingMessage, response: ServerResponse, mayHaveSeat: () => boolean): Promise<void> {
  const [, method, name] =
    /^\/matchmake\/(joinOrCreate|joinById)\/([A-Za-z0-9_-]{1,64})$/.exec(request.url ?? "") ?? [];
  if (method === undefined || name === undefined || (method === "joinOrCreate" && name !== cityRoomName))
    return answer(response, 404, { code: 404, error: "there is no such room" });
  if (request.method !== "POST") return answer(response, 405, { code: 405, error: "use POST" }, { allow: "POST" });
  // The body is the library's "options"; this city has none, so it is read only to be dropped.
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMax)
      return answer(response, 413, { code: 413, error: "the request is too long" }, { connection: "close" });
  }
  if (!mayHaveSeat())
    return answer(response, 429, { code: 429, error: "too many are entering at once; try again soon" });
  if (method === "joinOrCreate") {
    const rooms = await matchMaker.query({ name: cityRoomName });
    if (rooms.length >= roomsMax && rooms.every((room) => room.locked))
      return answer(response, 503, { code: 503, error: "the city is full" });
  }
  const seat =
    method === "joinOrCreate" ? await matchMaker.joinOrCreate(name, {}) : await matchMaker.joinById(name, {});
  answer(response, 200, seat);
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(JSON.stringify(body));
}

/** The library logs what clients do wrong as errors; here that is not news. */
function libraryLogger(log: Logger): Pick<Console, "debug" | "info" | "warn" | "error" | "trace"> {
  const at =
    (level: "debug" | "warn") =>
    (...values: unknown[]): void =>
      log[level]({ from: "colyseus" }, values.map(String).join(" ").slice(0, 2000));
  return { debug: at("debug"), info: at("debug"), trace: at("debug"), warn: at("warn"), error: at("warn") };
}
