// The running ledger's socket for commands on the same machine (data/ledger/admin.sock, in a folder of mode 0700): a line of JSON in,
// lines of JSON out, the last of which is the report. Only `backup` goes this way. One request a connection, at most 4 KiB.

import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join, relative } from "node:path";
import { StoreError } from "../storage/store-error.ts";

export interface AdminRequest {
  readonly command: "backup";
  /** Absolute. */
  readonly folder: string;
  readonly withKey: boolean;
}

type AdminAnswer =
  | { readonly progress: number }
  | { readonly report: Readonly<Record<string, unknown>> }
  | { readonly error: string };

const requestBytesMax = 4_096;
const requestTimeoutMs = 5_000;
/** sun_path less its end. */
const socketPathBytesMax = 103;

/** Null when the path is too long for a socket, also from here. */
function socketPath(chainFolder: string): string | null {
  const path = join(chainFolder, "admin.sock");
  const near = relative(process.cwd(), path);
  const shorter = near.length < path.length ? near : path;
  return Buffer.byteLength(shorter) > socketPathBytesMax ? null : shorter;
}

/** Answers requests until it is closed. Null when this system has no room for the socket's path. */
export async function serveAdmin(
  chainFolder: string,
  handle: (request: AdminRequest, progress: (done: number) => void) => Promise<Readonly<Record<string, unknown>>>,
): Promise<Server | null> {
  const path = socketPath(chainFolder);
  if (path === null) return null;
  // Only the owner of the store's lock comes here, so what stands there is of a process that is gone.
  await rm(path, { force: true });
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.setTimeout(requestTimeoutMs, () => socket.destroy());
    const send = (answer: AdminAnswer): void => {
      if (!socket.destroyed) socket.write(`${JSON.stringify(answer)}\n`);
    };
    void readLine(socket)
      .then((line) => {
        socket.setTimeout(0);
        const request = JSON.parse(line) as AdminRequest;
        if (request.command !== "backup" || typeof request.folder !== "string") throw new StoreError("unknown request");
        return handle({ ...request, withKey: request.withKey === true }, (progress) => send({ progress }));
      })
      .then(
        (report) => send({ report }),
        (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => socket.end());
  });
  server.maxConnections = 4;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return server;
}

/** Asks the running ledger; null when there is none. @throws {StoreError} what it refuses with. */
export async function askRunning(
  chainFolder: string,
  request: AdminRequest,
  progress: (done: number) => void,
): Promise<Readonly<Record<string, unknown>> | null> {
  const path = socketPath(chainFolder);
  if (path === null) return null;
  const socket = connect(path);
  const connected = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  if (!connected) return null;
  socket.write(`${JSON.stringify(request)}\n`);
  let rest = "";
  let outcome: AdminAnswer | null = null;
  for await (const chunk of socket.setEncoding("utf8")) {
    rest += chunk as string;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      const answer = JSON.parse(rest.slice(0, end)) as AdminAnswer;
      rest = rest.slice(end + 1);
      if ("progress" in answer) progress(answer.progress);
      else outcome = answer;
    }
  }
  if (outcome === null) throw new StoreError(`${chainFolder}: the ledger ended before it was done`);
  if ("error" in outcome) throw new StoreError(outcome.error);
  return "report" in outcome ? outcome.report : null;
}

function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const read = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end === -1 && text.length <= requestBytesMax) return;
      socket.off("data", read);
      if (end === -1) reject(new StoreError("the request is too long"));
      else resolve(text.slice(0, end));
    };
    socket.on("data", read);
    socket.once("close", () => reject(new StoreError("the request ended early")));
  });
}
