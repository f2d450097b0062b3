// Rules of transactions (README.md), at admission and in a block. The table violates a rule and later ones, so it pins the order.

import { describe, expect, it } from "vitest";
import { loadStateTree } from "../../../wasm-core/bindings/node.ts";
import { type AccountRecord, accountsState } from "../../protocol/accounts.ts";
import { hex, utf8 } from "../../protocol/bytes.ts";
import { canonicalBytes, canonicalText } from "../../protocol/canonical.ts";
import { verifyEd25519Batch, verifyEd25519Sync } from "../../protocol/ed25519-node.ts";
import { moneyState } from "../../protocol/money.ts";
import { type AnswerChange, testPasskey } from "../../protocol/test-passkey.ts";
import {
  type Authorisation,
  type Message,
  type TransactionBody,
  transactionBytes,
  transactionId,
} from "../../protocol/transaction.ts";
import { createApplication } from "../city-application.ts";
import { enabledModules } from "../enabled.ts";
import type { MessageBinding } from "../module.ts";
import {
  accountOfPasskey,
  authorise,
  authorisePasskey,
  bodyOf,
  chain,
  genesis,
  headerHashAt,
  newApplication,
  noPending,
  person,
  registrar,
  registration,
  signed,
  startMs,
  TestCity,
  testHasher,
} from "../test-city.ts";
import type { VerifySignatures } from "./admission.ts";
import { ann, bob, cityOfTwo, refusalOf, transfer } from "./test-two-citizens.ts";

const eve = person("eve");

const forged = (by: string, key = ann.key): Authorisation => ({ by, kind: "ed25519", key, signature: "00".repeat(64) });

describe("transactions", () => {
  it("TX-1, TX-2, TX-3, TX-4: refuses bytes that are not a transaction, in this order", () => {
    const city = cityOfTwo();
    const valid = Buffer.from(signed([transfer()], [ann], 10)).toString();
    const table: readonly (readonly [Uint8Array, string])[] = [
      [new Uint8Array(65_537).fill(0x7b), "transaction_bytes_must_not_exceed_limit"],
      [new Uint8Array(65_536).fill(0x5b), "transaction_must_be_json"],
      [new Uint8Array(0), "transaction_must_be_json"],
      [Uint8Array.of(0xff, 0x22, 0x22), "transaction_must_be_json"],
      [utf8("null"), "transaction_must_match_schema"],
      [utf8('{"body":{"__proto__":1},"auth":[]}'), "transaction_must_match_schema"],
      [utf8(valid.replace('"auth"', '"extra":1,"auth"')), "transaction_must_match_schema"],
      [utf8(` ${valid}`), "transaction_must_be_canonical"],
      [utf8(`\u{feff}${valid}`), "transaction_must_be_canonical"],
      [utf8(valid.replace('"expires":10', '"expires":1e1')), "transaction_must_be_canonical"],
      [utf8(valid.replace('"expires":10', '"expires":11,"expires":10')), "transaction_must_be_canonical"],
      [utf8(valid.replace('"amount":"1"', '"amount":"1","note":"\\ud800"')), "transaction_must_be_canonical"],
      [utf8(valid), ""],
    ];
    for (const [bytes, refusal] of table) {
      expect(refusalOf(city, bytes)).toBe(refusal);
      const { id, by, expires } = city.application.check(bytes, noPending);
      if (refusal !== "") expect({ id, by, expires }).toEqual({ id: "", by: [], expires: 0 });
    }
  });

  it("TX-4: what JSON can hide from a schema shows as a difference", () => {
    const city = cityOfTwo();
    const body = bodyOf([transfer()], 10);
    const text = canonicalText({ body, auth: [authorise(body, ann)] });
    const hidden = text.replace('{"auth"', '{"__proto__":{"auth":[]},"auth"');
    expect(refusalOf(city, utf8(hidden))).toMatch(/must_match_schema|must_be_canonical/);
  });

  it("TX-5, TX-6, TX-7, TX-8, TX-9, TX-10, TX-11, TX-12: refuses a well-formed transaction in this order", () => {
    const city = cityOfTwo();
    city.block([]);
    const height = city.application.height + 1;
    const old = bodyOf([transfer()], height + 5);
    city.block([transactionBytes({ body: old, auth: [authorise(old, ann)] })]);
    const next = height + 1;
    const make = (change: Partial<TransactionBody>, auth: Authorisation[]): Uint8Array =>
      transactionBytes({ body: { ...bodyOf([transfer()], next), ...change }, auth });
    const own = bodyOf([transfer("999999999999999")], next);
    const table: readonly (readonly [Uint8Array, string])[] = [
      [make({ chain: "other", expires: 1 }, [forged(eve.account)]), "transaction_chain_must_match"],
      [make({ expires: next - 1 }, [forged(eve.account)]), "transaction_must_not_be_expired"],
      [make({ expires: next + 601 }, [forged(eve.account)]), "transaction_expiry_must_be_near"],
      [transactionBytes({ body: old, auth: [forged(eve.account)] }), "transaction_must_not_be_repeated"],
      [make({}, [forged(eve.account)]), "transaction_auth_must_cover_every_actor"],
      [make({}, [forged(ann.account, bob.key), forged(eve.account)]), "transaction_auth_must_not_be_superfluous"],
      [make({}, [forged(ann.account), forged(ann.account)]), "transaction_auth_must_not_be_superfluous"],
      [make({}, [forged(ann.account, bob.key)]), "transaction_key_must_belong_to_account"],
      [make({}, [forged(ann.account)]), "transaction_signature_must_be_valid"],
      [
        transactionBytes({ body: own, auth: [{ ...authorise(own, bob), by: ann.account, key: ann.key }] }),
        "transaction_signature_must_be_valid",
      ],
      [transactionBytes({ body: own, auth: [authorise(own, ann)] }), "money_balance_must_suffice"],
      [make({ expires: next + 600 }, [forged(ann.account)]), "transaction_signature_must_be_valid"],
    ];
    for (const [bytes, refusal] of table) expect(refusalOf(city, bytes)).toBe(refusal);
  });

  it("TX-8, TX-14: the same body is one transaction, whoever signs it again, applied or refused, until it expires", () => {
    const city = cityOfTwo();
    const expires = city.application.height + 4;
    const applied = signed([transfer()], [ann], expires);
    const refused = signed([transfer("999999999999999")], [ann], expires);
    const results = city.block([applied, applied, refused, refused]).results.map(({ refusal }) => refusal);
    expect(results).toEqual([
      "",
      "transaction_must_not_be_repeated",
      "money_balance_must_suffice",
      "transaction_must_not_be_repeated",
    ]);
    expect(refusalOf(city, applied)).toBe("transaction_must_not_be_repeated");
    const seen = city.application
      .list("transactions/seen/")
      .map(([name, value]) => [name, Buffer.from(value).toString()]);
    const height = city.application.height;
    const { body } = JSON.parse(Buffer.from(refused).toString()) as { body: TransactionBody };
    const name = `transactions/seen/${String(expires).padStart(12, "0")}/${transactionId(body)}`;
    expect(seen).toContainEqual([name, `{"code":400,"height":${height}}`]);
    while (city.application.height < expires) city.block([]);
    expect(city.read(name)).not.toBeNull();
    expect(refusalOf(city, applied)).toBe("transaction_must_not_be_expired");
    while (city.application.list("transactions/seen/").length > 0) city.block([]);
    expect(refusalOf(city, applied)).toBe("transaction_must_not_be_expired");
  });

  it("TX-14: forgetting is bounded in a block and keeps up with full blocks", () => {
    const city = new TestCity({ appState: { ...genesis, treasury: "900000000000000" } });
    const many = Array.from({ length: 1_200 }, () =>
      signed([{ type: "money/transfer", by: registrar.account, to: ann.account, amount: "1" }], [registrar], 2),
    );
    expect(city.apply([registration(ann, "Ann")], ann)).toBe("");
    expect(city.block(many).results.every(({ code }) => code === 0)).toBe(true);
    const remembered = (): number => city.application.list("transactions/seen/").length;
    expect(remembered()).toBe(1_201);
    city.block([]);
    expect(remembered()).toBe(201);
    city.block([]);
    expect(remembered()).toBe(1);
  });

  it("TX-11: a new account's key stands in the message that registers it, and no one else's account can be claimed", () => {
    const city = cityOfTwo();
    const register = (by: string, key: string): Message => ({ type: "accounts/register", by, key, name: "Eve" });
    const make = (message: Message, auth: (body: TransactionBody) => Authorisation): Uint8Array => {
      const body = bodyOf([message], city.application.height + 1);
      return transactionBytes({ body, auth: [auth(body)] });
    };
    const as = (account: string) => (body: TransactionBody) => ({ ...authorise(body, eve), by: account });
    expect(refusalOf(city, make(register(ann.account, eve.key), as(ann.account)))).toBe(
      "transaction_key_must_belong_to_account",
    );
    expect(refusalOf(city, make(register(person("x").account, eve.key), as(person("x").account)))).toBe(
      "accounts_id_must_match_key",
    );
    expect(
      refusalOf(
        city,
        make(register(eve.account, eve.key), (body) => ({ ...as(eve.account)(body), key: bob.key })),
      ),
    ).toBe("transaction_key_must_belong_to_account");
    const stranger: Message = { type: "money/transfer", by: eve.account, to: ann.account, amount: "1" };
    expect(refusalOf(city, make(stranger, as(eve.account)))).toBe("transaction_key_must_belong_to_account");
    expect(refusalOf(city, make(register(eve.account, eve.key), as(eve.account)))).toBe("");
  });

  it("TX-9: several parties act in one transaction when all authorise it", () => {
    const city = cityOfTwo();
    const back: Message = { type: "money/transfer", by: bob.account, to: ann.account, amount: "2" };
    expect(city.apply([transfer(), back], ann)).toBe("transaction_auth_must_cover_every_actor");
    expect(city.apply([transfer(), back], bob, ann)).toBe("");
    expect(city.read(moneyState.balance(ann.account))).toEqual({ creditsPosted: "100000002", debitsPosted: "1" });
  });

  it("TX-19, TX-20, TX-12: a passkey authorises what it was asked for, by the relying party it is registered with", () => {
    const city = cityOfTwo();
    const passkey = testPasskey("cleo");
    const by = accountOfPasskey(passkey);
    const body = bodyOf(
      [{ type: "accounts/register", by, name: "Cleo", key: passkey.key, rpId: passkey.rpId }],
      city.application.height + 5,
    );
    const make = (change: AnswerChange): Uint8Array =>
      transactionBytes({ body, auth: [authorisePasskey(body, passkey, by, change)] });
    const challenge = new Uint8Array(32);
    const table: readonly (readonly [AnswerChange, string])[] = [
      [{ type: "webauthn.create", challenge, rpId: "evil.example" }, "transaction_passkey_type_must_be_get"],
      [{ challenge, flags: 0, rpId: "evil.example" }, "transaction_passkey_challenge_must_match"],
      [{ flags: 0, rpId: "evil.example" }, "transaction_passkey_user_must_be_present"],
      [{ rpId: "evil.example", origin: "https://evil.example" }, "transaction_passkey_rp_id_hash_must_match"],
      [{ origin: "https://evil.example" }, "transaction_passkey_origin_must_fit"],
    ];
    for (const [change, refusal] of table) expect(refusalOf(city, make(change))).toBe(refusal);
    const stranger = testPasskey("dora");
    const forgedAnswer = { ...authorisePasskey(body, stranger, by), key: passkey.key };
    expect(refusalOf(city, transactionBytes({ body, auth: [forgedAnswer] }))).toBe(
      "transaction_signature_must_be_valid",
    );
    expect(refusalOf(city, transactionBytes({ body, auth: [authorisePasskey(body, stranger, by)] }))).toBe(
      "transaction_key_must_belong_to_account",
    );
    expect(city.block([make({})]).results[0]!.refusal).toBe("");
    expect(city.read<AccountRecord>(accountsState.account(by))!.keys).toEqual([
      { kind: "passkey", key: passkey.key, rpId: passkey.rpId },
    ]);
    const pay = bodyOf([{ type: "money/transfer", by, to: ann.account, amount: "1" }], city.application.height + 5);
    // Together with others, verified as a batch or alone.
    const both = bodyOf([...pay.messages, transfer()], city.application.height + 5);
    const transactions = [
      transactionBytes({ body: pay, auth: [authorisePasskey(pay, passkey, by, { flags: 0x1d })] }),
      transactionBytes({ body: both, auth: [authorise(both, ann), authorisePasskey(both, passkey)] }),
      transactionBytes({
        body: both,
        auth: [{ ...authorisePasskey(both, passkey), signature: "11".repeat(64) }, authorise(both, ann)],
      }),
    ];
    expect(city.block(transactions).results.map(({ refusal }) => refusal)).toEqual([
      "",
      "",
      "transaction_must_not_be_repeated",
    ]);
  });

  it("TX-3: a passkey's key comes with its relying party, and no other key does", () => {
    const city = cityOfTwo();
    const passkey = testPasskey("cleo");
    const by = accountOfPasskey(passkey);
    const message = { type: "accounts/register", by, name: "Cleo", key: passkey.key, rpId: passkey.rpId } as const;
    const make = (wrong: Message, auth = authorisePasskey): Uint8Array => {
      const body = bodyOf([wrong], city.application.height + 5);
      return transactionBytes({ body, auth: [auth(body, passkey, by)] });
    };
    const { rpId: _, ...without } = message;
    const wrong: readonly Message[] = [
      without,
      { ...registration(eve, "Eve"), rpId: "glasstown.example" } as Message,
      { ...message, rpId: "https://glasstown.example" },
      { ...message, rpId: "Glasstown.example" },
      { ...message, rpId: "127.0.0.1" },
      { ...message, rpId: "" },
      { ...message, rpId: "a..b" },
      { ...message, rpId: "glasstown.example." },
      { ...message, rpId: `${"a.".repeat(127)}ab` },
      { ...message, key: `04${passkey.key.slice(2)}` },
    ];
    for (const one of wrong) expect(refusalOf(city, make(one))).toBe("transaction_must_match_schema");
    for (const rpId of ["localhost", "intranet", "a-b.example.co.uk", "xn--9k3b.example"])
      expect(refusalOf(city, make({ ...message, rpId }))).not.toBe("transaction_must_match_schema");
    const asEd25519 = make(message, (body) => ({ ...authorise(body, eve), by, key: passkey.key }));
    expect(refusalOf(city, asEd25519)).toBe("transaction_must_match_schema");
  });

  it("TX-15, TX-16: messages apply all or none, in order; the refusal names the message", () => {
    const city = cityOfTwo();
    const before = city.read(moneyState.balance(ann.account));
    const messages = [transfer("60000000"), transfer("50000000")];
    const result = city.block([signed(messages, [ann], city.application.height + 1)]).results[0]!;
    expect(result).toMatchObject({
      code: 400,
      codespace: "money",
      refusal: "money_balance_must_suffice",
      params: { balance: "40000000", amount: "50000000", message: 1 },
      events: [],
    });
    expect(city.read(moneyState.balance(ann.account))).toEqual(before);
    expect(city.apply([transfer("60000000"), transfer("40000000")], ann)).toBe("");
    expect(city.read(moneyState.balance(ann.account))).toEqual({
      creditsPosted: "100000000",
      debitsPosted: "100000000",
    });
  });

  it("TX-17: admission knows the committed state only, and lets an order for a slot about to open pass", () => {
    const city = cityOfTwo();
    const slot = startMs / 60_000;
    const bid = (at: number): Uint8Array =>
      signed([{ type: "energy/bid", by: ann.account, slot: at, energyWh: "1", price: "1" }], [ann], 10);
    expect(city.application.check(bid(slot + 4), noPending).refusal).toBe("");
    expect(city.application.check(bid(slot + 5), noPending).refusal).toBe("energy_slot_must_be_open");
    expect(city.block([bid(slot + 4)]).results[0]!.refusal).toBe("energy_slot_must_be_open");
    const all = signed([transfer("100000000")], [ann], 10);
    expect(city.application.check(all, noPending).refusal).toBe("");
    expect(city.application.check(signed([transfer("100000000")], [ann], 10), noPending).refusal).toBe("");
  });

  it("TX-12: verifies the signatures of a block together, with the verdict of each", () => {
    let batches = 0;
    const city = (verifyAll?: VerifySignatures) => {
      const application = createApplication({
        hasher: testHasher,
        newTree: loadStateTree,
        verify: verifyEd25519Sync,
        ...(verifyAll === undefined ? {} : { verifyAll }),
      });
      application.initialise(chain, genesis);
      return application;
    };
    const together = city((signatures) => {
      batches++;
      return verifyEd25519Batch(signatures);
    });
    const forge = (bytes: Uint8Array): Uint8Array =>
      utf8(
        Buffer.from(bytes)
          .toString()
          .replace(/"signature":"../, '"signature":"00'),
      );
    const transactions = [
      signed([registration(ann, "Ann")], [ann], 5),
      forge(signed([registration(bob, "Bob")], [bob], 5)),
      utf8("no transaction"),
      signed([registration(ann, "Ann"), registration(bob, "Bob")], [ann, bob], 5),
      signed([registration(bob, "Bob")], [bob], 5),
    ];
    const block = { height: 1, hash: headerHashAt(1), timeMs: startMs, transactions };
    const result = together.finalise(block);
    expect(batches).toBe(1);
    expect(result.results.map(({ code }) => code === 0)).toEqual([true, false, false, false, true]);
    expect(result).toEqual(city().finalise(block));
    // A verdict that is missing is no permission.
    for (const count of [0, 1, 3]) {
      const few = city((signatures) => verifyEd25519Batch(signatures).slice(0, count));
      expect(few.finalise(block)).toEqual(result);
    }
  });

  it("TX-27: an applied transaction's data is the root over its events, and a refused one's is empty", () => {
    const city = cityOfTwo();
    const { application } = city;
    const valid = signed([transfer(), transfer()], [ann], 10);
    expect(application.check(valid, noPending).data).toEqual(new Uint8Array(0));
    const { results } = city.block([
      valid,
      signed([transfer("999999999999999")], [ann], 10),
      signed([transfer(), transfer("999999999999999")], [ann], 10),
      utf8("no transaction"),
    ]);
    expect(results.map(({ code }) => code === 0)).toEqual([true, false, false, false]);
    expect(results[0]!.events.map(({ type }) => type)).toEqual(["money/transferred", "money/transferred"]);
    const leaf = (index: number): Uint8Array => testHasher.leafHash(canonicalBytes(results[0]!.events[index]));
    expect(hex(results[0]!.data)).toBe(hex(testHasher.innerHash(leaf(0), leaf(1))));
    for (const { data, events } of results.slice(1)) expect([data, events]).toEqual([new Uint8Array(0), []]);
    const quiet = enabledModules.map((module) => ({
      ...module,
      messages: module.messages.map(
        (one): MessageBinding => ({
          ...one,
          apply: (execution, message) => one.apply({ ...execution, emit: () => undefined }, message),
        }),
      ),
    }));
    const silent = newApplication({ modules: quiet });
    silent.initialise(chain, genesis);
    const block = { height: 1, hash: headerHashAt(1), timeMs: startMs };
    const [told] = silent.finalise({ ...block, transactions: [signed([registration(eve, "Eve")], [eve], 10)] }).results;
    expect([told!.code, told!.events, hex(told!.data)]).toEqual([0, [], hex(testHasher.sha256(new Uint8Array(0)))]);
  });

  it("TX-18: verifies a signature at admission once and not again in the block", () => {
    let verified = 0;
    const application = createApplication({
      hasher: testHasher,
      newTree: loadStateTree,
      verify: (...parts) => {
        verified++;
        return verifyEd25519Sync(...parts);
      },
    });
    application.initialise(chain, genesis);
    const bytes = signed([registration(ann, "Ann")], [ann], 5);
    expect(application.check(bytes, noPending).code).toBe(0);
    expect(application.check(bytes, noPending).code).toBe(0);
    expect(verified).toBe(1);
    application.finalise({ height: 1, hash: headerHashAt(1), timeMs: startMs, transactions: [bytes] });
    expect(verified).toBe(1);
    application.commit();
    const forged = utf8(
      Buffer.from(signed([registration(bob, "Bob")], [bob], 5))
        .toString()
        .replace(/"signature":"../, '"signature":"00'),
    );
    for (let n = 0; n < 2; n++) expect(application.check(forged, noPending).code).toBe(12);
    const second = { height: 2, hash: headerHashAt(2), timeMs: startMs, transactions: [forged] };
    expect(application.finalise(second).results[0]!.code).toBe(12);
    expect(verified).toBe(4);
  });
});
