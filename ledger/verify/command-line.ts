// The command line of `npm run verify`: which ledger, which question, what is trusted.

import { parseArgs } from "node:util";
import { z } from "zod";
import type { ShownReading } from "../light/verdict.ts";

/** The command line cannot be understood; the message is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export type Question =
  | { readonly of: "key"; readonly name: string; readonly expected: unknown; readonly height: number | undefined }
  | { readonly of: "transaction"; readonly id: string; readonly height: number }
  | { readonly of: "block"; readonly height: number }
  | { readonly of: "events"; readonly id: string; readonly height: number }
  /** Without `second` up to the anchored size. */
  | { readonly of: "log"; readonly first: number; readonly second: number | undefined }
  | { readonly of: "reading"; readonly reading: ShownReading }
  | { readonly of: "bundle"; readonly file: string }
  | { readonly of: "head" };

export interface CommandLine {
  /** Base URLs without a slash at the end; null only for a bundle, which needs no server. */
  readonly api: string | null;
  readonly log: string | null;
  readonly witnesses: readonly string[];
  readonly question: Question;
  readonly checkpoint: string | null;
  readonly forget: boolean;
  readonly store: string | null;
  readonly json: boolean;
}

export const usage = `npm run verify -- --api <url> <question> [options]

Asks a ledger, checks the answer as the light client of the city's page does, and says what holds. What the server says counts for
nothing: only what its validators signed does.

questions
  --key <name>                     a state entry as it is now, or that there is none; --value <json>: that it is just this;
                                   --height <h>: as it was after that block (of the newest 1,000 or so)
  --transaction <id> --height <h>  that this transaction stands in this block, and how it ended
  --block <h>                      a block with its transactions
  --events <id> --height <h>       what a transaction told when it was applied
  --log-growth <n>[:<m>]           the telemetry log of n entries is the beginning of that of m, or of the anchored one; --log as below
  --reading <json>                 a reading {device, stream, time, result, logIndex}; the log is at --log <url>, or beside the
                                   ledger where its address ends with /ledger
  --bundle <file>                  a proof bundle, as bytes or as text, with no server at all: it stands on what is trusted of
                                   --api <url>, or on --checkpoint <text>
  --head                           the newest block, as a checkpoint that others can compare or begin with

options
  --api <url>         the ledger, such as http://localhost:4001 or https://city.example/ledger
  --checkpoint <text> where nothing is trusted yet, trust begins from it; else it must lie on the chain that is trusted
  --witness <url>     another ledger of the same chain, which must agree; up to 8 of them. Where both chains hold, evidence goes to
                      both, is printed and kept beside the trust file, and nothing is believed until --forget
  --store <file>      what is trusted, kept from run to run; default: light/trust.json in the data folder (GLASSTOWN_DATA)
  --forget            drops what is trusted of this ledger first
  --json              the verdict as one JSON line

Status: 0 verified; 1 failed: somebody shows what is not so; 2 not verified (no answer, not there, not anchored yet), or not understood.
`;

const witnessesMax = 8;
const textMax = 100_000;

const readingSchema = z.strictObject({
  device: z.string().max(200),
  stream: z.string().max(200),
  time: z.string().max(40),
  result: z.number(),
  logIndex: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
});

/** @throws {UsageError} */
export function readCommandLine(args: readonly string[]): CommandLine {
  const values = parsed(args);
  const { api } = values;
  if (api === undefined && values.bundle === undefined)
    throw new UsageError("--api is missing: the ledger to ask, such as http://localhost:4001");
  const ledger = api === undefined ? null : addressOf("--api", api);
  const log = values.log === undefined ? logBeside(ledger ?? "") : addressOf("--log", values.log);
  const witnesses = (values.witness ?? []).map((url) => addressOf("--witness", url));
  if (witnesses.length > witnessesMax) throw new UsageError(`more than ${witnessesMax} witnesses`);
  if (ledger !== null && witnesses.includes(ledger))
    throw new UsageError("--witness is the ledger itself: it witnesses nothing");
  const question = questionOf(values);
  if ((question.of === "reading" || question.of === "log") && log === null)
    throw new UsageError("--log is missing: where the telemetry log is served");
  return {
    api: ledger,
    log,
    witnesses,
    question,
    checkpoint: values.checkpoint ?? null,
    forget: values.forget === true,
    store: values.store ?? null,
    json: values.json === true,
  };
}

type Values = ReturnType<typeof parsed>;

function parsed(args: readonly string[]) {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        api: text,
        log: text,
        key: text,
        value: text,
        height: text,
        transaction: text,
        block: text,
        events: text,
        "log-growth": text,
        reading: text,
        bundle: text,
        head: flag,
        checkpoint: text,
        witness: { ...text, multiple: true },
        store: text,
        forget: flag,
        json: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\.? *\n|\. /)[0]!);
  }
}

function questionOf(values: Values): Question {
  const { key, transaction, block, events, reading, bundle, head, value } = values;
  const growth = values["log-growth"];
  const asked = [key, transaction, block, events, growth, reading, bundle, head].filter((one) => one !== undefined);
  if (asked.length !== 1)
    throw new UsageError(
      "one question is needed: --key, --transaction, --block, --events, --log-growth, --reading, --bundle or --head",
    );
  if (value !== undefined && key === undefined) throw new UsageError("--value goes with --key");
  const height = values.height === undefined ? undefined : heightOf("--height", values.height);
  if (height !== undefined && key === undefined && transaction === undefined && events === undefined)
    throw new UsageError("--height goes with --key, --transaction or --events");
  if (key !== undefined)
    return { of: "key", name: key, height, expected: value === undefined ? undefined : jsonOf("--value", value) };
  if (transaction !== undefined) return { of: "transaction", ...placeOf("--transaction", transaction, height) };
  if (events !== undefined) return { of: "events", ...placeOf("--events", events, height) };
  if (growth !== undefined) return { of: "log", ...growthOf(growth) };
  if (block !== undefined) return { of: "block", height: heightOf("--block", block) };
  if (bundle !== undefined) return { of: "bundle", file: bundle };
  if (reading === undefined) return { of: "head" };
  const read = readingSchema.safeParse(jsonOf("--reading", reading));
  if (!read.success)
    throw new UsageError(`--reading: ${read.error.issues[0]!.path.join(".") || "it"} is missing or of another form`);
  return { of: "reading", reading: read.data };
}

function placeOf(option: string, id: string, height: number | undefined): { id: string; height: number } {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new UsageError(`${option} is not 64 lower-case hex digits`);
  if (height === undefined) throw new UsageError("--height is missing: the block in which the transaction stands");
  return { id, height };
}

function growthOf(text: string): { first: number; second: number | undefined } {
  const sizes = /^([1-9][0-9]{0,14})(?::([1-9][0-9]{0,14}))?$/.exec(text);
  const [first, second] = [Number(sizes?.[1]), sizes?.[2] === undefined ? undefined : Number(sizes[2])];
  if (sizes === null || (second !== undefined && second < first))
    throw new UsageError("--log-growth: not one size or two, the smaller first, such as 100:250");
  return { first, second };
}

function addressOf(option: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
    throw new UsageError(`${option}: "${text.slice(0, 200)}" is no http or https address without a query`);
  if (url.username !== "" || url.password !== "") throw new UsageError(`${option}: an address with a password`);
  return url.href.replace(/\/+$/, "");
}

/** The world serves both from one origin. */
function logBeside(ledger: string): string | null {
  return ledger.endsWith("/ledger") ? `${ledger.slice(0, -"ledger".length)}log` : null;
}

function heightOf(option: string, text: string): number {
  const height = /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(height)) throw new UsageError(`${option}: "${text.slice(0, 40)}" is no height`);
  return height;
}

function jsonOf(option: string, text: string): unknown {
  if (text.length > textMax) throw new UsageError(`${option}: more than ${textMax} characters`);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${option}: not JSON`);
  }
}
