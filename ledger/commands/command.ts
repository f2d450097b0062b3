// What a command of `npm run ledger -- <command>` is: its words, its options, its work, its exit status.
// Status: 0 done, 1 not done or something is wrong, 2 the command line cannot be understood.

import { parseArgs } from "node:util";
import type { Settings } from "../../settings/settings.ts";

export interface Command {
  readonly name: string;
  /** After the name, such as "<folder> [--force]". */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What else `--help` says. */
  readonly help: string;
  /** What it takes: folders by position, flags, and options with a value. */
  readonly positions?: number;
  readonly flags?: readonly string[];
  readonly values?: readonly string[];
  run(settings: Settings, input: CommandInput): Promise<number>;
}

export interface CommandInput {
  readonly positions: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** The command line cannot be understood; the message is one line. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseInput(command: Command, args: readonly string[]): CommandInput {
  const options: Record<string, { type: "boolean" | "string" }> = {};
  for (const flag of command.flags ?? []) options[flag] = { type: "boolean" };
  for (const value of command.values ?? []) options[value] = { type: "string" };
  const fail = (what: string): UsageError =>
    new UsageError(`${what}; usage: npm run ledger -- ${command.name} ${command.usage}`.trim());
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw fail((error as Error).message.split(/\.? *\n|\. /)[0]!);
  }
  if (parsed.positionals.length > (command.positions ?? 0))
    throw fail(`"${parsed.positionals.at(command.positions ?? 0)}" is one too many`);
  const entries = Object.entries(parsed.values);
  return {
    positions: parsed.positionals,
    flags: new Set(entries.filter(([, value]) => value === true).map(([name]) => name)),
    values: Object.fromEntries(entries.filter(([, value]) => typeof value === "string")) as Record<string, string>,
  };
}

/** The one folder that a command needs. @throws {UsageError} */
export function folderOf(command: Command, input: CommandInput): string {
  const [folder] = input.positions;
  if (folder === undefined)
    throw new UsageError(`a folder is missing; usage: npm run ledger -- ${command.name} ${command.usage}`);
  return folder;
}

/** Says on standard error how far a long command is, every two seconds. */
export function progressOf(name: string): (done: number, end?: number) => void {
  let lastMs = performance.now();
  return (done, end) => {
    const now = performance.now();
    if (now - lastMs < 2_000) return;
    lastMs = now;
    process.stderr.write(`${name}: ${done}${end === undefined ? "" : ` of ${end}`}\n`);
  };
}

/** One JSON line on standard output: what was done, for people and programs. */
export function say(report: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

/** A line for the person at the keyboard: what is left to do. */
export function advise(text: string): void {
  process.stderr.write(`${text}\n`);
}
