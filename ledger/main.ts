// The ledger's process. `node ledger/main.ts` serves; with a command it does that and ends (commands/README.md).
// What a person can mend is one line on standard error. Status 1: not done; 2: the command line cannot be understood.

import { readSettings } from "../settings/settings.ts";
import { backup } from "./commands/backup.ts";
import { type Command, parseInput, UsageError } from "./commands/command.ts";
import { exportState } from "./commands/export.ts";
import { importState } from "./commands/import.ts";
import { prune } from "./commands/prune.ts";
import { rebuildIndex } from "./commands/rebuild-index.ts";
import { repair } from "./commands/repair.ts";
import { restore } from "./commands/restore.ts";
import { complain, serve } from "./commands/serve.ts";
import { verify } from "./commands/verify.ts";

const commands: readonly Command[] = [backup, restore, verify, repair, rebuildIndex, exportState, importState, prune];

async function main(name: string | undefined, args: readonly string[]): Promise<void> {
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(overview());
    return;
  }
  if (name === undefined) return serve(readSettings());
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    const names = commands.map((each) => each.name).join(", ");
    throw new UsageError(`unknown command "${name}"; there are: ${names}, and none to serve`);
  }
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`npm run ledger -- ${`${command.name} ${command.usage}`.trim()}\n\n${command.help}\n`);
    return;
  }
  process.exitCode = await command.run(readSettings(), parseInput(command, args));
}

function overview(): string {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(8)}  ${summary}`);
  return `npm run ledger                    serves\nnpm run ledger -- <command>       does one of these and ends (--help says more)\n\n${lines.join("\n")}\n`;
}

main(process.argv[2], process.argv.slice(3)).catch((error: unknown) => {
  complain(error);
  process.exit(error instanceof UsageError ? 2 : 1);
});
