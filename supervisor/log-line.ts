// What of a part's output a person should see: warnings and errors, in one short line each.

const lineLengthMax = 300;

const levels: readonly (readonly [number, string])[] = [
  [60, "fatal"],
  [50, "error"],
  [40, "warning"],
];

/** True for the line that a part prints when it serves. */
export function saysReady(line: string): boolean {
  return parsed(line)?.["msg"] === "ready";
}

/** The line as people read it, or null when it is not for them: pino's JSON below warning. */
export function readableLine(part: string, line: string): string | null {
  const event = parsed(line);
  if (event === null) return line.trim() === "" ? null : shortened(`${part}: ${line.trim()}`);
  const level = levels.find(([number]) => Number(event["level"]) >= number);
  if (level === undefined) return null;
  const error = event["err"] ?? event["error"];
  const reason = typeof error === "string" ? error : (error as { message?: unknown } | undefined)?.message;
  const text = [event["msg"], reason].filter((one) => typeof one === "string" && one !== "").join(": ");
  return shortened(`${part}: ${level[1]}: ${text === "" ? line : text}`);
}

function parsed(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function shortened(text: string): string {
  // A part's words come from outside too: no control sequences reach the terminal.
  const plain = text.replaceAll(/\p{Cc}+/gu, " ");
  return plain.length > lineLengthMax ? `${plain.slice(0, lineLengthMax - 1)}…` : plain;
}

/** Shows a line at most once in ten seconds, and then how often it came. */
export class Repetitions {
  readonly #seen = new Map<string, { sinceMs: number; count: number }>();
  readonly #quietMs = 10_000;
  readonly #linesMax = 200;

  /** The line to show now, or null. */
  next(line: string, nowMs: number): string | null {
    const before = this.#seen.get(line);
    if (before !== undefined && nowMs - before.sinceMs < this.#quietMs) {
      before.count++;
      return null;
    }
    if (this.#seen.size >= this.#linesMax) this.#seen.clear();
    this.#seen.set(line, { sinceMs: nowMs, count: 0 });
    return before !== undefined && before.count > 0 ? `${line} (${before.count} times more since)` : line;
  }
}
