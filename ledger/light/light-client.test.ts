// The light client against a fake ledger with real keys: what is green, what is not yet, and every reason to fail.

import { beforeEach, describe, expect, test } from "vitest";
import type { CommitSignature } from "../../wasm-core/bindings/core.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { fromUtf8, utf8 } from "../protocol/bytes.ts";
import { fromBase64, toBase64 } from "../protocol/comet.ts";
import { device, type FakeCity, makeCity, makeClient, memoryStore, shown, signReading } from "./testing/fake-city.ts";
import { FakeLedger, makeSigners } from "./testing/fake-ledger.ts";
import { FakeTree } from "./testing/fake-tree.ts";
import type { FailureReason, Verdict } from "./verdict.ts";
import { trustingPeriodMs } from "./verify-step.ts";

const core = loadCore();
let city: FakeCity;
beforeEach(() => {
  city = makeCity(core);
});

// biome-ignore lint/suspicious/noExplicitAny: lies reach into any answer.
type Answer = any;
/** Changes the answers whose path starts so. */
function lieAbout(start: string, change: (answer: Answer, path: string) => unknown): void {
  city.ledger.lie = (path, answer) => (path.startsWith(start) ? (change(answer, path) ?? answer) : answer);
}
const flip = (text: string, at: number): string =>
  `${text.slice(0, at)}${text[at] === "0" ? "1" : "0"}${text.slice(at + 1)}`;
function flipByte(base64: string, at: number): string {
  const bytes = fromBase64(base64);
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = bytes[place]! ^ 1;
  return toBase64(bytes);
}
const reading = (index = 3): Promise<Verdict> => makeClient(core, city).verifyReading(shown(city, index));
const stepsOf = (verdict: Verdict): string => verdict.steps.map(({ step, state }) => `${step} ${state}`).join(", ");
function expectFailure(verdict: Verdict, reason: FailureReason, step: string): void {
  expect(verdict).toMatchObject({ state: "failed", reason });
  expect(stepsOf(verdict)).toContain(`${step} failed`);
  expect((verdict as { evidence?: unknown }).evidence).toBeDefined();
  expect(() => structuredClone(verdict)).not.toThrow();
}

describe("green", () => {
  test("an anchored reading: all five steps", async () => {
    for (const index of [0, 3, 7]) {
      const verdict = await reading(index);
      expect(verdict).toMatchObject({ state: "verified", height: 6, signers: 4, validators: 4 });
      expect(verdict).toMatchObject({
        value: { result: 100.5 + index, sequence: index },
        time: "2026-01-01T00:00:06Z",
      });
      expect(new Set(verdict.steps.map(({ state }) => state))).toEqual(new Set(["passed"]));
    }
  });

  test("a state entry, with and without an expectation, and its absence", async () => {
    const client = makeClient(core, city);
    const entry = { state: "verified", height: 6, value: { price: "140000" } };
    expect(await client.verifyState("energy/slot/7")).toMatchObject(entry);
    expect(await client.verifyState("energy/slot/7", { price: "140000" })).toMatchObject(entry);
    expect(await client.verifyState("energy/slot/8")).toMatchObject({ state: "verified", value: null });
    expect(await client.verifyState("energy/slot/8", null)).toMatchObject({ state: "verified", value: null });
  });

  test("a block and a transaction in it", async () => {
    const client = makeClient(core, city);
    expect(await client.verifyBlock(4)).toMatchObject({ state: "verified", height: 4, value: { transactions: 2 } });
    const { id, height } = city.transaction;
    const verdict = await client.verifyTransaction(id, height);
    expect(verdict).toMatchObject({ state: "verified", height: 4, value: { body: { chain: "glasstown-test" } } });
  });

  test("the newest state waits for the header that proves it", async () => {
    city.ledger.make({ state: { "energy/slot/7": { price: "150000" } } });
    const client = makeClient(core, city);
    const answer = client.verifyState("energy/slot/7", { price: "150000" });
    await expect.poll(() => city.ledger.asked.some((path) => path.endsWith("/commit?height=8"))).toBe(true);
    city.ledger.make();
    // The fake client looks again at once, but only so often: asked anew, the header is there.
    const verdict = await answer;
    const again =
      verdict.state === "verified" ? verdict : await client.verifyState("energy/slot/7", { price: "150000" });
    expect(again).toMatchObject({ state: "verified", height: 8, value: { price: "150000" } });
  });

  test("two thirds and a little more suffice; a nil vote counts for nothing", async () => {
    city.ledger.make({ vote: (i) => (i === 0 ? "nil" : "commit") });
    expect(await reading()).toMatchObject({ state: "verified", height: 7, signers: 3, validators: 4 });
  });

  test("a device that was registered in the newest block is known as soon as the next header is there", async () => {
    const record = city.ledger.blocks.at(-1)!.state.get(`telemetry/device/${device}`)!;
    city = makeCity(core, { deviceRecord: null });
    const young = city.ledger.blocks.length + 1;
    city.ledger.make({ state: { [`telemetry/device/${device}`]: JSON.parse(fromUtf8(record)) } });
    const client = makeClient(core, city);
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "unverified" });
    city.ledger.make();
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "verified", height: young });
    city.nowMs += 1000;
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "verified", height: young + 1 });
  });

  test("head tells the newest verified header", async () => {
    const client = makeClient(core, city);
    expect(await client.head()).toBeNull();
    await client.verifyBlock(2);
    expect(await client.head()).toEqual({ chain: "glasstown-test", height: 6, time: "2026-01-01T00:00:06Z" });
  });
});

describe("not yet", () => {
  test("a reading beyond the checkpoint is signed, and anchored once the checkpoint has it", async () => {
    const verdict = await reading(8);
    expect(verdict).toMatchObject({ state: "signed", height: 6, value: { result: 108.5 } });
    expect(stepsOf(verdict)).toBe("device passed, log pending, checkpoint pending, block passed, signatures passed");
    city = makeCity(core, { anchored: 9 });
    expect(await reading(8)).toMatchObject({ state: "verified" });
  });

  test("without any checkpoint a reading is signed", async () => {
    city = makeCity(core, { anchored: 0 });
    expect(await reading(0)).toMatchObject({ state: "signed" });
  });

  test("what nobody has, and servers that do not answer, prove nothing", async () => {
    const far = { ...shown(city, 9), logIndex: 99 };
    const missing = await makeClient(core, city).verifyReading(far);
    expect(missing).toMatchObject({ state: "unverified", reason: "not_on_ledger" });
    const silent = { ...city, ledger: { ...city.ledger, fetch: () => Promise.reject(new TypeError("offline")) } };
    const verdict = await makeClient(core, silent as unknown as FakeCity).verifyReading(shown(city, 3));
    expect(verdict).toMatchObject({ state: "unverified", reason: "server_must_answer" });
    expect(await makeClient(core, city).verifyBlock(99)).toMatchObject({ state: "unverified" });
  });

  test("a server that lags behind what was seen proves nothing", async () => {
    const client = makeClient(core, city);
    expect((await client.verifyReading(shown(city, 3))).state).toBe("verified");
    city.nowMs += 10_000;
    const old = city.ledger.blocks.slice(0, 5);
    city.ledger.blocks.length = 0;
    city.ledger.blocks.push(...old);
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "unverified" });
  });
});

describe("every reason to fail", () => {
  test("answer_must_be_well_formed", async () => {
    const forms: [string, (answer: Answer) => unknown][] = [
      ["/ledger/commit", () => "not json"],
      ["/ledger/commit", () => ({})],
      [
        "/ledger/commit",
        (a) => {
          a.result.signed_header.header.time = "2026-13-41T00:00:00Z";
        },
      ],
      [
        "/ledger/commit",
        (a) => {
          a.result.signed_header.header.version.block = "12";
        },
      ],
      [
        "/ledger/abci_query",
        (a) => {
          a.result.response.proofOps.ops = [];
        },
      ],
      [
        "/ledger/abci_query",
        (a) => {
          a.result.response.height = "3";
        },
      ],
      [
        "/log/inclusion",
        (a) => {
          a.path = ["zz"];
        },
      ],
      ["/log/inclusion", () => "x".repeat(2_000_000)],
      ["/log/inclusion", () => "[".repeat(900_000)],
      [
        "/ledger/validators",
        (a) => {
          a.result.validators[0].voting_power = "1e3";
        },
      ],
    ];
    for (const [path, change] of forms) {
      lieAbout(path, change);
      expect(await reading()).toMatchObject({ state: "failed", reason: "answer_must_be_well_formed" });
    }
    city.ledger.lie = (_, answer) => answer;
    const odd = { ...shown(city, 3), result: Number.NaN };
    expect(await makeClient(core, city).verifyReading(odd)).toMatchObject({ reason: "answer_must_be_well_formed" });
  });

  test("value_must_match_entry", async () => {
    const client = makeClient(core, city);
    const good = shown(city, 3);
    for (const wrong of [
      { ...good, result: good.result + 1e-9 },
      { ...good, stream: "voltage" },
      { ...good, time: "2026-01-01T00:00:03.001Z" },
      { ...good, logIndex: 4 },
    ]) {
      expectFailure(await client.verifyReading(wrong), "value_must_match_entry", "device");
    }
    const verdict = await client.verifyState("energy/slot/7", { price: "140001" });
    expectFailure(verdict, "value_must_match_entry", "block");
  });

  test("device_signature_must_be_valid", async () => {
    const forged = signReading(core.sha256(utf8("thief")), JSON.parse(city.entries[9]!));
    lieAbout("/log/inclusion", (answer) => ({ ...answer, entry: forged }));
    expectFailure(await reading(9), "device_signature_must_be_valid", "device");
  });

  test("device_must_be_registered", async () => {
    city = makeCity(core, { deviceRecord: null });
    expectFailure(await reading(), "device_must_be_registered", "device");
    city = makeCity(core, { deviceRecord: { kind: "meter", key: "00" } });
    expectFailure(await reading(), "device_must_be_registered", "device");
  });

  test("entry_must_be_in_log", async () => {
    lieAbout("/log/inclusion", (a) => {
      a.path[1] = flip(a.path[1], 5);
    });
    expectFailure(await reading(), "entry_must_be_in_log", "log");
    lieAbout("/log/inclusion", (a) => void a.path.pop());
    expectFailure(await reading(), "entry_must_be_in_log", "log");
    lieAbout("/log/inclusion", (a) => {
      a.entry = city.entries[4];
    });
    expectFailure(await reading(), "entry_must_be_in_log", "log");
    lieAbout("/log/inclusion", (a) => {
      a.index = 4;
    });
    expectFailure(await reading(), "entry_must_be_in_log", "log");
  });

  test("checkpoint_must_be_in_state", async () => {
    city.ledger.make({ state: { "telemetry/log": { size: "many" } } });
    city.ledger.make();
    expectFailure(await reading(), "checkpoint_must_be_in_state", "checkpoint");
  });

  test("state_proof_must_match_app_hash", async () => {
    const op = (a: Answer) => a.result.response.proofOps.ops[0];
    const other: { answer?: Answer } = {};
    const lies: ((answer: Answer, path: string) => unknown)[] = [
      (a) => {
        op(a).data = flipByte(op(a).data, -5);
      },
      (a) => {
        op(a).data = op(a).data.slice(0, -8);
      },
      (a) => {
        op(a).data = "";
      },
      (a) => {
        op(a).type = "ics23:iavl";
      },
      (a) => {
        op(a).key = flipByte(op(a).key, 0);
      },
      (a) => {
        a.result.response.value = flipByte(a.result.response.value, 3);
      },
      (a) => {
        a.result.response.value = null;
      },
      // The proof of the entry that was asked for first, for every other one.
      (a) => {
        other.answer ??= a;
        op(a).data = other.answer === a ? flipByte(op(a).data, 9) : op(other.answer).data;
      },
    ];
    for (const lie of lies) {
      lieAbout("/ledger/abci_query", lie);
      expectFailure(await reading(), "state_proof_must_match_app_hash", "device");
      const verdict = await makeClient(core, city).verifyState("energy/slot/7");
      expectFailure(verdict, "state_proof_must_match_app_hash", "block");
    }
    // A proof of absence where there is a value, taken from the state before it was there.
    lieAbout("/ledger/abci_query", (a) => {
      a.result.response.value = null;
      op(a).data = toBase64(new FakeTree(core, city.ledger.blocks[0]!.state).proof("energy/slot/7"));
    });
    const verdict = await makeClient(core, city).verifyState("energy/slot/7");
    expectFailure(verdict, "state_proof_must_match_app_hash", "block");
  });

  test("transaction_must_be_in_block", async () => {
    const client = makeClient(core, city);
    expectFailure(await client.verifyTransaction("f".repeat(64), 4), "transaction_must_be_in_block", "block");
    expectFailure(await client.verifyTransaction(city.transaction.id, 5), "transaction_must_be_in_block", "block");
    lieAbout("/ledger/block", (a) => void a.result.block.data.txs.pop());
    expectFailure(await client.verifyBlock(4), "transaction_must_be_in_block", "block");
    lieAbout("/ledger/block", (a) => void a.result.block.data.txs.push(toBase64(utf8("more"))));
    expectFailure(await client.verifyTransaction(city.transaction.id, 4), "transaction_must_be_in_block", "block");
  });

  test("header_hash_must_match_commit", async () => {
    const fields = [
      "last_commit_hash",
      "data_hash",
      "next_validators_hash",
      "consensus_hash",
      "app_hash",
      "last_results_hash",
      "evidence_hash",
      "proposer_address",
    ];
    for (const field of fields) {
      lieAbout("/ledger/commit", (a) => {
        const { header } = a.result.signed_header;
        header[field] = flip(header[field], 3);
      });
      expectFailure(await reading(), "header_hash_must_match_commit", "block");
    }
    lieAbout("/ledger/commit", (a) => {
      a.result.signed_header.header.version.app = "2";
    });
    expectFailure(await reading(), "header_hash_must_match_commit", "block");
    lieAbout("/ledger/block", (a) => {
      a.result.block.header.app_hash = flip(a.result.block.header.app_hash, 3);
    });
    expectFailure(await makeClient(core, city).verifyBlock(4), "header_hash_must_match_commit", "block");
  });

  test("two signed headers of one height", async () => {
    const client = makeClient(core, city);
    expect((await client.verifyReading(shown(city, 3))).state).toBe("verified");
    const fork = makeCity(core);
    fork.ledger.blocks.pop();
    fork.ledger.make({ timeMs: city.ledger.genesisMs + 6001 });
    city.ledger.blocks.splice(5, 1, fork.ledger.blocks[5]!);
    city.nowMs += 10_000;
    expectFailure(await client.verifyReading(shown(city, 3)), "header_hash_must_match_commit", "block");
    // A header that does not join the verified one before it.
    city.ledger.blocks.splice(5, 1, ...makeCity(core).ledger.blocks.slice(5));
    city.ledger.make({ header: (h) => ({ ...h, lastBlockId: { ...h.lastBlockId, hash: new Uint8Array(32) } }) });
    city.nowMs += 10_000;
    expectFailure(await client.verifyReading(shown(city, 3)), "header_hash_must_match_commit", "block");
  });

  test("header_chain_must_match", async () => {
    const store = memoryStore();
    expect((await makeClient(core, city, store).verifyReading(shown(city, 3))).state).toBe("verified");
    city.ledger.make({ header: (header) => ({ ...header, chainId: "glasstown-other" }) });
    expectFailure(
      await makeClient(core, city, store).verifyReading(shown(city, 3)),
      "header_chain_must_match",
      "block",
    );
    // A memory that has lost its header still knows the chain's name.
    store.rows.delete("header/glasstown-test");
    lieAbout("/ledger/v1/chain", (a) => {
      a.chain = "glasstown-other";
    });
    const client = makeClient(core, city, store);
    expectFailure(await client.verifyReading(shown(city, 3)), "header_chain_must_match", "block");
    await client.forget();
    expect(await client.verifyBlock(7)).toMatchObject({ state: "verified" });
  });

  test("header_height_must_match", async () => {
    city.ledger.make();
    lieAbout("/ledger/commit?height=4", (a) => {
      a.result.signed_header.header.height = "5";
    });
    expectFailure(await makeClient(core, city).verifyBlock(4), "header_height_must_match", "block");
    lieAbout("/ledger/commit", (a) => {
      a.result.signed_header.commit.height = "4";
    });
    expectFailure(await reading(), "header_height_must_match", "block");
    lieAbout("/ledger/commit", (a) => {
      a.result.signed_header.header.height = "-1";
    });
    expectFailure(await reading(), "header_height_must_match", "block");
  });

  test("header_time_must_be_plausible", async () => {
    city.nowMs = city.ledger.genesisMs - 60_000;
    expectFailure(await reading(), "header_time_must_be_plausible", "block");
    city = makeCity(core);
    const client = makeClient(core, city);
    expect((await client.verifyBlock(6)).state).toBe("verified");
    city.ledger.make({ timeMs: city.ledger.genesisMs + 2000 });
    expectFailure(await client.verifyBlock(7), "header_time_must_be_plausible", "block");
  });

  test("validators_must_match_header", async () => {
    const lies: ((answer: Answer) => unknown)[] = [
      (a) => {
        a.result.validators[0].pub_key.value = flipByte(a.result.validators[0].pub_key.value, 4);
      },
      (a) => {
        a.result.validators[1].voting_power = "11";
      },
      (a) => {
        a.result.validators[1].voting_power = "0";
      },
      (a) => {
        a.result.validators[1].voting_power = "9223372036854775807";
      },
      (a) => void a.result.validators.pop(),
      (a) => void a.result.validators.reverse(),
      (a) => {
        a.result.validators[1] = a.result.validators[0];
      },
      (a) => {
        a.result.validators = [];
      },
      (a) => {
        a.result.validators[0].address = a.result.validators[1].address;
      },
    ];
    for (const lie of lies) {
      lieAbout("/ledger/validators", lie);
      expectFailure(await reading(), "validators_must_match_header", "signatures");
    }
  });

  test("validators_must_be_trusted", async () => {
    const store = memoryStore();
    expect((await makeClient(core, city, store).verifyReading(shown(city, 3))).state).toBe("verified");
    // Thieves who control the server but none of the keys go on with a chain of the same name.
    const thieves = makeSigners(core, 4, "thief");
    city.ledger.make({ nextSigners: thieves });
    city.ledger.blocks.pop();
    city.ledger.make();
    city.ledger.make();
    city.nowMs += 10_000;
    expectFailure(
      await makeClient(core, city, store).verifyReading(shown(city, 3)),
      "validators_must_be_trusted",
      "signatures",
    );
  });

  test("commit_must_match_validators", async () => {
    const lies: ((answer: Answer) => unknown)[] = [
      (a) => void a.result.signed_header.commit.signatures.pop(),
      (a) => void a.result.signed_header.commit.signatures.reverse(),
      (a) => {
        const { signatures } = a.result.signed_header.commit;
        signatures[1] = signatures[0];
      },
      (a) => {
        const { signatures } = a.result.signed_header.commit;
        signatures.push(signatures[0]);
      },
    ];
    for (const lie of lies) {
      lieAbout("/ledger/commit", lie);
      expectFailure(await reading(), "commit_must_match_validators", "signatures");
    }
  });

  test("signature_must_be_valid", async () => {
    lieAbout("/ledger/commit", (a) => {
      const slot = a.result.signed_header.commit.signatures[2];
      slot.signature = flipByte(slot.signature, 10);
    });
    expectFailure(await reading(), "signature_must_be_valid", "signatures");
    lieAbout("/ledger/commit", (a) => {
      a.result.signed_header.commit.signatures[2].signature = null;
    });
    expectFailure(await reading(), "signature_must_be_valid", "signatures");
    lieAbout("/ledger/commit", (a) => {
      a.result.signed_header.commit.signatures[2].block_id_flag = 3;
    });
    expectFailure(await reading(), "signature_must_be_valid", "signatures");
    lieAbout("/ledger/commit", (a) => {
      a.result.signed_header.commit.round = 1;
    });
    expectFailure(await reading(), "signature_must_be_valid", "signatures");
  });

  test("signatures_must_exceed_two_thirds", async () => {
    const absent: CommitSignature = {
      flag: 1,
      validatorAddress: new Uint8Array(),
      timestamp: { seconds: -62135596800n, nanos: 0 },
      signature: new Uint8Array(),
    };
    city.ledger.make({ commit: (slots) => slots.map((slot, i) => (i < 2 ? absent : slot)) });
    expectFailure(await reading(), "signatures_must_exceed_two_thirds", "signatures");
    city.ledger.blocks.pop();
    city.ledger.make({ vote: (i) => (i < 2 ? "nil" : "commit") });
    expectFailure(await reading(), "signatures_must_exceed_two_thirds", "signatures");
  });

  test("trust_must_not_be_expired", async () => {
    const store = memoryStore();
    expect((await makeClient(core, city, store).verifyReading(shown(city, 3))).state).toBe("verified");
    city.nowMs = city.ledger.genesisMs + 6000 + trustingPeriodMs;
    city.ledger.make({ timeMs: city.nowMs - 5000 });
    expectFailure(
      await makeClient(core, city, store).verifyReading(shown(city, 3)),
      "trust_must_not_be_expired",
      "signatures",
    );
    const client = makeClient(core, city, store);
    await client.forget();
    expect(await client.verifyReading(shown(city, 3))).toMatchObject({ state: "verified" });
    // A head that old is no first contact either.
    city.nowMs += trustingPeriodMs;
    expectFailure(await reading(), "trust_must_not_be_expired", "signatures");
  });
});

describe("trust", () => {
  test("is remembered, and goes over many changes of validators by bridges", async () => {
    const store = memoryStore();
    expect((await makeClient(core, city, store).verifyBlock(6)).state).toBe("verified");
    // Every third block one of four validators is replaced: after twelve blocks no one of the first is left.
    let set = [...city.signers];
    const fresh = makeSigners(core, 8, "fresh");
    for (let i = 0; i < 24; i++) {
      if (i % 3 === 0) set = [...set.slice(1), fresh[i / 3]!];
      city.ledger.make({ nextSigners: set });
    }
    const asked = city.ledger.asked.length;
    expect(await makeClient(core, city, store).verifyState("energy/slot/7")).toMatchObject({
      state: "verified",
      height: 30,
    });
    const commits = city.ledger.asked.slice(asked).filter((path) => path.startsWith("/ledger/commit?height="));
    expect(commits.length).toBeGreaterThan(0);
    expect(commits.length).toBeLessThan(20);
    expect(city.ledger.asked.slice(asked).some((path) => path.includes("/v1/chain"))).toBe(false);
  });

  test("goes backwards to older blocks", async () => {
    const client = makeClient(core, city);
    for (const height of [5, 2, 1, 3])
      expect(await client.verifyBlock(height)).toMatchObject({ state: "verified", height });
  });

  test("does not go backwards to another past", async () => {
    const client = makeClient(core, city);
    expect((await client.verifyBlock(6)).state).toBe("verified");
    const other = makeCity(core);
    const thieves = makeSigners(core, 4, "thief");
    const past = new FakeLedger(core, other.ledger.chain, thieves, other.ledger.genesisMs);
    past.make();
    past.make();
    city.ledger.blocks.splice(1, 1, past.blocks[1]!);
    expectFailure(await client.verifyBlock(2), "validators_must_be_trusted", "signatures");
  });

  test("a damaged or refusing memory counts as none", async () => {
    const store = memoryStore();
    store.rows.set("home", { chain: "glasstown-test" });
    store.rows.set("header/glasstown-test", { header: "?" });
    expect(await makeClient(core, city, store).verifyReading(shown(city, 3))).toMatchObject({ state: "verified" });
    const refusing = { get: () => Promise.reject(new Error("no")), put: () => Promise.reject(new Error("no")) };
    expect(await makeClient(core, city, refusing).verifyReading(shown(city, 3))).toMatchObject({ state: "verified" });
  });

  test("many questions at once share the work", async () => {
    const client = makeClient(core, city);
    const verdicts = await Promise.all(Array.from({ length: 20 }, (_, i) => client.verifyReading(shown(city, i % 8))));
    expect(new Set(verdicts.map(({ state }) => state))).toEqual(new Set(["verified"]));
    expect(city.ledger.asked.filter((path) => path.startsWith("/ledger/commit")).length).toBeLessThan(4);
  });

  test("more than a hundred validators come in pages", async () => {
    const signers = makeSigners(core, 130, "many");
    const { ledger } = city;
    const wide = new FakeLedger(core, "glasstown-wide", signers, ledger.genesisMs);
    wide.make({ state: { [`telemetry/device/${device}`]: { key: "0".repeat(64) } } });
    wide.make();
    const client = makeClient(core, { ...city, ledger: wide });
    expect(await client.verifyBlock(2)).toMatchObject({ state: "verified", signers: 130, validators: 130 });
  });
});
