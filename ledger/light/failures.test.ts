// Every reason to fail: a fake ledger with real keys tells one lie at a time, and the verdict says which.

import { beforeEach, describe, expect, test } from "vitest";
import type { CommitSignature } from "../../wasm-core/bindings/comet.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { utf8 } from "../protocol/bytes.ts";
import { fromBase64, toBase64 } from "../protocol/comet.ts";
import { expectFailure } from "./testing/expectations.ts";
import {
  clearedSlot,
  type FakeCity,
  makeCity,
  makeClient,
  memoryStore,
  shown,
  signReading,
  slotEntry,
} from "./testing/fake-city.ts";
import { makeSigners } from "./testing/fake-ledger.ts";
import { FakeTree } from "./testing/fake-tree.ts";
import type { Verdict } from "./verdict.ts";
import { defaultPolicy } from "./verify-step.ts";

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
    const verdict = await client.verifyState(slotEntry, { ...clearedSlot, price: "140001" });
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
      const verdict = await makeClient(core, city).verifyState(slotEntry);
      expectFailure(verdict, "state_proof_must_match_app_hash", "block");
    }
    // A proof of absence where there is a value, taken from the state before it was there.
    lieAbout("/ledger/abci_query", (a) => {
      a.result.response.value = null;
      op(a).data = toBase64(new FakeTree(core, city.ledger.blocks[0]!.state).proof(slotEntry));
    });
    const verdict = await makeClient(core, city).verifyState(slotEntry);
    expectFailure(verdict, "state_proof_must_match_app_hash", "block");
  });

  test("a node whose application proves nothing has no answer: neither value nor proof is no lie, a value without proof is", async () => {
    lieAbout("/ledger/abci_query", (a) => {
      Object.assign(a.result.response, { value: null, proofOps: null, log: "does not exist" });
    });
    const verdict = await makeClient(core, city).verifyState(slotEntry);
    expect(verdict).toMatchObject({ state: "unverified", reason: "server_must_answer" });
    lieAbout("/ledger/abci_query", (a) => {
      a.result.response.proofOps = null;
    });
    const bare = await makeClient(core, city).verifyState(slotEntry);
    expectFailure(bare, "answer_must_be_well_formed", "block");
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
    // Validators that are trusted signed both: nothing is believed any more.
    expectFailure(await client.verifyBlock(3), "sources_must_agree", "block");
    expect(await client.attack()).toMatchObject({ kind: "equivocation", signedBoth: { length: 4 } });
    // A header that does not join the verified one before it.
    await client.forget();
    expect((await client.verifyReading(shown(city, 3))).state).toBe("verified");
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
    for (const key of [...store.rows.keys()]) if (key.startsWith("header/")) store.rows.delete(key);
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
    city.nowMs = city.ledger.genesisMs + 6000 + defaultPolicy.trustingPeriodMs;
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
    city.nowMs += defaultPolicy.trustingPeriodMs;
    expectFailure(await reading(), "trust_must_not_be_expired", "signatures");
  });
});
