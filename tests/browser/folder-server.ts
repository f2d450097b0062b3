// Serves an empty page and folders of built files on loopback, isolated across origins (which shared memory asks for) or not.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";

const types: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };

export interface FolderServer {
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** @param folders first parts of paths, and the folders whose files they name. Folders of folders are not served, nor are paths like `missing`. */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
  { isolated, missing }: { readonly isolated: boolean; readonly missing?: RegExp },
): Promise<FolderServer> {
  const headers: Record<string, string> = isolated
    ? { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" }
    : {};
  const asked: string[] = [];
  const server = createServer(async ({ url = "/" }, response) => {
    asked.push(url);
    if (url === "/") {
      response
        .writeHead(200, { ...headers, "content-type": "text/html" })
        .end('<!doctype html><link rel="icon" href="data:,"><title>core</title>');
      return;
    }
    const [, first = "", ...rest] = url.split("/");
    const folder = rest.length === 1 && !missing?.test(url) ? folders[first] : undefined;
    const bytes = folder === undefined ? null : await readFile(join(folder, basename(url))).catch(() => null);
    const type = types[extname(url)] ?? "application/octet-stream";
    if (bytes === null) response.writeHead(404, headers).end();
    else response.writeHead(200, { ...headers, "content-type": type }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
