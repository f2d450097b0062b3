// A server that lies: it stands between the page and the city, passes everything on, and changes one byte of one kind of answer.

import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { fromHex } from "../../ledger/protocol/bytes.ts";
import {
  commitFromJson,
  commitToJson,
  fromBase64,
  headerFromJson,
  headerToJson,
  hexUpper,
  toBase64,
} from "../../ledger/protocol/comet.ts";
import { decodeLightBlock } from "../../wasm-core/bindings/comet-decoding.ts";
import { encodeLightBlock } from "../../wasm-core/bindings/comet-encoding.ts";

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

function changedJson(changed: unknown): Buffer<ArrayBuffer> | null {
  return changed === null || changed === undefined ? null : Buffer.from(JSON.stringify(changed));
}

/** A light block is shown to the lie as what `/commit` and `/validators` would answer, and put together again. */
function changedLightBlock(lie: Lie, bytes: Uint8Array): Buffer<ArrayBuffer> | null {
  const { header, commit, validators } = decodeLightBlock(bytes);
  const signed = { result: { signed_header: { header: headerToJson(header), commit: commitToJson(commit) } } };
  const set = validators.map(({ address, publicKey, power }) => ({
    address: hexUpper(address),
    pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(publicKey) },
    voting_power: String(power),
  }));
  const lies = [lie("/ledger/commit", signed), lie("/ledger/validators", { result: { validators: set } })] as const;
  if (lies.every((told) => told === null || told === undefined)) return null;
  const { result: toldBlock } = (lies[0] ?? signed) as typeof signed;
  const { result: toldSet } = (lies[1] ?? { result: { validators: set } }) as { result: { validators: typeof set } };
  return Buffer.from(
    encodeLightBlock({
      header: headerFromJson(toldBlock.signed_header.header),
      commit: commitFromJson(toldBlock.signed_header.commit),
      validators: toldSet.validators.map(({ address, pub_key, voting_power }) => ({
        address: fromHex(address),
        publicKey: fromBase64(pub_key.value),
        power: BigInt(voting_power),
      })),
    }),
  );
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
        const type = answer.headers["content-type"] ?? "";
        const isLightBlock = type.includes("x-protobuf") && !(incoming.url ?? "").includes("?");
        if (lie === null || !(type.includes("json") || isLightBlock)) {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
          return;
        }
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          let body = Buffer.concat(chunks);
          try {
            const changed = isLightBlock
              ? changedLightBlock(lie!, body)
              : changedJson(lie!(incoming.url ?? "", JSON.parse(body.toString("utf8"))));
            if (changed !== null) {
              body = changed;
              told++;
            }
          } catch {
            // Neither after all: passed on as it is.
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
