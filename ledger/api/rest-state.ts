// REST: any state entry by its name, and the names under a prefix.

import { z } from "zod";
import type { Application, StateAnswer } from "../modules/application.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { toBase64 } from "../protocol/comet.ts";
import { nameCursor, nameCursorSchema, readNameCursor } from "../protocol/cursor.ts";
import type { StateEntriesAnswer, StateEntryAnswer } from "../protocol/rest.ts";
import { newestTag, revalidate } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { answerPage, limitParam } from "./paging.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import { stateEntriesAnswerSchema, stateEntryAnswerSchema } from "./schemas.ts";

/** Longest state name, in bytes. */
const nameBytesMax = 256;

export function addStateRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { application, engine, builder } = ledger;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/state",
      tag: "state",
      summary: "State entries whose names begin alike, by name",
      params: z.object({}),
      query: z.object({
        prefix: z.string().min(1).max(nameBytesMax).describe("such as accounts/account/"),
        limit: limitParam,
        cursor: nameCursorSchema("").optional(),
        sort: z.enum(["asc", "desc"]).default("asc"),
      }),
      answers: { 200: stateEntriesAnswerSchema },
      caches: "newest",
      problems: [400],
    },
    (request, { query: { prefix, limit, cursor, sort } }) => {
      const tag = newestTag(ledger);
      const after = cursor === undefined ? undefined : (readNameCursor(cursor, prefix) ?? undefined);
      if (cursor !== undefined && after === undefined) {
        const detail = "is no cursor of this list";
        throw problem(400, `query parameter cursor: ${detail}`, {}, [{ parameter: "cursor", in: "query", detail }]);
      }
      const found = application.list(prefix, {
        limit,
        descending: sort === "desc",
        ...(after === undefined ? {} : { after }),
      });
      const answer: StateEntriesAnswer = {
        height: application.height,
        entries: found.map(([name, value]) => ({ name, value: JSON.parse(fromUtf8(value)) as unknown })),
        next: found.length < limit ? null : nameCursor(found.at(-1)![0]),
      };
      return answerPage(request, tag, answer);
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
        proof:
          found.proof === null
            ? null
            : { type: "ics23:simple", key: toBase64(builder.core.sha256(key)), data: toBase64(found.proof) },
      };
      return request.json(answer, 200, { etag: tag, "cache-control": revalidate });
    },
  );
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
