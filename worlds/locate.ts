// Finds or builds the world that the servers walk in. Built folders live in `<data>/worlds/<name>-<hash>`; the hash covers
// the input and the builder's own source, so a changed file or a changed builder makes a new folder.

import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { attributionOf } from "./import/attribution.ts";
import { type BuiltWorld, buildWorld } from "./import/build-world.ts";
import { modelBytesMax, readModel } from "./import/read-model.ts";
import { WorldError } from "./world-error.ts";

export { WorldError } from "./world-error.ts";

const waitMsMax = 10 * 60 * 1000;
/** A lock without a number is being written, unless it is older than this: then the disk was full, or its writer died. */
const emptyLockMsMax = 5_000;

/**
 * @param options.world `default`, a CityJSON file, or a built world folder.
 * @returns the absolute path of the built folder.
 * @throws {WorldError} one clear line: what, where, what to do.
 */
export async function ensureWorld(options: {
  readonly data: string;
  readonly world: string;
  readonly log?: (line: string) => void;
}): Promise<string> {
  const log = options.log ?? (() => {});
  const folder = join(resolve(options.data), "worlds");
  if (options.world === "default") {
    return ensureBuilt(folder, "default", "default", log, async () => {
      const { generateDefaultCity } = await import("./default/generate.ts");
      return generateDefaultCity(log);
    });
  }
  const path = resolve(options.world);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new WorldError(`${path}: no such world; give "default", a CityJSON file or a built world folder`);
  if (stat.isDirectory()) return checkedFolder(path);
  if (stat.size > modelBytesMax)
    throw new WorldError(
      `${path}: ${Math.round(stat.size / 1048576)} MB is more than ${modelBytesMax / 1048576} MB; cut out a part with cjio ("subset --bbox")`,
    );
  const text = readText(path);
  const name = worldName(path);
  return ensureBuilt(folder, name, text, log, async () => {
    log(`importing ${path}`);
    try {
      const model = readModel(text, path);
      return buildWorld({ name, where: path, model, modelText: text, attribution: attributionOf(model, path), log });
    } catch (cause) {
      if (cause instanceof WorldError) throw cause;
      // What no check foresaw, such as nesting that exhausts the stack, is still the file's and one line.
      const reason = (cause as Error).message.replaceAll(/\s+/g, " ").slice(0, 200);
      throw new WorldError(`${path}: cannot be imported (${reason}); try to repair or simplify the file with cjio`, {
        cause,
      });
    }
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new WorldError(`${path}: cannot be read (${(cause as Error).message})`, { cause });
  }
}

/** `delft_3dbag.city.json` → `delft-3dbag`. */
function worldName(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replace(/(\.city)?\.jsonl?$/, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
  return name === "" ? "world" : name;
}

/** A built folder is whole: its manifest is ours and every file that it names is there. */
function checkedFolder(path: string): string {
  const manifest = join(path, "world.json");
  if (!existsSync(manifest))
    throw new WorldError(
      `${path}: a folder without world.json is no built world; give a CityJSON file, or build one first`,
    );
  let value: { format?: unknown; hash?: unknown; tiles?: unknown; files?: unknown };
  try {
    value = JSON.parse(readFileSync(manifest, "utf8"));
  } catch (cause) {
    throw new WorldError(`${manifest}: not readable as JSON; build the world again`, { cause });
  }
  if (
    value?.format !== "glasstown-world/1" ||
    !/^[0-9a-f]{2,128}$/.test(String(value.hash)) ||
    !Array.isArray(value.tiles) ||
    typeof value.files !== "object" ||
    value.files === null
  )
    throw new WorldError(`${manifest}: not a glasstown-world/1 manifest; build the world again`);
  const names = [...value.tiles.map((tile) => (tile as { file?: unknown })?.file), ...Object.values(value.files)];
  for (const name of names)
    if (typeof name !== "string" || name.includes("..") || !existsSync(join(path, name)))
      throw new WorldError(
        `${manifest}: names the file "${String(name).slice(0, 80)}", which is missing; build the world again`,
      );
  return path;
}

/** Builds into a temporary folder and renames it, one process at a time; the others wait for the result. */
async function ensureBuilt(
  folder: string,
  name: string,
  input: string,
  log: (line: string) => void,
  build: () => Promise<BuiltWorld>,
): Promise<string> {
  const hash = createHash("sha256").update(builderHash()).update("\0").update(input).digest("hex").slice(0, 16);
  const target = join(folder, `${name}-${hash}`);
  if (existsSync(join(target, "world.json"))) return target;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new WorldError(
      `${folder}: cannot be made (${(cause as Error).message}); set GLASSTOWN_DATA to a writable folder`,
      { cause },
    );
  }
  const lock = join(folder, `.${name}-${hash}.lock`);
  const deadline = Date.now() + waitMsMax;
  while (!takeLock(lock)) {
    if (existsSync(join(target, "world.json"))) return target;
    if (Date.now() > deadline)
      throw new WorldError(
        `${lock}: another process has been building this world for too long; delete the file and start again`,
      );
    await sleep(150);
  }
  try {
    if (existsSync(join(target, "world.json"))) return target;
    const started = Date.now();
    const built = await build();
    writeFolder(folder, target, built);
    log(`world ${name} built in ${((Date.now() - started) / 1000).toFixed(1)} s: ${target}`);
    return target;
  } finally {
    held.delete(lock);
    rmSync(lock, { force: true });
  }
}

/** Locks that this process holds: another life of the machine or container may have had the same process number. */
const held = new Set<string>();

/** True when the lock is ours. A lock whose process is gone is removed. */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    held.add(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST")
      throw new WorldError(
        `${lock}: cannot be written (${(error as Error).message}); set GLASSTOWN_DATA to a writable folder`,
        { cause: error },
      );
  }
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    const stale =
      !Number.isInteger(owner) || owner <= 0
        ? Date.now() - statSync(lock).mtimeMs > emptyLockMsMax
        : owner === process.pid
          ? !held.has(lock)
          : !isAlive(owner);
    if (stale) unlinkSync(lock);
  } catch {
    // The owner has just finished and removed it; the next round sees.
  }
  return false;
}

function isAlive(process_: number): boolean {
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function writeFolder(folder: string, target: string, built: BuiltWorld): void {
  const temporary = join(folder, `.building-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    for (const [name, content] of built.files) {
      const file = join(temporary, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    renameSync(temporary, target);
  } catch (cause) {
    // Somebody else may have been first; then theirs is as good as ours.
    if (existsSync(join(target, "world.json"))) return;
    throw new WorldError(
      `${target}: cannot be written (${(cause as Error).message}); free some space or set GLASSTOWN_DATA`,
      { cause },
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

let builderHashCache: string | null = null;

/** Hash of the builder's own source, tests apart. */
function builderHash(): string {
  if (builderHashCache !== null) return builderHashCache;
  const root = import.meta.dirname;
  const hash = createHash("sha256");
  const names = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort();
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(root, name)));
  builderHashCache = hash.digest("hex");
  return builderHashCache;
}
