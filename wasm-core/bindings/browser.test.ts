// The loaders of browsers: one fetch for all who ask at once, servers that name another media type, engines that cannot compile
// while they fetch, and answers that are no module, after which the next call tries again.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

let answers: (() => Response)[];
let fetched: number;

function moduleAnswer(mediaType: string): Response {
  const bytes = readFileSync(new URL("../../build/wasm/core.scalar.wasm", import.meta.url));
  return new Response(new Uint8Array(bytes), { headers: { "content-type": mediaType } });
}

beforeEach(() => {
  vi.resetModules();
  answers = [];
  fetched = 0;
  vi.stubGlobal("fetch", async () => {
    fetched++;
    const next = answers.shift();
    if (next === undefined) throw new TypeError("fetch failed");
    return next();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the core in browsers", () => {
  test("is fetched and made once, however many ask", async () => {
    const { loadCore } = await import("./browser.ts");
    answers.push(() => moduleAnswer("application/wasm"));
    const cores = await Promise.all([loadCore(), loadCore(), loadCore()]);
    expect(cores[0].sha256(new Uint8Array())[0]).toBe(0xe3);
    expect([cores[1], cores[2], await loadCore()]).toEqual([cores[0], cores[0], cores[0]]);
    expect(fetched).toBe(1);
  });

  test.each(["application/octet-stream", "text/html"])("is compiled when the server says %s", async (mediaType) => {
    const { loadCore } = await import("./browser.ts");
    answers.push(() => moduleAnswer(mediaType));
    expect((await loadCore()).sha256(new Uint8Array())[0]).toBe(0xe3);
  });

  test("is compiled by engines that cannot compile while they fetch", async () => {
    const { loadCore } = await import("./browser.ts");
    const { compileStreaming, ...older } = Object.fromEntries(
      Object.getOwnPropertyNames(WebAssembly).map((name) => [name, Reflect.get(WebAssembly, name)]),
    );
    expect(compileStreaming).toBeTypeOf("function");
    vi.stubGlobal("WebAssembly", older);
    answers.push(() => moduleAnswer("application/wasm"));
    expect((await loadCore()).sha256(new Uint8Array())[0]).toBe(0xe3);
  });

  test("is tried again after a network that failed, a status, and a page in its place", async () => {
    const { loadCore } = await import("./browser.ts");
    await expect(Promise.all([loadCore(), loadCore()])).rejects.toThrow("fetch failed");
    expect(fetched).toBe(1);
    answers.push(() => new Response("not here", { status: 404 }));
    await expect(loadCore()).rejects.toThrow("status 404");
    answers.push(() => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }));
    await expect(loadCore()).rejects.toThrow(WebAssembly.CompileError);
    answers.push(() => moduleAnswer("application/wasm"));
    expect((await loadCore()).sha256(new Uint8Array())[0]).toBe(0xe3);
    expect(fetched).toBe(4);
  });
});
