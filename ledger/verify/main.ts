// `npm run verify`: one question to a ledger, checked by the light client, on the command line. Whoever runs it needs no trust in the
// server that it asks. README.md says what it stands on.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { readSettings, SettingError } from "../../settings/settings.ts";
import type { Core } from "../../wasm-core/bindings/core.ts";
import { loadCore, loadEd25519 } from "../../wasm-core/bindings/node.ts";
import { bundleBytesMax } from "../light/bundle/bundle.ts";
import { fromBundleText } from "../light/bundle/text-forms.ts";
import { verifyBundle } from "../light/bundle/verify-bundle.ts";
import { readCheckpoint } from "../light/checkpoint.ts";
import { createLightClient, type LightClient } from "../light/light-client.ts";
import { TrustMemory, type TrustStore } from "../light/trust-store.ts";
import type { Verdict } from "../light/verdict.ts";
import { hex } from "../protocol/bytes.ts";
import { decideEd25519With } from "../protocol/ed25519.ts";
import { type CommandLine, type Question, readCommandLine, UsageError, usage } from "./command-line.ts";
import { keepEvidence } from "./evidence-file.ts";
import { jsonOf, type Report, statusOf, wordsOf, wordsOfBundle } from "./report.ts";
import { TrustFile } from "./trust-file.ts";

const looksMax = 15;
const lookMs = 400;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(usage);
    return 0;
  }
  const line = readCommandLine(args);
  decideEd25519With(async () => loadEd25519());
  const file = line.store ?? join(readSettings().data, "light/trust.json");
  const store = new TrustFile(file, line.api ?? "", (text) => process.stderr.write(`${text}\n`));
  if (line.question.of === "bundle") return verifyFile(line, line.question.file, store);
  const api = line.api!;
  const client = clientOf(api, line.log, store, line.witnesses);
  if (line.forget) await client.forget();
  const report = await answer(client, line, api);
  const attack = report.verdict.state === "failed" ? await client.attack() : null;
  if (attack !== null) process.stderr.write(`${keepEvidence(file, attack)}\n`);
  process.stdout.write(line.json ? `${jsonOf(report)}\n` : wordsOf(report));
  return statusOf(report.verdict);
}

function clientOf(
  ledgerUrl: string,
  logUrl: string | null,
  store: TrustStore,
  witnesses: readonly string[],
): LightClient {
  return createLightClient({
    core: loadCore(),
    fetch: (url, init) => fetch(url, init),
    now: () => Date.now(),
    store,
    ledgerUrl,
    witnesses,
    // Without one no reading is asked for.
    logUrl: logUrl ?? `${ledgerUrl}/no-log`,
  });
}

async function answer(client: LightClient, line: CommandLine, api: string): Promise<Report> {
  const question = wordsOfQuestion(line.question, api);
  const { trust, verdict: start } = await begin(client, line.checkpoint);
  if (start !== null && start.state !== "verified") return { question, trust, verdict: start, witnesses: [] };
  const verdict = await ask(client, line.question);
  if (verdict.state !== "verified" || verdict.remembered !== undefined)
    return { question, trust, verdict, witnesses: [] };
  const doubt = await doubtOf(client, verdict);
  if (doubt !== null) return { question, trust, verdict: doubt, witnesses: [] };
  return { question, trust, verdict, witnesses: line.witnesses };
}

/** From where trust comes, and the verdict on a checkpoint that was given. */
async function begin(
  client: LightClient,
  checkpoint: string | null,
): Promise<{ readonly trust: string; readonly verdict: Verdict | null }> {
  const known = await client.head();
  const remembered = known === null ? null : `block ${known.height} of ${known.chain} (${known.time}), verified before`;
  if (checkpoint !== null)
    return {
      trust: remembered === null ? "the checkpoint that was given" : `${remembered}, and the checkpoint that was given`,
      verdict: await (known === null ? client.begin(checkpoint) : client.compare(checkpoint)),
    };
  const first =
    "first contact: the validators are those that the server names; compare its checkpoint (--head) with somebody else's";
  return { trust: remembered ?? first, verdict: null };
}

function ask(client: LightClient, question: Question): Promise<Verdict> {
  switch (question.of) {
    case "key":
      return client.verifyState(question.name, question.expected, question.height);
    case "transaction":
      return client.verifyTransaction(question.id, question.height);
    case "block":
      return client.verifyBlock(question.height);
    case "events":
      return client.verifyEvents(question.id, question.height);
    case "log":
      return client.verifyLog(question.first, question.second);
    case "reading":
      return client.verifyReading(question.reading);
    case "bundle":
      throw new Error("a bundle is no question to a server");
    case "head":
      return client.checkpoint();
  }
}

function wordsOfQuestion(question: Question, api: string): string {
  switch (question.of) {
    case "key":
      return `${api} for the entry ${question.name}${question.height === undefined ? "" : ` after block ${question.height}`}`;
    case "transaction":
      return `${api} for transaction ${question.id} in block ${question.height}`;
    case "block":
      return `${api} for block ${question.height}`;
    case "events":
      return `${api} for the events of transaction ${question.id} in block ${question.height}`;
    case "log":
      return `${api} for the log's growth from ${question.first} entries to ${question.second ?? "the anchored size"}`;
    case "reading":
      return `${api} for reading ${question.reading.logIndex} of ${question.reading.device}`;
    case "bundle":
      return `the bundle ${question.file}`;
    case "head":
      return `${api} for its newest block`;
  }
}

/** A bundle is judged with no server, by what is trusted already. */
async function verifyFile(line: CommandLine, file: string, store: TrustStore): Promise<number> {
  const core = loadCore();
  const checkpoint = line.checkpoint === null ? null : readCheckpoint(line.checkpoint);
  if (line.checkpoint !== null && checkpoint === null)
    throw new UsageError("--checkpoint is none, or a part is missing");
  const bytes = readBundleFile(core, file);
  const trusted = new TrustMemory(store, core);
  const chain = await trusted.chain();
  const known = chain === null ? null : await trusted.header(chain);
  const trust = {
    headers: known === null ? [] : [known],
    checkpoint: checkpoint === null ? null : { ...checkpoint, hash: hex(checkpoint.hash) },
  };
  const verdict = await verifyBundle(core, bytes, trust, Date.now());
  process.stdout.write(
    line.json ? `${jsonOf({ question: `the bundle ${file}`, verdict })}\n` : wordsOfBundle(file, verdict),
  );
  return verdict.state === "verified" ? 0 : verdict.state === "failed" ? 1 : 2;
}

/** @throws {UsageError} when the file cannot be read or is too long to be one. */
function readBundleFile(core: Core, file: string): Uint8Array<ArrayBuffer> {
  try {
    const { size } = statSync(file);
    if (size > 2 * bundleBytesMax) throw new RangeError(`more than ${2 * bundleBytesMax} bytes`);
    const bytes = new Uint8Array(readFileSync(file));
    const isText = bytes.every((byte) => byte === 10 || byte === 13 || (byte >= 32 && byte < 127));
    return (isText ? fromBundleText(core, Buffer.from(bytes).toString("latin1")) : null) ?? bytes;
  } catch (error) {
    throw new UsageError(`--bundle: ${(error as Error).message}`);
  }
}

/**
 * The client's own witnesses have compared its newest header; here each must have come as far as the verdict's block. One may be some
 * blocks behind: it is looked at again, at most `looksMax` times. Null when all agree.
 */
async function doubtOf(
  client: LightClient,
  { height, steps }: Verdict & { state: "verified" },
): Promise<Verdict | null> {
  for (let look = 1; ; look++) {
    const shown = await client.witnesses();
    const open = shown.filter(({ agreedHeight, state }) => state === "dropped" || (agreedHeight ?? 0) < height);
    const [first] = open;
    if (first === undefined) return null;
    if (look === looksMax || open.some(({ state }) => state === "dropped" || state === "silent")) {
      const detail = open.map(({ name, state, detail }) => `the witness ${name}: ${state}, ${detail}`).join("; ");
      return { state: "unverified", reason: "server_must_answer", detail, steps };
    }
    await pause(lookMs);
    const newest = await client.checkpoint();
    if (newest.state === "failed") return newest;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  main(process.argv.slice(2)).then(
    (status) => {
      process.exitCode = status;
    },
    (error: unknown) => {
      const isTheirs = error instanceof UsageError || error instanceof SettingError;
      const words = error instanceof Error ? (isTheirs ? error.message : error.stack) : String(error);
      process.stderr.write(`${words}${error instanceof UsageError ? "; npm run verify -- --help says more" : ""}\n`);
      // Never 1, which says that something was shown that is not so.
      process.exitCode = 2;
    },
  );
