// backup <folder>: a copy of the chain as it stands, made while the ledger runs or not.

import { resolve } from "node:path";
import { makeBackup } from "../storage/backup.ts";
import { askRunning } from "./admin-socket.ts";
import { chainFolderOf, openForReading } from "./chain.ts";
import { advise, type Command, folderOf, progressOf, say } from "./command.ts";

export const backup: Command = {
  name: "backup",
  usage: "<folder> [--with-key]",
  summary: "copies the chain as it stands to a new folder, also while the ledger runs",
  help:
    "A running ledger makes the backup itself, of one moment, and goes on making blocks. The validator's private key is left out\n" +
    "unless --with-key is given; keep it apart, and keep the newest validator-state.json with it. `restore` checks the copy.",
  positions: 1,
  flags: ["with-key"],
  async run(settings, input) {
    const target = resolve(folderOf(backup, input));
    const withKey = input.flags.has("with-key");
    const chainFolder = chainFolderOf(settings);
    const progress = progressOf("backup");
    const asked = await askRunning(resolve(chainFolder), { command: "backup", folder: target, withKey }, progress);
    let report = asked;
    if (report === null) {
      const { store } = await openForReading(settings);
      try {
        const options = { keyValue: store.keyValue, chainFolder, target, withKey, nowMs: Date.now(), progress };
        report = { ...(await makeBackup(options)) };
      } finally {
        await store.close();
      }
    }
    say({ folder: target, ...report });
    if (!withKey) advise(`backup: without the validator's key; keep ${chainFolder}/validator.json somewhere safe too`);
    return 0;
  },
};
