// The arguments of `npm start -- …`: each stands for a setting of settings/settings.ts.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { SettingError, settingDeclarations } from "../settings/settings.ts";

const options = {
  world: { type: "string" },
  replay: { type: "string" },
  port: { type: "string" },
  data: { type: "string" },
  ledger: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

export interface StartArguments {
  readonly help: boolean;
  /** The environment with the arguments' settings in it, paths absolute. */
  readonly environment: Record<string, string | undefined>;
}

/**
 * Reads the arguments. Relative paths start where npm was called, which npm says in INIT_CWD.
 * @throws {SettingError} one line for an argument that is not known or has no value.
 */
export function readArguments(
  values: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): StartArguments {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; strict: true }>>["values"];
  try {
    parsed = parseArgs({ args: [...values], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    const message = (cause as Error).message.split(/\.\s/)[0]?.replaceAll(/\s+/g, " ");
    throw new SettingError(`${message}; "npm start -- --help" shows what there is`, { cause });
  }
  const from = environment["INIT_CWD"] ?? process.cwd();
  const result: Record<string, string | undefined> = { ...environment };
  const set = (name: keyof typeof settingDeclarations, value: string | undefined): void => {
    if (value !== undefined) result[settingDeclarations[name].variable] = value;
  };
  set("world", parsed.world === undefined || parsed.world === "default" ? parsed.world : resolve(from, parsed.world));
  set("replay", parsed.replay === undefined || parsed.replay === "" ? parsed.replay : resolve(from, parsed.replay));
  set("data", parsed.data === undefined ? undefined : resolve(from, parsed.data));
  set("worldPort", parsed.port);
  set("ledgerUrl", parsed.ledger);
  return { help: parsed.help === true, environment: result };
}
