// `npm start`: checks, builds the world if needed, starts ledger, twin, devices and world as processes, keeps them
// running, and ends them in the opposite order. What goes wrong before the city is open is one line and exit code 1.

import { join, resolve } from "node:path";
import { readSettings, SettingError, type Settings, settingDeclarations } from "../settings/settings.ts";
import { ensureWorld, WorldError } from "../worlds/locate.ts";
import { readArguments } from "./arguments.ts";
import { helpText } from "./help-text.ts";
import { LogFile } from "./log-file.ts";
import { Part, PartError } from "./part.ts";
import { checkDataFolder, checkInputs, checkPorts } from "./preflight.ts";

const root = join(import.meta.dirname, "..");

/** In the order in which they start: each needs those before it. */
const programs: readonly (readonly [name: string, file: string])[] = [
  ["ledger", "ledger/main.ts"],
  ["twin", "world-server/twin/main.ts"],
  ["devices", "world-server/twin/devices/main.ts"],
  ["world", "world-server/main.ts"],
];

const parts: Part[] = [];
let ending = false;

async function main(): Promise<void> {
  const { help, environment } = readArguments(process.argv.slice(2), process.env);
  if (help) {
    console.log(helpText());
    return;
  }
  const given = readSettings(environment);
  await checkInputs(given);
  await checkDataFolder(given.data);
  const settings = await checkPorts(given);
  const data = resolve(settings.data);
  const world = await ensureWorld({ data, world: settings.world, log: (line) => console.log(line) });
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onSignal);

  const partEnvironment = environmentOf(environment, { ...settings, data, world });
  for (const [name, file] of programs) {
    if (name === "ledger" && settings.ledgerUrl !== "") continue;
    const part = new Part({
      name,
      command: [
        process.execPath,
        "--import",
        join(root, "supervisor/follow-parent.ts"),
        "--disable-warning=ExperimentalWarning",
        join(root, file),
      ],
      environment: partEnvironment,
      log: new LogFile(join(data, "logs", `${name}.log`)),
      show: (line) => console.log(line),
      onGiveUp: (line) => void end(1, line),
    });
    parts.push(part);
    console.log(`Starting ${name} …`);
    await part.start();
    if (ending) return;
  }
  const local = ["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"].includes(settings.host);
  console.log(`Glasstown is open: http://${local ? "localhost" : settings.host}:${settings.worldPort}`);
  console.log(`Its data is in ${data}; Ctrl-C closes it.`);
}

/** Every setting under its variable, so that the parts see exactly what was checked. */
function environmentOf(
  environment: Readonly<Record<string, string | undefined>>,
  settings: Settings,
): Record<string, string | undefined> {
  const result = { ...environment };
  for (const [name, { variable }] of Object.entries(settingDeclarations)) {
    const value: string | number = settings[name as keyof Settings];
    result[variable] = String(value);
  }
  return result;
}

function onSignal(): void {
  if (ending) {
    for (const part of parts) part.kill();
    process.exit(130);
  }
  console.log("Closing …");
  void end(0);
}

/** Ends the parts, the last started first, and then this process. */
async function end(status: number, line?: string): Promise<void> {
  if (ending) return;
  ending = true;
  if (line !== undefined) console.error(line);
  let result = status;
  for (const part of [...parts].reverse()) {
    if (await part.stop()) continue;
    console.error(`${part.name} did not end cleanly`);
    result = 1;
  }
  process.exit(result);
}

main().catch((error: unknown) => {
  if (ending) return;
  const known = error instanceof SettingError || error instanceof WorldError || error instanceof PartError;
  void end(1, known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
});
