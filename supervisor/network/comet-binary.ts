// CometBFT as a program: the one that COMETBFT names, the one on PATH, or the pinned version, fetched and built once by the Go toolchain
// into build/cometbft. Never "latest": that resolves to the abandoned v1.

import { execFile } from "node:child_process";
import { access, constants, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What the ledger is made for; v0.38 speaks the same ABCI. */
export const cometVersion = "v0.39.4";
const speaks = /^v?0\.(38|39)\.\d+/;
const goModule = "github.com/cometbft/cometbft/cmd/cometbft";
const buildMsMax = 20 * 60_000;
const trialMsMax = 10_000;

/** There is no CometBFT, and none can be made; the message says what to install. */
export class CometMissing extends Error {
  override readonly name = "CometMissing";
}

export interface CometBinary {
  readonly path: string;
  /** Such as "0.39.4". */
  readonly version: string;
}

/** The program that is there already; null when there is none. @throws {CometMissing} when the one that COMETBFT names is of no use. */
export async function findComet(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CometBinary | null> {
  const named = environment["COMETBFT"];
  if (named !== undefined && named !== "") {
    const version = await versionOf(named);
    if (version === null)
      throw new CometMissing(`COMETBFT is "${named}", which does not run; correct it or leave it out`);
    if (!speaks.test(version))
      throw new CometMissing(`COMETBFT is "${named}", version ${version}; it must be ${cometVersion} or of v0.38`);
    return { path: named, version };
  }
  for (const path of ["cometbft", builtAt(root)]) {
    const version = await versionOf(path);
    if (version !== null && speaks.test(version)) return { path, version };
  }
  return null;
}

/** Finds it or builds it. @throws {CometMissing} */
export async function ensureComet(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
  say: (line: string) => void,
): Promise<CometBinary> {
  const found = await findComet(root, environment);
  if (found !== null) return found;
  const go = await run("go", ["version"], { timeout: trialMsMax }).catch(() => null);
  if (go === null)
    throw new CometMissing(
      `there is no CometBFT and no Go to build it with: install Go 1.23 or newer (https://go.dev/dl, or \`apt install golang-go\`), ` +
        `or put cometbft ${cometVersion} on PATH, or name it with COMETBFT`,
    );
  const folder = join(root, "build/cometbft");
  await mkdir(folder, { recursive: true });
  say(`Building CometBFT ${cometVersion} (once, some minutes) …`);
  try {
    await run("go", ["install", `${goModule}@${cometVersion}`], {
      env: { ...environment, GOBIN: folder, CGO_ENABLED: "0" },
      timeout: buildMsMax,
      maxBuffer: 16 * 1_048_576,
    });
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    const last = stderr.trim().split("\n").at(-1) ?? "";
    throw new CometMissing(
      `CometBFT ${cometVersion} could not be built (${last === "" ? message.split("\n")[0] : last}); ` +
        "put it on PATH or name it with COMETBFT",
    );
  }
  const built = await findComet(root, environment);
  if (built === null) throw new CometMissing(`CometBFT was built, but ${builtAt(root)} does not run`);
  return built;
}

const builtAt = (root: string): string => join(root, "build/cometbft/cometbft");

async function versionOf(path: string): Promise<string | null> {
  try {
    if (path.includes("/")) await access(path, constants.X_OK);
    const { stdout } = await run(path, ["version"], { timeout: trialMsMax });
    return stdout.trim().split("+")[0]!.replace(/^v/, "");
  } catch {
    return null;
  }
}
