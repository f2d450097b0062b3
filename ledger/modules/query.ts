// What a module answers about its state: a path under /v1, schemas, and a pure function that reads. The API mounts every
// query of every module the same way (ledger/api/module-queries.ts), so documents, ETags, proofs and problems need no code here.

import type { z } from "zod";
import { nameCursor, readNameCursor } from "../protocol/cursor.ts";
import type { StateReader } from "../state/overlay.ts";

/** Entries that one answer may read. Beyond it the answer is refused: ask for fewer lines. */
export const queryEntriesMax = 10_000;
/** The same for an answer with proofs, of about 1.5 KiB each. */
export const provenEntriesMax = 1_000;

/** A page of names: strictly after `after` in the walking order, which is ascending unless it says otherwise. */
export interface NamePage {
  readonly limit: number;
  readonly after?: string;
  readonly descending?: boolean;
}

/** Reads the state of one height and remembers every entry it showed. A name from a list counts as read. */
export interface QueryReader extends StateReader {
  /** The height whose state is read; its root stands in the header after it. */
  readonly height: number;
  /** Names with the prefix. */
  page(prefix: string, page: NamePage): readonly string[];
}

export interface QueryInput<Params = Readonly<Record<string, unknown>>, Search = Readonly<Record<string, unknown>>> {
  /** From the path, parsed by the query's schema. */
  readonly params: Params;
  /** From the query string, parsed by the query's schema. */
  readonly query: Search;
  /** The asker's time in UNIX milliseconds, for words such as `current`; only for queries that declare `usesNow`. */
  readonly nowMs: number;
}

/** Says that there is no such thing: HTTP 404. What was read to know it is proven like any answer. */
export class NotThere {
  readonly detail: string;

  /** @param detail a sentence for people, without a full stop. */
  constructor(detail: string) {
    this.detail = detail;
  }
}

/** The answer would read more entries than it may. */
export class QueryTooLarge extends Error {
  override readonly name = "QueryTooLarge";
  readonly entriesMax: number;

  constructor(entriesMax: number) {
    super(`the answer would read more than ${entriesMax} entries`);
    this.entriesMax = entriesMax;
  }
}

/** The cursor is none of this list: HTTP 400. A list never begins anew because it cannot go on. */
export class WrongCursor extends Error {
  override readonly name = "WrongCursor";

  constructor() {
    super("is no cursor of this list");
  }
}

/** Where a page of names begins. @throws {WrongCursor} for a position that is not under the prefix. */
export function startAfter(prefix: string, cursor: string | undefined): { readonly after?: string } {
  if (cursor === undefined) return {};
  const after = readNameCursor(cursor, prefix);
  if (after === null) throw new WrongCursor();
  return { after };
}

/** The names of one page of a list, and its `next`; null at the end. @throws {WrongCursor} */
export function namesOfPage(
  reader: QueryReader,
  prefix: string,
  wanted: { readonly limit: number; readonly cursor?: string | undefined; readonly sort: "asc" | "desc" },
): { readonly names: readonly string[]; readonly next: string | null } {
  const { limit, cursor, sort } = wanted;
  const names = reader.page(prefix, { limit, descending: sort === "desc", ...startAfter(prefix, cursor) });
  return { names, next: names.length < limit ? null : nameCursor(names.at(-1)!) };
}

export interface Query {
  /** Under /v1, with `{name}` for each member of `params`; `{name+}` also takes slashes. */
  readonly path: string;
  /** One line for the API document. */
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: z.ZodType;
  /** The answer follows from the state, its input and the asker's time; without this member the time is kept from it. */
  readonly usesNow?: boolean;
  /** A pure function of the state and the input. */
  readonly read: (reader: QueryReader, input: QueryInput) => unknown;
}

/** What it takes to run a query; the other members are for mounting it. */
export type RunnableQuery = Pick<Query, "read" | "usesNow">;

/** Binds a query's schemas to the function that reads, so that the compiler checks one against the other. */
export function bindQuery<Params extends z.ZodObject, Search extends z.ZodObject, Answer extends z.ZodType>(query: {
  readonly path: string;
  readonly summary: string;
  readonly params: Params;
  readonly query: Search;
  readonly answer: Answer;
  readonly usesNow?: boolean;
  readonly read: (
    reader: QueryReader,
    input: QueryInput<z.infer<Params>, z.infer<Search>>,
  ) => z.infer<Answer> | NotThere;
}): Query {
  return { ...query, read: (reader, input) => query.read(reader, input as Parameters<typeof query.read>[1]) };
}
