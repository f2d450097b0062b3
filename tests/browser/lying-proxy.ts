// A server that lies: it stands between the page and the city, passes everything on, and changes one byte of one kind of answer.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";

/** Gets the path with query and the parsed answer; returns the changed answer, or null to pass it on as it is. */
export type Lie = (path: string, answer: unknown) => unknown | null;

export interface LyingProxy {
  readonly url: string;
  /** The lie told from now on; null tells the truth. */
  tell(lie: Lie | null): void;
  /** How many answers were changed. */
  told(): number;
  close(): Promise<void>;
}

/** Flips the lowest bit of one character of a hex or base64 text so that it stays well-formed but differs. */
export function flipCharacter(text: string, at: number): string {
  const character = text[at] as string;
  const replacement = /[0-9]/.test(character)
    ? String((Number(character) + 1) % 10)
    : character === "a"
      ? "b"
      : character === "A"
        ? "B"
        : character === character.toLowerCase()
          ? "a"
          : "A";
  return text.slice(0, at) + replacement + text.slice(at + 1);
}

/** Starts the proxy in front of a city's page URL. */
export async function startLyingProxy(cityUrl: string): Promise<LyingProxy> {
  const target = new URL(cityUrl);
  let lie: Lie | null = null;
  let told = 0;

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const headers = { ...incoming.headers, host: target.host, "accept-encoding": "identity" };
    const upstream = request(
      { host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers },
      (answer) => {
        const json = (answer.headers["content-type"] ?? "").includes("json");
        if (lie === null || !json) {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          return;
        }
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          let body = Buffer.concat(chunks);
          try {
            const changed = lie?.(incoming.url ?? "", JSON.parse(body.toString("utf8")));
            if (changed !== null && changed !== undefined) {
              body = Buffer.from(JSON.stringify(changed));
              told++;
            }
          } catch {
            // Not JSON after all: passed on as it is.
          }
          const sent = { ...answer.headers, "content-length": String(body.length) };
          delete sent["transfer-encoding"];
          delete sent["etag"];
          outgoing.writeHead(answer.statusCode ?? 502, sent);
          outgoing.end(body);
        });
      },
    );
    upstream.on("error", () => outgoing.destroy());
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  };

  const server = createServer(forward);
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (incoming, socket, head) => {
    const upstream = connect(Number(target.port), target.hostname, () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`];
      for (let i = 0; i < incoming.rawHeaders.length; i += 2) {
        const name = incoming.rawHeaders[i] as string;
        lines.push(`${name}: ${name.toLowerCase() === "host" ? target.host : incoming.rawHeaders[i + 1]}`);
      }
      upstream.write(`${lines.join("\r\n")}\r\n\r\n`);
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
    sockets.add(upstream);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://localhost:${port}`,
    tell: (next) => {
      lie = next;
      told = 0;
    },
    told: () => told,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  };
}
