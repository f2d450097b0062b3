// Mutated transactions against admission and execution: nothing may crash, hang, leak, or change the app hash that has no right to.
// Three machines run the same blocks: one that admitted the transactions, one that never saw them before, and one that gets only
// those which were admitted into the block. All must come to one app hash. What is accepted is checked again by foreign means.

import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import canonicalize from "canonicalize";
import type { Application, TransactionResult } from "../../../ledger/modules/application.ts";
import {
  authorise,
  chain,
  headerHashAt,
  newApplication,
  noPending,
  type Person,
  testHasher,
} from "../../../ledger/modules/test-city.ts";
import { decode } from "../../../ledger/modules/transactions/decode.ts";
import { fromHex, fromUtf8, hex } from "../../../ledger/protocol/bytes.ts";
import { refusalCodes } from "../../../ledger/protocol/refusals.ts";
import type { Transaction, TransactionBody } from "../../../ledger/protocol/transaction.ts";
import { LedgerSimulation } from "../../simulation/ledger-simulation.ts";
import { damagedBytes, damagedValue, isPlain } from "../mutate-json.ts";
import type { SoakProgram } from "../program.ts";
import { Random, saltOf } from "../random.ts";

/** Operations of the simulation that make the state on which the transactions run. */
const operationsBefore = 1_500;
const blockTransactions = 100;
/** Mutants of one valid transaction. */
const mutantsOfOne = 8;
/** One transaction's verdict that takes longer has no bound. */
const checkMsMax = 5_000;
/** What the heap may grow over a run, once caches are full. */
const heapGrowthMax = 96 * 1_048_576;
const warmBlocks = 150;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** SubjectPublicKeyInfo of Ed25519 (RFC 8410) before the key. */
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** Judges an accepted transaction by other code than the ledger's: RFC 8785, SHA-256, OpenSSL. */
function assertRightlyAccepted(bytes: Uint8Array, id: string): void {
  const text = fromUtf8(bytes);
  const { body, auth } = JSON.parse(text) as Transaction;
  assert.equal(text, canonicalize({ body, auth }), "accepted in another form than the canonical one");
  assert.equal(id, createHash("sha256").update(canonicalize(body)!).digest("hex"));
  assert.deepEqual([...new Set(body.messages.map(({ by }) => by))].sort(), auth.map(({ by }) => by).sort());
  const signed = Buffer.from(`glasstown/transaction/1\n${canonicalize(body)}`);
  for (const { kind, key, signature } of auth) {
    if (kind !== "ed25519") continue;
    const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, fromHex(key)]), format: "der", type: "spki" });
    assert(verify(null, signed, publicKey, fromHex(signature)), "accepted with a signature that OpenSSL refuses");
  }
}

const signAll = (body: TransactionBody, signers: readonly Person[]): Transaction => ({
  body,
  auth: signers.map((who) => authorise(body, who)),
});

/** Null when the body has no canonical form, so that there is nothing to sign. */
function signedAnew(body: unknown, signers: readonly Person[]): Transaction | null {
  try {
    return isPlain(body) ? signAll(body as TransactionBody, signers) : null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

export const transactionsProgram: SoakProgram = {
  name: "ledger/transactions",
  units: 1_000_000,
  run: async ({ seed, units, progress }) => {
    const random = new Random();
    const simulation = new LedgerSimulation({ seed });
    await simulation.run(operationsBefore);
    const machines = [simulation.application, newApplication(), newApplication()] as const;
    const [admitting, fresh, strict] = machines;
    const { height } = admitting;
    const entries = admitting.list("", { limit: 1_000_000 });
    for (const other of [fresh, strict]) {
      const root = await other.restore(chain, height, [entries]);
      assert.equal(hex(root), hex(admitting.appHash));
    }
    const tally = new Map<string, number>();
    const others: Transaction[] = [];
    let warmHeap = 0;
    let timeMs = simulation.timeMs;
    let block = 0;
    let accepted = 0;
    let sample = simulation.sample();
    let whole = signAll(sample.body, sample.signers);

    const mutant = (index: number): Uint8Array => {
      random.reseed(seed, saltOf("ledger/transactions"), index);
      if (index % mutantsOfOne === 0) {
        sample = simulation.sample();
        whole = signAll(sample.body, sample.signers);
        others.push(whole);
        if (others.length > 50) others.shift();
        // The valid one itself, and later by chance its duplicate.
        return damagedBytes(random, whole);
      }
      if (random.oneIn(40)) return damagedBytes(random, random.pick(others));
      if (random.oneIn(2)) return damagedBytes(random, damagedValue(random, whole, others));
      // Signed anew, so that the damage reaches what stands behind the signatures.
      const body = damagedValue(
        random,
        sample.body,
        others.map((other) => other.body),
      );
      return damagedBytes(random, signedAnew(body, sample.signers) ?? { ...whole, body });
    };

    for (let done = 0; done < units; ) {
      const transactions = Array.from({ length: Math.min(blockTransactions, units - done) }, (_, n) =>
        mutant(done + n),
      );
      const before = hex(admitting.appHash);
      for (const bytes of transactions) {
        const started = performance.now();
        const checked = admitting.check(bytes, noPending);
        assert(performance.now() - started < checkMsMax, `no verdict within ${checkMsMax} ms`);
        assertKnown(checked);
        if (checked.code === 0) {
          accepted++;
          assertRightlyAccepted(bytes, checked.id);
        }
      }
      assert.equal(hex(admitting.appHash), before, "admission changed the state");
      timeMs += 1_000 + random.below(4_000);
      const run = (application: Application, what: readonly Uint8Array[]): readonly TransactionResult[] => {
        const height = application.height + 1;
        const input = { height, hash: headerHashAt(height), timeMs, transactions: what };
        const { results } = application.finalise(input);
        application.commit();
        return results;
      };
      const results = run(admitting, transactions);
      assert.deepEqual(run(fresh, transactions), results, `block ${admitting.height}: results differ`);
      results.forEach(assertKnown);
      // What was not admitted leaves no trace. A refusal of the transaction's own rules may also come while its messages run, such as
      // for a key that an earlier one has taken away: then it stands among those seen.
      const admitted = transactions.filter(
        (bytes, index) => results[index]!.codespace !== "transaction" || wasSeen(admitting, bytes),
      );
      run(strict, admitted);
      for (const other of [fresh, strict])
        assert.equal(hex(other.appHash), hex(admitting.appHash), `block ${admitting.height}: the app hash changed`);
      for (const { refusal } of results) tally.set(refusal, (tally.get(refusal) ?? 0) + 1);
      done += transactions.length;
      progress(done);
      if (++block === warmBlocks) warmHeap = heapBytes();
    }
    const growth = warmHeap === 0 ? 0 : heapBytes() - warmHeap;
    assert(growth < heapGrowthMax, `the heap grew by ${growth} bytes`);
    const shares = [...tally].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name || "applied"} ${count}`);
    const mib = (growth / 1_048_576).toFixed(1);
    return `${units} transactions, ${block} blocks, ${accepted} admitted, heap +${mib} MiB: ${shares.join(", ")}`;
  },
};

/** Whether the newest block has admitted a transaction with this body. */
function wasSeen(application: Application, bytes: Uint8Array): boolean {
  const decoded = decode(bytes, testHasher);
  if (!decoded.ok) return false;
  const expires = String(decoded.transaction.body.expires).padStart(12, "0");
  const { value } = application.query(`transactions/seen/${expires}/${decoded.id}`, { prove: false });
  return value !== null && (JSON.parse(fromUtf8(value)) as { height: number }).height === application.height;
}

function assertKnown({ code, refusal }: TransactionResult): void {
  if (code === 0) assert.equal(refusal, "");
  else
    assert.equal((refusalCodes as Readonly<Record<string, number>>)[refusal], code, `no refusal is ${refusal} ${code}`);
}
