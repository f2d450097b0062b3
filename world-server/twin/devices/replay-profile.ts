// A real household's year: CSV of half hours in Ausgrid form (`time,GC,GG`: consumption and gross generation in kW).
// Files of at most 16 MiB and 40,000 lines; the same month, day and time of day of the file's year stands for now.

import { readFileSync, statSync } from "node:fs";
import { SettingError } from "../../../settings/settings.ts";

const fileBytesMax = 16 * 1024 * 1024;
const linesMax = 40_000;
const kilowattsMax = 1_000;
const linePattern = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(00|30):00,(\d{1,4}(?:\.\d{1,20})?),(\d{1,4}(?:\.\d{1,20})?)$/;

export interface ProfileValue {
  readonly loadW: number;
  readonly solarW: number;
}

export class ReplayProfile {
  readonly #values: ReadonlyMap<string, ProfileValue>;

  constructor(values: ReadonlyMap<string, ProfileValue>) {
    this.#values = values;
  }

  get halfHours(): number {
    return this.#values.size;
  }

  /** The household's mean power in the half hour of `localMs` (UNIX ms shifted to the city's clock). */
  at(localMs: number): ProfileValue {
    const value = this.#values.get(slotName(localMs)) ?? this.#values.get(slotName(localMs - 86_400_000));
    if (value === undefined) throw new Error("a checked profile has every half hour of a year");
    return value;
  }
}

/** @throws {SettingError} one line: which file, which line, what is wrong. */
export function readReplayProfile(file: string): ReplayProfile {
  let text: string;
  try {
    if (statSync(file).size > fileBytesMax) throw new Error("is larger than 16 MiB");
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "no such file" : code === "EISDIR" ? "is a folder" : message;
    throw new SettingError(`GLASSTOWN_REPLAY ${file}: ${reason}`, { cause });
  }
  return parseReplayProfile(text, `GLASSTOWN_REPLAY ${file}`);
}

/** @throws {SettingError} */
export function parseReplayProfile(text: string, where: string): ReplayProfile {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > linesMax) throw new SettingError(`${where}: has more than ${linesMax} lines`);
  if (!/^[A-Za-z_ ]*,GC,GG$/.test(lines[0] ?? "")) {
    throw new SettingError(
      `${where}: line 1 must be a header that ends in ",GC,GG" (consumption and generation in kW)`,
    );
  }
  const values = new Map<string, ProfileValue>();
  for (const [i, line] of lines.entries()) {
    if (i === 0) continue;
    const match = linePattern.exec(line);
    const timeMs = match === null ? Number.NaN : Date.parse(`${line.slice(0, 10)}T${line.slice(11, 19)}Z`);
    const [load, solar] = [Number(match?.[6]), Number(match?.[7])];
    if (Number.isNaN(timeMs) || !(load <= kilowattsMax) || !(solar <= kilowattsMax)) {
      throw new SettingError(
        `${where}: line ${i + 1} is not "YYYY-MM-DD HH:MM:00,<kW>,<kW>": ${JSON.stringify(line.slice(0, 60))}`,
      );
    }
    const name = slotName(timeMs);
    if (values.has(name)) throw new SettingError(`${where}: line ${i + 1} repeats the half hour ${name}`);
    values.set(name, { loadW: load * 1000, solarW: solar * 1000 });
  }
  // 29 February is the one day a year may lack; the day before stands in for it.
  for (let at = Date.UTC(2011, 0, 1); at < Date.UTC(2012, 0, 1); at += 1_800_000) {
    if (!values.has(slotName(at))) throw new SettingError(`${where}: the half hour ${slotName(at)} is missing`);
  }
  return new ReplayProfile(values);
}

/** `MM-DD HH:MM` of the half hour. */
function slotName(timeMs: number): string {
  const iso = new Date(timeMs - (((timeMs % 1_800_000) + 1_800_000) % 1_800_000)).toISOString();
  return `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
}
