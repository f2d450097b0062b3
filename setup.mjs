// Sets the project up before `npm start` and `npm test`: packages, Node 24, the wasm core, the page, a browser for tests.
// Plain JavaScript for Node 18 and newer without packages, because it runs before there are any.
// Says what it does and how long it took; says nothing when there is nothing to do. Ends with one line when it cannot.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
// Node 18.15 brought statfsSync; asked for by name, its absence would end the import before any clear word.
import * as fileSystem from "node:fs";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const modules = join(root, "node_modules");
const build = join(root, "build");
const logFile = join(build, "setup.log");
/** What the packages take, and what the builds take beyond them, in bytes. */
const packagesBytes = 1200 * 1024 * 1024;
const buildBytes = 100 * 1024 * 1024;
const outputBytesMax = 4 * 1024 * 1024;
const lockMinutesMax = 20;

/** Cannot be set up; the message is the one line that a person sees. */
class SetupError extends Error {
  constructor(message, why = "") {
    super(message);
    this.why = why;
  }
}

const modes = ["start", "test", "packages"];

async function main(mode) {
  if (!modes.includes(mode)) throw new SetupError(`setup.mjs takes one of: ${modes.join(", ")}`);
  const version = Number(process.versions.node.split(".")[0]);
  if (version < 18) throw new SetupError(`Node ${process.versions.node} is too old; install Node 20 or newer`);
  if (ready(mode)) return;
  mustBeWritable(root);
  const unlock = await lock();
  try {
    if (!packagesAreInstalled()) await installPackages();
    if (!nodeIsInstalled()) await installNode();
    if (mode === "packages") return;
    for (const one of builds) if (!one.isFresh()) await one.run();
    if (mode === "test" && wantsBrowser() && findChromium() === null) await installChromium();
  } finally {
    unlock();
  }
}

function ready(mode) {
  if (!packagesAreInstalled() || !nodeIsInstalled()) return false;
  if (mode === "packages") return true;
  return builds.every((one) => one.isFresh()) && (mode !== "test" || !wantsBrowser() || findChromium() !== null);
}

// Packages

/** npm writes node_modules/.package-lock.json last, so what it says is really there. */
function packagesAreInstalled() {
  const installed = readJson(join(modules, ".package-lock.json"));
  const wanted = readJson(join(root, "package-lock.json"));
  if (wanted === null) throw new SetupError("package-lock.json is missing; check the project out again");
  if (installed === null) return false;
  for (const [path, { version, optional, link }] of Object.entries(wanted.packages)) {
    if (path === "" || link === true) continue;
    const found = installed.packages?.[path];
    if (found === undefined ? optional !== true : found.version !== version) return false;
  }
  return true;
}

async function installPackages() {
  mustHaveSpace(packagesBytes);
  // No package of ours needs its install script but `node`: the native ones ship prebuilt, and a compiler may be missing.
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  try {
    await step("Installing packages (npm ci)", npm(["ci", ...quiet]));
  } catch (error) {
    // npm drops other systems' optional packages from a lock that it writes beside node_modules, and then calls the lock
    // incomplete. Installing from the lock without rewriting it is as exact; what was installed is checked below.
    if (error.why !== "lock") throw error;
    await step("Installing packages (npm install)", npm(["install", "--no-save", ...quiet]));
    if (!packagesAreInstalled()) throw error;
  }
}

function nodeIsInstalled() {
  const binary = join(modules, "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  return statSync(binary, { throwIfNoEntry: false })?.size > 1024 * 1024;
}

async function installNode() {
  const { version } = readJson(join(modules, "node", "package.json")) ?? {};
  await step(`Fetching Node ${version}`, npm(["rebuild", "node", "--ignore-scripts=false", "--no-audit", "--no-fund"]));
  if (!nodeIsInstalled()) throw new SetupError(`Node ${version} could not be installed; see ${logFile}`);
}

/** The npm that runs this script, whatever it is called on this machine. */
function npm(parameters) {
  const script = process.env.npm_execpath;
  if (script?.endsWith(".js") || script?.endsWith(".cjs")) return [process.execPath, [script, ...parameters]];
  return ["npm", parameters];
}

// Builds

const tests = /\.test\.tsx?$/;

const builds = [
  {
    label: "Building the wasm core",
    script: "build:wasm",
    sources: ["wasm-core/assembly", "wasm-core/build.ts", "wasm-core/modules.ts"],
    packages: ["assemblyscript"],
    output: join(build, "wasm", "core.simd.wasm"),
  },
  {
    label: "Building the page",
    script: "build:client",
    sources: [
      "client",
      "ledger/protocol",
      "ledger/light",
      "wasm-core/bindings",
      "wasm-core/assembly",
      "world-server/protocol",
      "world-server/simulation",
      "worlds/format",
      "package-lock.json",
    ],
    packages: [],
    output: join(build, "client", "index.html"),
  },
].map((one) => {
  const stampFile = join(build, "stamps", one.script.replace(":", "-"));
  return {
    isFresh: () => existsSync(one.output) && readText(stampFile) === hashOf(one.sources, one.packages),
    run: async () => {
      mustHaveSpace(buildBytes);
      const hash = hashOf(one.sources, one.packages);
      await step(one.label, npm(["run", "--silent", one.script]));
      if (!existsSync(one.output)) throw new SetupError(`${one.label}: ${one.output} was not written; see ${logFile}`);
      mkdirSync(dirname(stampFile), { recursive: true });
      writeFileSync(stampFile, hash);
    },
  };
});

function hashOf(sources, packages) {
  const hash = createHash("sha256");
  const add = (path) => {
    const full = join(root, path);
    const facts = statSync(full, { throwIfNoEntry: false });
    if (facts?.isDirectory()) for (const name of readdirSync(full).sort()) add(`${path}/${name}`);
    else if (facts?.isFile() && !tests.test(path)) hash.update(`${path}\0${facts.size}\0`).update(readFileSync(full));
  };
  for (const source of sources) add(source);
  for (const name of packages) hash.update(readJson(join(modules, name, "package.json"))?.version ?? "");
  return hash.digest("hex");
}

// The browser of the tests

const chromiumNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function wantsBrowser() {
  return !["unit", "checks"].includes(process.env.GLASSTOWN_TEST_ONLY ?? "");
}

function findChromium() {
  const named = process.env.CHROMIUM_PATH || process.env.PUPPETEER_EXECUTABLE_PATH;
  if (named) {
    if (existsSync(named)) return named;
    throw new SetupError(`CHROMIUM_PATH names ${named}, which is not there; correct it or unset it`);
  }
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of chromiumNames) if (existsSync(join(folder, name))) return join(folder, name);
  const cache = join(homedir(), ".cache", "puppeteer", "chrome");
  for (const version of existsSync(cache) ? readdirSync(cache) : [])
    for (const binary of ["chrome-linux64/chrome", "chrome-mac-arm64/Google Chrome for Testing.app"])
      if (existsSync(join(cache, version, binary))) return join(cache, version, binary);
  return null;
}

async function installChromium() {
  const debian = existsSync("/etc/debian_version") && existsSync("/usr/bin/apt-get");
  const where = "or set CHROMIUM_PATH to a Chromium or Chrome";
  if (!debian)
    throw new SetupError(`the browser tests need Chromium: install it from https://www.chromium.org, ${where}`);
  if (process.getuid?.() !== 0)
    throw new SetupError(`the browser tests need Chromium: run "sudo apt-get install chromium", ${where}`);
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  await step("Reading Debian's package lists", ["apt-get", ["update", "-qq"]], quiet);
  await step(
    "Installing Chromium",
    ["apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"]],
    quiet,
  );
  if (findChromium() === null) throw new SetupError(`Chromium was installed but is not found; ${where.slice(3)}`);
}

// Running, and what can go wrong

/** Runs a command quietly; its output goes to the log, and is read for what went wrong. */
async function step(label, [command, parameters], environment = {}) {
  const started = Date.now();
  process.stdout.write(`${label} … `);
  const { status, output, error } = await run(command, parameters, environment);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  try {
    mkdirSync(build, { recursive: true });
    writeFileSync(logFile, `${command} ${parameters.join(" ")}\n${output}`);
  } catch {
    // The log is a convenience; the line below says what matters.
  }
  if (status === 0) {
    process.stdout.write(`${seconds} s\n`);
    return;
  }
  process.stdout.write("failed\n");
  if (error?.code === "ENOENT") throw new SetupError(`${command} was not found; install it and try again`);
  throw reasonOf(label, output);
}

function run(command, parameters, environment) {
  return new Promise((done) => {
    const child = spawn(command, parameters, {
      cwd: root,
      env: { ...process.env, ...environment, npm_config_loglevel: "notice", npm_config_update_notifier: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk) => {
      output = (output + chunk).slice(-outputBytesMax);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => done({ status: null, output, error }));
    child.on("close", (status) => done({ status, output }));
  });
}

function reasonOf(label, output) {
  const what = `${label.replace(/ \(.*/, "")} failed`;
  if (/ENOSPC|no space left/i.test(output)) return new SetupError(`${what}: the disk is full; free some space`);
  if (/\b(EACCES|EROFS|EPERM)\b|permission denied|read-only file system/i.test(output))
    return new SetupError(`${what}: ${root} or npm's cache cannot be written; check who owns them`);
  if (/EUSAGE/.test(output))
    return new SetupError(`${what}: package.json and package-lock.json do not agree; run "npm install"`, "lock");
  const network =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b|Failed to fetch|failure resolving/i;
  if (/^(Installing|Fetching|Reading)/.test(label) && network.test(output))
    return new SetupError(`${what}: the packages' server cannot be reached; check the network and try again`);
  console.error(output.trimEnd().split("\n").slice(-25).join("\n"));
  return new SetupError(`${what}; all of its output is in ${logFile}`);
}

function mustBeWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new SetupError(`${folder} cannot be written; check who owns it`);
  }
}

function mustHaveSpace(bytes) {
  const { bavail, bsize } = fileSystem.statfsSync?.(root) ?? { bavail: Number.POSITIVE_INFINITY, bsize: 1 };
  const megabytes = (value) => `${Math.floor(value / 1024 / 1024)} MB`;
  if (bavail * bsize < bytes)
    throw new SetupError(
      `the disk is full: ${root} has ${megabytes(bavail * bsize)} left, and setting up takes ${megabytes(bytes)}`,
    );
}

/** One set-up at a time in one folder: `npm start` and `npm test` may be called together. */
async function lock() {
  const file = join(root, ".setup-lock");
  const end = Date.now() + lockMinutesMax * 60_000;
  for (let told = false; ; ) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code === "ENOSPC") throw new SetupError("the disk is full; free some space and try again");
      if (error.code !== "EEXIST") throw new SetupError(`${file} cannot be written: ${error.message}`);
    }
    const owner = Number(readText(file));
    if (isAbandoned(file, owner) || Date.now() > end) rmSync(file, { force: true });
    else if (!told) {
      told = true;
      console.log(`Waiting for another set-up (process ${owner}) …`);
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

/** A lock is written in two steps: one without a number is somebody's who has just come, or was left by a full disk. */
function isAbandoned(file, owner) {
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (written === undefined) return false;
  if (!Number.isInteger(owner) || owner <= 0) return Date.now() - written > 5000;
  // This process holds none here, so its number is from an earlier life of the machine or container.
  return owner === process.pid || !isAlive(owner);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null;
  }
}

main(process.argv[2] ?? "start").catch((error) => {
  if (error instanceof SetupError) console.error(error.message);
  else if (error.code === "ENOSPC") console.error("the disk is full; free some space and try again");
  else if (["EACCES", "EROFS", "EPERM"].includes(error.code)) console.error(`${error.path ?? root} cannot be written`);
  else console.error(error);
  process.exit(1);
});
