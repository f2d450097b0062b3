// What must be right before anything starts: files that can be read, a data folder that can be written, space, free ports.
// Each thing that is wrong gets one line that says what to do.

import { constants } from "node:fs";
import { access, mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { SettingError, type Settings, settingDeclarations } from "../settings/settings.ts";

/** What a city needs to begin with: its world, its first blocks and readings. */
const freeBytesMin = 200 * 1024 * 1024;

const portSettings = ["worldPort", "ledgerPort", "twinPort", "mqttPort"] as const;

/** @throws {SettingError} */
export async function checkInputs(settings: Settings): Promise<void> {
  const files = [
    ["world", settings.world === "default" ? "" : settings.world],
    ["replay", settings.replay],
  ] as const;
  for (const [name, file] of files) {
    if (file === "") continue;
    try {
      await access(file, constants.R_OK);
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code === "ENOENT" ? "is not there" : "cannot be read";
      throw new SettingError(`${file} ${reason}; correct --${name} or ${settingDeclarations[name].variable}`, {
        cause,
      });
    }
  }
}

/** Makes the data folder and writes to it. @throws {SettingError} */
export async function checkDataFolder(folder: string, bytesMin = freeBytesMin): Promise<void> {
  const path = resolve(folder);
  const change = `; free it or set ${settingDeclarations.data.variable} to another folder`;
  try {
    await mkdir(path, { recursive: true });
    const { bavail, bsize } = await statfs(path);
    if (bavail * bsize < bytesMin) {
      const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
      throw new SettingError(
        `too little space: ${path} has ${megabytes(bavail * bsize)} MB left and the city needs ${megabytes(bytesMin)} MB${change}`,
      );
    }
    const probe = join(path, `.probe-${process.pid}`);
    await writeFile(probe, "");
    await rm(probe);
  } catch (cause) {
    if (cause instanceof SettingError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason =
      code === "ENOSPC"
        ? "has no space left"
        : code === "EEXIST" || code === "ENOTDIR"
          ? "is not a folder, or a file stands in its path"
          : `cannot be written (${code ?? message})`;
    throw new SettingError(`the data folder ${path} ${reason}${change}`, { cause });
  }
}

/** Finds that every port is free; a port 0 is given a number, because the parts must know each other's. @throws {SettingError} */
export async function checkPorts(settings: Settings): Promise<Settings> {
  const ports: Record<string, number> = {};
  const owners = new Map<number, string>();
  for (const name of portSettings) {
    const { variable } = settingDeclarations[name];
    const wanted = settings[name];
    const other = wanted === 0 ? undefined : owners.get(wanted);
    if (other !== undefined)
      throw new SettingError(`${other} and ${variable} are both ${wanted}; give each its own port`);
    ports[name] = await freePort(settings.host, wanted, variable);
    owners.set(ports[name], variable);
  }
  return { ...settings, ...ports };
}

async function freePort(host: string, wanted: number, variable: string): Promise<number> {
  const server = createServer();
  try {
    return await new Promise<number>((done, failed) => {
      server.once("error", failed);
      server.listen(wanted, host, () => {
        const address = server.address();
        done(typeof address === "object" && address !== null ? address.port : wanted);
      });
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new SettingError(`port ${wanted} is taken; end what uses it or set ${variable} to another port`, { cause });
    if (code === "EACCES")
      throw new SettingError(`port ${wanted} may not be opened; set ${variable} to a port above 1023`, { cause });
    if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
      throw new SettingError(
        `${host} is not an address of this machine; correct ${settingDeclarations.host.variable}`,
        { cause },
      );
    throw new SettingError(`port ${wanted} (${variable}) cannot be opened: ${message}`, { cause });
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
