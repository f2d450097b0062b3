// Files of one folder over HTTP: entity tags, compression with a bounded cache, no way out of the folder.
// Limits: 256 MiB a file, compressed up to 64 MiB, 192 MiB of compressed copies kept.

import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const fileBytesMax = 256 * 1024 * 1024;
const compressedBytesMax = 64 * 1024 * 1024;
const cacheBytesMax = 192 * 1024 * 1024;
const compressedBytesMin = 1024;

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".geojson": "application/geo+json",
  ".jsonl": "application/json-seq",
  ".map": "application/json",
  ".webmanifest": "application/manifest+json",
  ".txt": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".bin": "application/octet-stream",
  ".tile": "application/octet-stream",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ktx2": "image/ktx2",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};
/** Formats that are compressed already. */
const dense = new Set([".png", ".jpg", ".webp", ".ktx2", ".woff2"]);

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

type Encoding = "br" | "gzip" | "identity";

export interface FileRequest {
  /** Path below the folder, percent-encoded, without a leading slash and without query. */
  readonly path: string;
  readonly method: string;
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
  readonly cacheControl: string;
}

export class FolderFiles {
  readonly #root: Promise<string>;
  readonly #cache = new Map<string, Promise<Buffer<ArrayBuffer>>>();
  readonly #sizes = new Map<string, number>();
  #cachedBytes = 0;

  /** @param root folder, which need not exist: then nothing is found. */
  constructor(root: string) {
    this.#root = realpath(root).catch(() => "");
  }

  /** The answer, or null when there is no such file. */
  async answer(request: FileRequest): Promise<Response | null> {
    const root = await this.#root;
    const file = root === "" ? null : await fileWithin(root, request.path);
    if (file === null) return null;
    const type = extname(file.path).toLowerCase();
    const encoding = encodingFor(type, file.size, request.acceptEncoding);
    const suffix = encoding === "identity" ? "" : `-${encoding}`;
    const tag = `"${file.size.toString(36)}-${Math.round(file.modifiedMs).toString(36)}${suffix}"`;
    const headers = new Headers({
      "content-type": types[type] ?? "application/octet-stream",
      "cache-control": request.cacheControl,
      etag: tag,
      vary: "accept-encoding",
    });
    if (encoding !== "identity") headers.set("content-encoding", encoding);
    const known = request.ifNoneMatch.split(",").map((one) => one.trim().replace(/^W\//, ""));
    if (known.includes(tag) || known.includes("*")) return new Response(null, { status: 304, headers });
    if (encoding === "identity") {
      headers.set("content-length", String(file.size));
      const empty = request.method === "HEAD" || file.size === 0;
      const body = empty ? null : Readable.toWeb(createReadStream(file.path, { end: file.size - 1 }));
      return new Response(body as ReadableStream | null, { headers });
    }
    const bytes = await this.#compressed(file.path, `${tag}${file.path}`, encoding, type);
    headers.set("content-length", String(bytes.length));
    return new Response(request.method === "HEAD" ? null : bytes, { headers });
  }

  /** One compression at a time for each file, and the copy kept; those unused longest go first. */
  #compressed(path: string, key: string, encoding: "br" | "gzip", type: string): Promise<Buffer<ArrayBuffer>> {
    const known = this.#cache.get(key);
    if (known !== undefined) {
      this.#cache.delete(key);
      this.#cache.set(key, known);
      return known;
    }
    const made = readFile(path).then(async (bytes) => {
      const text = type !== ".bin" && type !== ".tile" && type !== ".wasm";
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: bytes.length > 8 * 1024 * 1024 ? 4 : 5,
        [constants.BROTLI_PARAM_MODE]: text ? constants.BROTLI_MODE_TEXT : constants.BROTLI_MODE_GENERIC,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      };
      return (await (encoding === "br" ? brotli(bytes, { params }) : gzipped(bytes))) as Buffer<ArrayBuffer>;
    });
    this.#cache.set(key, made);
    made.then(
      (bytes) => this.#account(key, bytes.length),
      () => this.#cache.delete(key),
    );
    return made;
  }

  #account(key: string, size: number): void {
    this.#sizes.set(key, size);
    this.#cachedBytes += size;
    for (const [oldest] of this.#cache) {
      if (this.#cachedBytes <= cacheBytesMax) break;
      const bytes = this.#sizes.get(oldest);
      if (bytes === undefined) continue;
      this.#cache.delete(oldest);
      this.#sizes.delete(oldest);
      this.#cachedBytes -= bytes;
    }
  }
}

/** The regular file of a request path, wherever links lead, only if it lies within the root. */
async function fileWithin(
  root: string,
  path: string,
): Promise<{ path: string; size: number; modifiedMs: number } | null> {
  let names: string[];
  try {
    names = decodeURIComponent(path).split("/");
  } catch {
    return null;
  }
  // Empty, dotted and odd names are not looked up at all: no "..", no hidden files, no other separators.
  if (names.some((name) => name === "" || name.startsWith(".") || /[\0\\:]/.test(name))) return null;
  try {
    const real = await realpath(join(root, ...names));
    if (!real.startsWith(root + sep)) return null;
    const facts = await stat(real);
    if (!facts.isFile() || facts.size > fileBytesMax) return null;
    return { path: real, size: facts.size, modifiedMs: facts.mtimeMs };
  } catch {
    return null;
  }
}

function encodingFor(type: string, size: number, accept: string): Encoding {
  if (dense.has(type) || size < compressedBytesMin || size > compressedBytesMax) return "identity";
  const accepted = accept
    .split(",")
    .map((one) => one.trim().toLowerCase())
    .filter((one) => !/;\s*q=0(?:\.0*)?$/.test(one))
    .map((one) => one.split(";")[0]);
  return accepted.includes("br") ? "br" : accepted.includes("gzip") ? "gzip" : "identity";
}
