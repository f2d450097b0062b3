// restore <folder>: puts a backup in place. validator-state.json only ever goes forward: a validator that forgot what it signed would
// sign other blocks at the same heights.

import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { raiseSignedHeight, signedHeightIn } from "../consensus/validator-signer.ts";
import { copyBackup, readBackup } from "../storage/backup.ts";
import { baseFile, readBase, writeBase } from "../storage/base-state.ts";
import { createDurably, readIfPresent, smallTextBytesMax, textBytesMax } from "../storage/durable-file.ts";
import { StoreError } from "../storage/store-error.ts";
import { asideOf, chainFolderOf, genesisOf, hasStore, putInPlace, refuseInUse } from "./chain.ts";
import { advise, type Command, folderOf, progressOf, say } from "./command.ts";

export const restore: Command = {
  name: "restore",
  usage: "<folder> [--force] [--nothing-signed-since]",
  summary: "puts a backup in place of the ledger",
  help:
    "Checks the backup against its digest first. A ledger that is there is kept unless --force, which moves its store aside.\n" +
    "validator-state.json never goes back. Where it is missing or older than the backup the restored ledger can be read but does not make blocks, until the\n" +
    "newest validator-state.json is put there; --nothing-signed-since says instead, on your word, that the validator has signed\n" +
    "nothing after the backup. If it has, light clients will hold proof that the city signed two histories.",
  positions: 1,
  flags: ["force", "nothing-signed-since"],
  async run(settings, input) {
    const from = resolve(folderOf(restore, input));
    const folder = chainFolderOf(settings);
    const backup = await readBackup(from);
    await genesisOf(from, backup.chain);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await refuseInUse(folder);
    const force = input.flags.has("force");
    const present = await hasStore(folder);
    if (present && !force)
      throw new StoreError(
        `${folder}: holds a ledger already; --force moves its store aside and puts the backup in its place`,
      );
    const genesisText = (await readIfPresent(join(from, "genesis.json"), textBytesMax))!;
    const ownGenesis = await readIfPresent(join(folder, "genesis.json"), textBytesMax);
    if (ownGenesis !== null && ownGenesis !== genesisText)
      throw new StoreError(
        `${join(folder, "genesis.json")}: is of another chain than the backup; choose another folder with GLASSTOWN_DATA`,
      );
    const signed = await signedHeightIn(folder);
    if (signed !== null && signed > backup.height && !force)
      throw new StoreError(
        `${from}: ends at block ${backup.height}, but the validator here has signed block ${signed}; the ledger could not go on from it. ` +
          "`npm run ledger -- repair --from` takes from a backup only what the store here lacks; --force restores it for reading",
      );
    const making = join(folder, "store-restoring");
    await rm(making, { recursive: true, force: true });
    await copyBackup(from, backup, making, progressOf("restore"));
    await copyBase(from, folder, backup.lowest);
    const aside = await asideOf(folder, "store-replaced-");
    await putInPlace(making, folder, present ? aside : null);
    // After the store: with genesis and key alone a start would begin the chain once more.
    await createDurably(join(folder, "genesis.json"), genesisText, 0o644);
    const backedKey = await readIfPresent(join(from, "validator.json"), smallTextBytesMax);
    if (backedKey !== null) await createDurably(join(folder, "validator.json"), backedKey, 0o600);
    const key = await readIfPresent(join(folder, "validator.json"), smallTextBytesMax);
    // A state that is older than the backup is not the newest: it knows nothing of what was signed after the backup.
    const signedNow = input.flags.has("nothing-signed-since") ? await raiseSignedHeight(folder, backup.height) : signed;
    const canSign = key !== null && signedNow === backup.height;
    say({
      chain: backup.chain,
      height: backup.height,
      made: backup.made,
      canMakeBlocks: canSign,
      ...(present ? { oldStore: aside } : {}),
    });
    if (key === null)
      advise(`restore: put the validator's key into ${join(folder, "validator.json")}; the backup holds none`);
    if (signedNow === null || signedNow < backup.height)
      advise(
        `restore: put the newest validator-state.json into ${folder}; if the validator has certainly signed nothing after block ` +
          `${backup.height}, restore again with --force --nothing-signed-since`,
      );
    else if (signedNow > backup.height)
      advise(
        `restore: the validator has signed block ${signedNow}, so blocks ${backup.height + 1} to ${signedNow} are missing; the ledger can ` +
          "be read (verify, export --json) but makes no blocks until they are here",
      );
    return 0;
  },
};

/** The state before the lowest kept block, read as it is copied: what is damaged is refused before anything is put in place. */
async function copyBase(from: string, folder: string, lowest: number): Promise<void> {
  if (lowest > 1) await writeBase(baseFile(folder, lowest - 1), readBase(baseFile(from, lowest - 1)));
}
