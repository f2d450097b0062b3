// REST: any state entry by its name, and the entries under a prefix: a page has at most 100, and ends early at 1 MiB of values.
// With `prove=true` each comes with its own proof (ICS-23). What is missing from a list is not proven: the tree is ordered by hash.

import { z } from "zod";
import type { Application, StateAnswer } from "../modules/application.ts";
import { namesOfPage, type RunnableQuery } from "../modules/query.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { nameCursor, nameCursorSchema } from "../protocol/cursor.ts";
import type { StateEntriesAnswer, StateEntryAnswer } from "../protocol/rest.ts";
import { newestTag, revalidate } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { ask, chargeRead, proofAnswer } from "./module-queries.ts";
import { answerPage, limitParam } from "./paging.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import { stateEntriesAnswerSchema, stateEntryAnswerSchema } from "./schemas.ts";

/** Longest state name, in bytes. */
const nameBytesMax = 256;
/** Values of one page, in bytes of their canonical JSON. */
const pageBytesMax = 1_048_576;

interface WantedEntries {
  readonly prefix: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly sort: "asc" | "desc";
}

export function addStateRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { application, engine, builder } = ledger;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/state",
      tag: "state",
      summary: "State entries whose names begin alike, by name",
      description:
        "With `prove=true` the entries of the newest state whose root stands in a header, each with a proof that verifies against the " +
        "app hash of header `height` + 1. A proof shows that its entry is there; that the list leaves none out is not proven.",
      params: z.object({}),
      query: z.object({
        prefix: z.string().min(1).max(nameBytesMax).describe("such as accounts/account/"),
        limit: limitParam,
        cursor: nameCursorSchema.optional(),
        sort: z.enum(["asc", "desc"]).default("asc"),
        prove: z.enum(["true", "false"]).optional().describe("true adds a proof to every entry"),
      }),
      answers: { 200: stateEntriesAnswerSchema },
      caches: "newest",
      problems: [400, 503],
    },
    (request, { query: { prove: wanted, ...search } }) => {
      const prove = wanted === "true";
      const tag = newestTag(ledger);
      const { height, answer, entries } = ask(ledger, entriesQuery(search), { params: {}, query: {}, nowMs: 0 }, prove);
      chargeRead(request, entries.length, prove);
      const { names, next } = answer as ReturnType<typeof namesOfPage>;
      const read = new Map(entries.map((entry) => [entry.name, entry]));
      const shown = withinBytes(names, (name) => read.get(name)!.value!.length);
      const page: StateEntriesAnswer = {
        height,
        entries: shown.map((name) => {
          const { value, proof } = read.get(name)!;
          return {
            name,
            value: JSON.parse(fromUtf8(value!)) as unknown,
            ...(proof === null ? {} : { proof: proofAnswer(builder.core, name, proof) }),
          };
        }),
        next: shown.length < names.length ? nameCursor(shown.at(-1)!) : next,
      };
      return answerPage(request, tag, page);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/state/{name+}",
      tag: "state",
      summary: "One state entry by its name, with a proof on demand",
      description:
        "With `prove=true` the newest state whose root stands in a header: the proof verifies against the app hash of header `height` + 1.",
      params: z.object({ name: z.string().min(1).max(nameBytesMax) }),
      query: z.object({ prove: z.enum(["true", "false"]).optional() }),
      answers: { 200: stateEntryAnswerSchema },
      caches: "newest",
      problems: [400, 503],
    },
    (request, { params, query }) => {
      const key = utf8(params.name);
      if (key.length > nameBytesMax) throw problem(400, `names have at most ${nameBytesMax} bytes`);
      const tag = newestTag(ledger);
      const prove = query.prove === "true";
      const found = queryEntry(application, params.name, prove ? Math.max(0, engine.height - 1) : undefined);
      const answer: StateEntryAnswer = {
        name: params.name,
        height: found.height,
        value: found.value === null ? null : JSON.parse(fromUtf8(found.value)),
        proof: found.proof === null ? null : proofAnswer(builder.core, params.name, found.proof),
      };
      return request.json(answer, 200, { etag: tag, "cache-control": revalidate });
    },
  );
}

/** A page of names under a prefix, with their values read. */
function entriesQuery({ prefix, ...page }: WantedEntries): RunnableQuery {
  return { read: (reader) => namesOfPage(reader, prefix, page) };
}

/** As many as there is room for, at least one. */
function withinBytes(names: readonly string[], bytesOf: (name: string) => number): readonly string[] {
  let bytes = 0;
  const end = names.findIndex((name) => {
    bytes += bytesOf(name);
    return bytes > pageBytesMax;
  });
  return end < 0 ? names : names.slice(0, Math.max(1, end));
}

/** With a proof when a height is given. After a start only the newest state is kept, under which no header is made yet. */
function queryEntry(application: Application, name: string, height: number | undefined): StateAnswer {
  if (height === undefined) return application.query(name, { prove: false });
  try {
    return application.query(name, { height, prove: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw problem(503, `the state of height ${height} is not kept`, { "retry-after": "1" });
  }
}
