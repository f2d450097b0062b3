// The command as people run it, against a ledger that runs: what it says, its status, what it remembers, and servers that lie.

import { spawn } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { test as base } from "../commands/test-folders.ts";
import { serve } from "../commands/test-process.ts";
import { person, register } from "../consensus/test-chain.ts";
import { toBundleText } from "../light/bundle/text-forms.ts";
import { createLightClient } from "../light/light-client.ts";
import { readCommandLine, UsageError } from "./command-line.ts";
import { TrustFile } from "./trust-file.ts";

interface Ended {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

function verify(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args]);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (text: Buffer) => {
    output += text.toString();
  });
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString();
  });
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, output, errors })));
}

/** Stands between the command and the ledger, and changes what passes. */
async function liar(target: string, change: (path: string, body: Buffer) => Buffer) {
  const server: Server = createServer(async (request, response) => {
    const answer = await fetch(target + request.url!, { headers: { accept: request.headers.accept ?? "*/*" } });
    const body = change(request.url!, Buffer.from(await answer.arrayBuffer()));
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type")! }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

interface Running {
  readonly url: string;
  /** Where the command keeps its trust. */
  readonly store: string;
  /** A registration in a block. */
  readonly done: { readonly id: string; readonly height: number; readonly account: string };
}

const test = base.extend<{ ledger: Running }>({
  ledger: async ({ root, data }, use) => {
    const server = serve(data, { GLASSTOWN_HEARTBEAT_SECONDS: "0.3" });
    const { url } = await server.ready;
    const { chain, height } = (await (await fetch(`${url}/v1/chain`)).json()) as { chain: string; height: number };
    const ada = person();
    const answer = await fetch(`${url}/v1/transactions?wait=commit`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(await ada.sign(chain, height + 100, [register(ada, "Ada")])),
    });
    const { id, height: stands } = (await answer.json()) as { id: string; height: number };
    await use({ url, store: join(root, "kept/trust.json"), done: { id, height: stands, account: ada.id } });
    await server.end();
  },
});

const name = "energy/params";

describe("what holds", { timeout: 240_000 }, () => {
  test("an entry, its absence, a transaction and a block are verified, with status 0", async ({ ledger }) => {
    const { url, store, done } = ledger;
    const ask = (...args: string[]) => verify("--api", url, "--store", store, ...args);

    const entry = await ask("--key", name, "--value", JSON.stringify((await entryOf(url, name)).value));
    expect([entry.status, entry.errors]).toEqual([0, ""]);
    expect(entry.output).toMatch(
      /^VERIFIED\n {2}asked {3}http.* for the entry energy\/params\n {2}value {3}\{.*"slotSeconds":/,
    );
    expect(entry.output).toMatch(/signed {2}by 1 of 1 validators\n {2}trust {3}first contact: /);

    const absent = await ask("--key", "accounts/account/nobody", "--json");
    expect([absent.status, JSON.parse(absent.output)]).toMatchObject([
      0,
      { verdict: { state: "verified", value: null } },
    ]);
    expect(JSON.parse(absent.output).trust).toMatch(/^block \d+ of .*, verified before$/);

    const before = await ask(
      "--key",
      `accounts/account/${done.account}`,
      "--height",
      String(done.height - 1),
      "--json",
    );
    expect(JSON.parse(before.output).verdict).toMatchObject({ state: "verified", value: null, height: done.height });
    const after = await ask("--key", `accounts/account/${done.account}`, "--height", String(done.height), "--json");
    expect(JSON.parse(after.output).verdict.value).toMatchObject({ name: "Ada" });

    const transaction = await ask("--transaction", done.id, "--height", String(done.height), "--json");
    expect([transaction.status, transaction.output]).toEqual([0, expect.stringContaining(done.account)]);
    expect((await ask("--block", "1")).status).toBe(0);
    const events = await ask("--events", done.id, "--height", String(done.height), "--json");
    expect([events.status, events.output]).toEqual([0, expect.stringContaining(done.account)]);
    // This ledger anchors no log: nothing is proven of it.
    expect((await ask("--log-growth", "1", "--log", `${url}/log`)).status).toBe(2);
  });

  test("trust is kept from run to run, for its owner alone, and begins where a checkpoint says", async ({
    root,
    ledger,
  }) => {
    const { url, store } = ledger;
    const first = await verify("--api", url, "--store", store, "--head", "--json");
    const { text } = JSON.parse(first.output).verdict.value;
    expect(text).toMatch(/^glasstown:/);
    expect((await stat(store)).mode & 0o077).toBe(0);
    expect(await readdir(join(store, ".."))).toEqual(["trust.json"]);

    const other = join(root, "other-trust.json");
    const begun = await verify("--api", url, "--store", other, "--key", name, "--checkpoint", text);
    expect([begun.status, begun.output]).toEqual([0, expect.stringContaining("the checkpoint that was given")]);
    const again = await verify("--api", url, "--store", other, "--key", name, "--checkpoint", text);
    expect([again.status, again.output]).toEqual([0, expect.stringMatching(/verified before, and the checkpoint/)]);

    const wrong = text.replace(/:[0-9a-f]{64}:/, `:${"0".repeat(64)}:`);
    for (const file of [other, join(root, "third.json")]) {
      const refused = await verify("--api", url, "--store", file, "--key", name, "--checkpoint", wrong);
      expect([refused.status, refused.output]).toEqual([1, expect.stringContaining("checkpoint must match")]);
    }
  });

  test("a damaged trust file counts as none, and is said to be", async ({ ledger }) => {
    const { url, store } = ledger;
    expect((await verify("--api", url, "--store", store, "--key", name)).status).toBe(0);
    const sound = await readFile(store, "utf8");
    for (const text of ["", "{", sound.slice(0, -20), '{"version":2,"places":[]}']) {
      await writeFile(store, text);
      const { status, output, errors } = await verify("--api", url, "--store", store, "--key", name);
      expect([status, errors.trimEnd().split("\n")]).toEqual([0, [expect.stringContaining("trust begins anew")]]);
      expect(output).toContain("first contact");
    }
    expect((await verify("--api", url, "--store", store, "--forget", "--key", name)).output).toContain("first contact");
  });

  test("a witness that shows the same block is named; one of another chain leaves it unverified", async ({
    ledger,
    other,
  }) => {
    const { url, store } = ledger;
    const same = await liar(url, (_, body) => body);
    const strangers = serve(other, { GLASSTOWN_HEARTBEAT_SECONDS: "0.3" });
    const stranger = await strangers.ready;
    const ask = (witness: string) => verify("--api", url, "--store", store, "--key", name, "--witness", witness);
    const agreed = await ask(same.url);
    expect([agreed.status, agreed.output]).toEqual([0, expect.stringContaining(`witness ${same.url} shows the same`)]);
    const differed = await ask(stranger.url);
    expect([differed.status, differed.output]).toEqual([
      2,
      expect.stringMatching(/witness http.*: dropped, header_chain_must_match: it serves/),
    ]);
    await same.close();
    expect((await ask(same.url)).status).toBe(2);
    await strangers.end();
  });
});

describe("a bundle", { timeout: 240_000 }, () => {
  test("stands on what is trusted, as bytes or as text; alone it is not verified, damaged it fails", async ({
    root,
    ledger,
  }) => {
    const { url, store } = ledger;
    expect((await verify("--api", url, "--store", store, "--key", name)).status).toBe(0);
    const kept = new TrustFile(store, url, () => undefined);
    const core = loadCore();
    const options = { core, store: kept, ledgerUrl: url, logUrl: url, now: () => Date.now() };
    const made = await createLightClient({ ...options, fetch: (to, init) => fetch(to, init) }).bundle({
      kind: "state",
      name,
    });
    if (made.state !== "made") throw new Error(made.detail);
    const file = join(root, "bundle");
    const other = join(root, "nothing.json");
    for (const form of [made.bytes, toBundleText(made.bytes), `${toBundleText(made.bytes)}\n`]) {
      await writeFile(file, form);
      const known = await verify("--bundle", file, "--api", url, "--store", store);
      expect([known.status, known.output]).toEqual([0, expect.stringMatching(/^VERIFIED\n(.*\n)*.*slotSeconds/)]);
      const alone = await verify("--bundle", file, "--store", other);
      expect([alone.status, alone.output]).toEqual([2, expect.stringMatching(/^SOUND, BUT NOT VERIFIED\n/)]);
    }
    await writeFile(file, flipped(Buffer.from(made.bytes), made.bytes.length - 40));
    expect((await verify("--bundle", file, "--api", url, "--store", store)).status).toBe(1);
    expect((await verify("--bundle", join(root, "none"), "--store", other)).status).toBe(2);
  });
});

async function entryOf(url: string, entry: string): Promise<{ readonly value: unknown }> {
  return (await (await fetch(`${url}/v1/state/${entry}`)).json()) as { value: unknown };
}

describe("what does not hold", { timeout: 240_000 }, () => {
  test("a server that changes a value, a signature or the chain's name gives status 1", async ({ root, ledger }) => {
    const { url } = ledger;
    const changes: [string, (path: string, body: Buffer) => Buffer][] = [
      [
        "state proof must match app hash",
        (path, body) => (path.startsWith("/abci_query") ? inText(body, /"value":"eyJ/, '"value":"eyK') : body),
      ],
      [
        "signature must be valid",
        (path, body) => (path.startsWith("/v1/light-blocks/") ? flipped(body, signatureAt(body)) : body),
      ],
      ["", (path, body) => (path.startsWith("/v1/light-blocks/") ? inText(body, /glasstown/g, "glasstovn") : body)],
    ];
    for (const [at, [words, change]] of changes.entries()) {
      const lying = await liar(url, change);
      const { status, output } = await verify("--api", lying.url, "--store", join(root, `${at}.json`), "--key", name);
      expect([at, status, output]).toEqual([at, 1, expect.stringContaining(words)]);
      expect(output).toMatch(/^FAILED\n/);
      await lying.close();
    }
  });

  test("what the ledger says of the value is not what the person holds: status 1", async ({
    ledger: { url, store },
  }) => {
    const other = await verify("--api", url, "--store", store, "--key", name, "--value", '{"slotSeconds":1}');
    expect([other.status, other.output]).toEqual([1, expect.stringContaining("value must match entry")]);
  });

  test("no answer, and nothing at this height: status 2", async ({ ledger: { url, store } }) => {
    const gone = await liar(url, (_, body) => body);
    await gone.close();
    const silent = await verify("--api", gone.url, "--store", store, "--key", name);
    expect([silent.status, silent.output]).toEqual([
      2,
      expect.stringMatching(/^NOT VERIFIED\n(.*\n)*.*server must answer/),
    ]);
    expect((await verify("--api", url, "--store", store, "--block", "99999999")).status).toBe(2);
    const passing = await liar(url, (_, body) => body);
    const ask = () => verify("--api", passing.url, "--store", store, "--key", name);
    expect((await ask()).status).toBe(0);
    await passing.close();
    const remembered = await ask();
    expect([remembered.status, remembered.output]).toEqual([
      2,
      expect.stringMatching(/^NOT VERIFIED NOW\n(.*\n)*.*was verified at 2/),
    ]);
  });
});

function inText(body: Buffer, from: RegExp, to: string): Buffer {
  return Buffer.from(body.toString("latin1").replace(from, to), "latin1");
}

/** The last byte of the only signature: 64 bytes behind their tag and length, the last of their kind. */
function signatureAt(body: Buffer): number {
  return body.lastIndexOf(Buffer.from([0x22, 64])) + 2 + 31;
}

function flipped(body: Buffer, at: number): Buffer {
  const copy = Buffer.from(body);
  copy[at] = copy[at]! ^ 1;
  return copy;
}

describe("the command line", { timeout: 240_000 }, () => {
  base("--help says what there is, with status 0", async () => {
    const { status, output, errors } = await verify("--help");
    expect([status, errors]).toEqual([0, ""]);
    for (const option of [
      "--key",
      "--transaction",
      "--block",
      "--events",
      "--log-growth",
      "--reading",
      "--head",
      "--checkpoint",
      "--witness",
      "--store",
      "--json",
    ])
      expect(output).toContain(option);
  });

  base("what cannot be understood is one line, with status 2", async () => {
    const api = ["--api", "http://localhost:1"];
    const cases: [string[], string][] = [
      [[], "--api is missing"],
      [["--api", "localhost", "--head"], "no http or https address"],
      [["--api", "file:///etc/passwd", "--head"], "no http or https address"],
      [api, "one question is needed"],
      [[...api, "--key", "a", "--head"], "one question is needed"],
      [[...api, "--key", "a", "--value", "{"], "--value: not JSON"],
      [[...api, "--transaction", "0".repeat(64)], "--height is missing"],
      [[...api, "--transaction", "abc", "--height", "1"], "64 lower-case hex digits"],
      [[...api, "--events", "abc", "--height", "1"], "64 lower-case hex digits"],
      [[...api, "--log-growth", "9:3"], "the smaller first"],
      [[...api, "--log-growth", "3"], "--log is missing"],
      [[...api, "--block", "1e3"], "no height"],
      [[...api, "--block", "0"], "no height"],
      [[...api, "--block", "1", "--height", "1"], "--height goes with"],
      [[...api, "--reading", "{}", "--log", "http://localhost:1"], "device is missing"],
      [[...api, "--head", "--witness", "http://localhost:1"], "witnesses nothing"],
      [[...api, "--head", "--frobnicate"], "--frobnicate"],
    ];
    for (const [args, words] of cases) {
      let said = "";
      try {
        readCommandLine(args);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        said = (error as Error).message;
      }
      expect(said).toContain(words);
      expect(said).not.toContain("\n");
    }
    const { status, output, errors } = await verify(...api);
    expect([status, output]).toEqual([2, ""]);
    expect(errors).toMatch(/^one question is needed.*--help says more\n$/);
  });
});
