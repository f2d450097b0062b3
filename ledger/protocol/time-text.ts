// RFC 3339 of moments, in UTC with milliseconds.

/** The last millisecond that a date can name. */
const timeMsMax = 8.64e15;

/** Null when no date can name it. */
export function timeText(timeMs: number): string | null {
  return Number.isInteger(timeMs) && Math.abs(timeMs) <= timeMsMax ? new Date(timeMs).toISOString() : null;
}
