// The light client as others get it: packed, unpacked into a folder that has nothing else, and used from there in Node, by tsc and in a
// page of another origin, against a ledger that runs. The programs are those of its README.

import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildLightClient } from "../../client/light-module/build.ts";
import { startTestServer, type TestServer } from "../../ledger/api/test-server.ts";
import { submitSomeone, until } from "../../ledger/consensus/test-chain.ts";
import { launchBrowser } from "./chromium.ts";
import { serveFolders } from "./folder-server.ts";

const root = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "glasstown-module-"));
const installed = join(scratch, "node_modules/glasstown-light-client");
let ledger: TestServer;

beforeAll(async () => {
  await buildLightClient(join(scratch, "built"));
  execFileSync("npm", ["pack", "--offline", "--ignore-scripts", "--pack-destination", scratch], {
    cwd: join(scratch, "built"),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [packed] = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(scratch, packed!), "-C", installed, "--strip-components=1"]);
  ledger = await startTestServer();
  // The state after a block is proven by the block after it.
  await until(() => ledger.chain.engine.height > 0, "there is a block");
  await submitSomeone(ledger.chain, "Ada");
  await until(() => ledger.chain.engine.height > 1, "there are two");
});
afterAll(async () => {
  await ledger?.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** A program of the README, asking the ledger that runs. */
function program(language: "js" | "html"): string {
  const readme = readFileSync(join(installed, "README.md"), "utf8");
  const code = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "m").exec(readme)![1]!;
  return code.replace(/https?:\/\/(?:localhost:4001|city\.example\/ledger)/, ledger.url);
}

it("is whole and stands alone", () => {
  const { dependencies, license, exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  expect([dependencies, license, Object.keys(exports)]).toEqual([undefined, "Apache-2.0", ["."]]);
  expect(readFileSync(join(installed, "LICENSE"), "utf8")).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
  for (const name of readdirSync(installed).filter((file) => file.endsWith(".js")))
    for (const [, from] of readFileSync(join(installed, name), "utf8").matchAll(
      /(?:from|import\()\s*["'`]([^"'`]+)["'`]/g,
    ))
      expect(readdirSync(installed)).toContain(from!.replace("./", ""));
});

it("runs in Node as the README says", async () => {
  writeFileSync(join(scratch, "program.mjs"), program("js"));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["program.mjs"], { cwd: scratch });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^verified \{(.|\n)*slotSeconds: 60/);
});

it("refuses a server that lies, decided by the embedded modules alone", async () => {
  const lies = `
    import { memoryStore, openLightClient } from "glasstown-light-client";
    const lying = async (url, init) => {
      const answer = await fetch(url, init);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (url.includes("/v1/light-blocks/")) bytes[Buffer.from(bytes).lastIndexOf(Buffer.from([0x22, 64])) + 20] ^= 1;
      return new Response(bytes, { status: answer.status, headers: answer.headers });
    };
    const client = openLightClient({ ledgerUrl: "${ledger.url}", fetch: lying, store: memoryStore() });
    const { state, reason } = await client.verifyState("energy/params");
    console.log(state, reason);`;
  writeFileSync(join(scratch, "lies.mjs"), lies);
  const { stdout } = await promisify(execFile)(process.execPath, ["lies.mjs"], { cwd: scratch });
  expect(stdout).toBe("failed signature_must_be_valid\n");
});

it("has types that a strict program stands on", async () => {
  writeFileSync(
    join(scratch, "typed.ts"),
    `import { type LightClient, openLightClient, type Verdict } from "glasstown-light-client";
const client: LightClient = openLightClient({ ledgerUrl: "http://localhost:4001", policy: {} });
const verdict: Verdict = await client.verifyState("energy/params", { a: 1 }, 3);
if (verdict.state === "verified") console.log(verdict.height.toFixed(), verdict.value);
// @ts-expect-error: there is no such member.
void verdict.nothing;
`,
  );
  const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--types", "", "--target", "es2022"];
  const more = ["--module", "nodenext", "--lib", "es2022,dom", "typed.ts"];
  writeFileSync(join(scratch, "package.json"), '{"type":"module"}');
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const ended = await promisify(execFile)(process.execPath, [tsc, ...options, ...more], { cwd: scratch }).catch(
    (error: { stdout: string }) => error,
  );
  expect(ended.stdout).toBe("");
});

it("runs in a page of another origin as the README says, and remembers", async () => {
  const site = await serveFolders({ "glasstown-light-client": installed }, { isolated: false });
  const [, script] = /<script type="module">((?:.|\n)*)<\/script>/.exec(program("html"))!;
  const browser = await launchBrowser(false);
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    for (let visit = 0; visit < 2; visit++) {
      await page.goto(site.url);
      await page.addScriptTag({ type: "module", content: script! });
      await page.waitForFunction(() => document.body.textContent?.includes("slotSeconds"));
    }
    // WebCrypto accepts what is valid: the deciding modules are not fetched.
    expect(asked.filter((path) => /ed25519-(module|portable)/.test(path))).toEqual([]);
    const databases = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
    expect(databases).toEqual(["glasstown-light-client"]);
  } finally {
    await browser.close();
    await site.close();
  }
});
