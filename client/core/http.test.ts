import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { explain, RequestError, request } from "./http.ts";
import { language } from "./language.ts";

const schema = z.object({ ok: z.boolean() });
const answer = (body: BodyInit, status = 200): void => {
  vi.stubGlobal("fetch", async () => new Response(body, { status }));
};
const failure = async (options = {}): Promise<RequestError> => {
  try {
    await request("/x", schema, options);
  } catch (error) {
    if (error instanceof RequestError) return error;
  }
  throw new Error("expected a RequestError");
};

afterEach(() => void vi.unstubAllGlobals());
language.value = "en";

it("gives what fits the schema", async () => {
  answer('{"ok":true}');
  expect(await request("/x", schema)).toEqual({ ok: true });
});

it("names the refusal of problem details and says it in words", async () => {
  answer(JSON.stringify({ title: "Refused", status: 422, refusal: "accounts_name_must_be_free", params: {} }), 422);
  const error = await failure();
  expect(error).toMatchObject({ kind: "refused", refusal: "accounts_name_must_be_free", status: 422 });
  expect(explain(error)).toBe("That name is taken. Choose another.");
});

it.each([
  ["not json", 200, "malformed"],
  ['{"ok":"yes"}', 200, "malformed"],
  ["<html>", 502, "status"],
  ["null", 422, "status"],
  ['{"refusal":7,"params":"x"}', 422, "status"],
])("%j with status %i is %s", async (body, status, kind) => {
  answer(body, status);
  expect((await failure()).kind).toBe(kind);
});

it("stops reading at the limit", async () => {
  answer(`{"ok":true,"more":"${"x".repeat(5000)}"}`);
  expect((await failure({ bytesMax: 1000 })).kind).toBe("too-large");
});

it("says that nobody answered", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });
  const error = await failure();
  expect(error.kind).toBe("unreachable");
  expect(explain(error)).toContain("does not answer");
});
