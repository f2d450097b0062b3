// Colyseus' WebSocket transport with a guard before its decoder: odd frames and floods close the connection, and an
// exception while a message is handled ends that connection, never the process.

import type { IncomingMessage } from "node:http";
import { CloseCode } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { closeCodes, messagesPerSecondMax } from "../protocol/city-room.ts";
import { frameBytesMax, frameIsPlain } from "./frame-guard.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Frames a second, pings and refused ones included, after which a client is closed. */
const framesPerSecondMax = messagesPerSecondMax * 10;

/** Makes the transport; attach it to the server with `attachToServer`. */
export function guardedTransport(log: Logger, nowMs: () => number): WebSocketTransport {
  class GuardedTransport extends WebSocketTransport {
    // The base class hands this method to an emitter unbound, so it must not use `this`.
    protected override async onConnection(
      ...[socket, request, upgrade]: Parameters<WebSocketTransport["onConnection"]>
    ): Promise<void> {
      guard(socket as unknown as WebSocket, request, log, nowMs);
      return super.onConnection(socket, request, upgrade);
    }
  }
  return new GuardedTransport({
    noServer: true,
    maxPayload: frameBytesMax,
    perMessageDeflate: false,
    pingInterval: 10_000,
  });
}

function guard(socket: WebSocket, request: IncomingMessage, log: Logger, nowMs: () => number): void {
  const frames = new TokenBucket(framesPerSecondMax, framesPerSecondMax, nowMs());
  const close = (code: number, reason: string): void => {
    log.warn({ reason, address: request.socket.remoteAddress }, "room connection closed");
    socket.removeAllListeners("message");
    socket.close(code, reason);
    // A peer that floods does not answer the close either: what it still sends is not even read.
    if (code === closeCodes.flooded) socket.pause();
    setTimeout(() => socket.terminate(), 1000).unref();
  };
  const emit = socket.emit.bind(socket);
  let closed = false;
  socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    if (event !== "message") return emit(event, ...values);
    if (closed) return false;
    const frame = values[0];
    closed = true;
    if (!frames.take(nowMs())) close(closeCodes.flooded, "flood");
    else if (!(frame instanceof Uint8Array) || values[1] !== true || !frameIsPlain(frame))
      close(CloseCode.WITH_ERROR, "malformed frame");
    else {
      try {
        closed = false;
        return emit(event, ...values);
      } catch (error) {
        closed = true;
        log.error({ err: error }, "a room message could not be handled");
        close(CloseCode.WITH_ERROR, "message could not be handled");
      }
    }
    return false;
  };
}
