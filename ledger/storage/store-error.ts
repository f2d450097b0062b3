// What is wrong with the ledger's files, as one line that a person can act on.

export const repairAdvice = "mend it with `npm run ledger -- repair`, or restore a backup";

/** Where CometBFT holds the blocks. */
export const repairAdviceOfNetwork =
  "move the folder `store` aside and start again: CometBFT hands over its blocks anew; where it has pruned them, restore a backup";

export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** Puts words to what the file system or LevelDB reports about a folder. */
export function storeErrorOf(folder: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const words = meaning[(cause as NodeJS.ErrnoException).code ?? ""] ?? meaningOfText(cause.message);
    if (words !== undefined) return new StoreError(`${folder}: ${words}`, { cause: error });
  }
  const deepest = deepestMessage(error).replaceAll("\n", " ");
  return new StoreError(`${folder}: ${deepest}`, { cause: error });
}

const meaning: Readonly<Record<string, string>> = {
  EACCES: "not writable by this user; change its owner or choose another folder with GLASSTOWN_DATA",
  EPERM: "not writable by this user; change its owner or choose another folder with GLASSTOWN_DATA",
  EROFS: "stands on a read-only file system; choose another folder with GLASSTOWN_DATA",
  ENOSPC: "the disk is full; free some space and start again",
  EDQUOT: "the disk quota is used up; free some space and start again",
  EMFILE: "too many open files; raise the limit (ulimit -n)",
  ENOTDIR: "is not a folder, or a file stands in its path",
  LEVEL_LOCKED:
    "is in use by another process; stop that one first. While the ledger runs, `npm run ledger -- backup <folder>` copies it, and " +
    "`verify --from <folder>` and `export --from <folder>` read the copy",
  LEVEL_CORRUPTION: `is damaged; ${repairAdvice}`,
};

/** LevelDB gives only text for what its file layer met. */
function meaningOfText(text: string): string | undefined {
  if (/No space left/i.test(text)) return meaning["ENOSPC"];
  if (/Permission denied/i.test(text)) return meaning["EACCES"];
  if (/Read-only file system/i.test(text)) return meaning["EROFS"];
  if (/Corruption|IO error: .*No such file/i.test(text)) return meaning["LEVEL_CORRUPTION"];
  return undefined;
}

function deepestMessage(error: unknown): string {
  let message = String(error);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) message = cause.message;
  return message;
}
