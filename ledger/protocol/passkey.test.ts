// Passkey assertions: the W3C's own vectors (WebAuthn Level 3, section 16), each check by its name in its order, and hostile answers.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeVectors, vectorPath } from "../../tests/conformance/vectors.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { fromHex, hex, utf8 } from "./bytes.ts";
import { rawOfDerSignature, verifyP256 } from "./p256.ts";
import { type PasskeyAnswer, readAssertion, refusePasskey } from "./passkey.ts";
import { readClientData } from "./passkey-client-data.ts";
import { isCborMap } from "./passkey-extensions.ts";
import { isSoundKey } from "./sound-key.ts";
import { type AnswerChange, testPasskey } from "./test-passkey.ts";

const passkey = testPasskey("citizen");
const challenge = new Uint8Array(32).fill(7);
const expected: { readonly challenge: Uint8Array; readonly key: string; readonly rpId: string } = {
  challenge,
  key: passkey.key,
  rpId: passkey.rpId,
};

/** The refusal of an answer by its name without the common part, or "". */
function verdict(answer: PasskeyAnswer, on: Partial<typeof expected> = {}): string {
  const refusal = refusePasskey(answer, { ...expected, ...on }, verifyP256);
  return refusal === null ? "" : refusal.name.replace("transaction_passkey_", "");
}

const clientData = (members: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    type: "webauthn.get",
    challenge: toBase64url(challenge),
    origin: "https://glasstown.example",
    crossOrigin: false,
    ...members,
  });

describeVectors("identity/webauthn-l3-testvectors-es256.txt", "the W3C's ES256 vectors", () => {
  const text = readFileSync(vectorPath("identity/webauthn-l3-testvectors-es256.txt"), "utf8");
  const sections = text.split(/^## /m).filter((section) => section.startsWith("ES256"));
  const vectorValue = (part: string, name: string): Uint8Array | null => {
    const value = new RegExp(`^${name} = h'([0-9a-f]*)'`, "m").exec(part)?.[1];
    return value === undefined ? null : fromHex(value);
  };
  const ceremonies = sections.map((section) => {
    const [registration, authentication] = section.split("[=authentication ceremony|");
    return { title: section.split("\n")[0]!, registration: registration!, authentication: authentication! };
  });
  /** x and y of the COSE key (RFC 9053, section 7.1.1) with labels in CTAP2's order. */
  const keyOf = (registration: string): string => {
    const attestation = hex(vectorValue(registration, "attestationObject")!);
    const [, x, y] = /a5010203262001215820([0-9a-f]{64})225820([0-9a-f]{64})/.exec(attestation)!;
    return (Number.parseInt(y!.at(-1)!, 16) % 2 === 0 ? "02" : "03") + x!;
  };
  const complete = ceremonies.filter(({ authentication }) => vectorValue(authentication, "signature") !== null);

  it("registrations: client data and keys are sound", () => {
    expect(ceremonies.length).toBeGreaterThanOrEqual(3);
    for (const { registration } of ceremonies) {
      expect(isSoundKey(keyOf(registration))).toBe(true);
      const client = readClientData(vectorValue(registration, "clientDataJSON")!);
      expect(client).toMatchObject({
        type: "webauthn.create",
        challenge: toBase64url(vectorValue(registration, "challenge")!),
        origin: "https://example.org",
      });
    }
    expect(
      ceremonies.map(({ registration }) => readClientData(vectorValue(registration, "clientDataJSON")!)!.crossOrigin),
    ).toEqual(ceremonies.map(({ title }) => title.includes("crossOrigin")));
  });

  it("authentications: verify; where no user was verified, the ledger refuses for that alone", () => {
    expect(complete.length).toBeGreaterThanOrEqual(2);
    for (const { registration, authentication } of complete) {
      const data = vectorValue(authentication, "authenticatorData")!;
      const answer: PasskeyAnswer = {
        authenticatorData: toBase64url(data),
        clientDataJSON: toBase64url(vectorValue(authentication, "clientDataJSON")!),
        signature: hex(rawOfDerSignature(vectorValue(authentication, "signature")!)!),
      };
      const on = {
        challenge: vectorValue(authentication, "challenge")!,
        key: keyOf(registration),
        rpId: "example.org",
      };
      expect(refusePasskey(answer, { ...on, userVerification: "preferred" }, verifyP256)).toBeNull();
      const verified = (data[32]! & 0x04) !== 0;
      expect(verdict(answer, on)).toBe(verified ? "" : "user_must_be_verified");
      const wrong = hex(rawOfDerSignature(vectorValue(authentication, "signature")!)!.reverse());
      expect(
        refusePasskey({ ...answer, signature: wrong }, { ...on, userVerification: "preferred" }, verifyP256)?.name,
      ).toBe("transaction_signature_must_be_valid");
    }
  });
});

describe("an answer", () => {
  it("holds as browsers give it", () => {
    expect(verdict(passkey.answer(challenge))).toBe("");
    expect(verdict(passkey.answer(challenge, { origin: "https://www.glasstown.example:8443" }))).toBe("");
    const local = testPasskey("local", "localhost");
    expect(verdict(local.answer(challenge), { key: local.key, rpId: "localhost" })).toBe("");
    // BE and BS, as synced passkeys have them; reserved flags are not ours to judge.
    for (const flags of [0x0d, 0x1d, 0x07, 0x25]) expect(verdict(passkey.answer(challenge, { flags }))).toBe("");
  });

  it("is refused by the name of the first check that fails, in this order", () => {
    const other = new Uint8Array(32);
    const change: readonly (readonly [string, AnswerChange])[] = [
      ["client_data_must_be_well_formed", { clientData: "{" }],
      ["type_must_be_get", { type: "webauthn.create" }],
      ["challenge_must_match", { challenge: other }],
      ["must_not_be_cross_origin", { crossOrigin: true }],
      ["authenticator_data_must_be_well_formed", { after: Uint8Array.of(0) }],
      ["user_must_be_present", { flags: 0 }],
      ["user_must_be_verified", { flags: 1 }],
      ["rp_id_hash_must_match", { rpId: "evil.example" }],
      ["origin_must_fit", { origin: "https://evil.example" }],
    ];
    change.forEach(([name], first) => {
      // This fault and all later ones; `flags` of an earlier row must not be lost under a later one's.
      const faults = Object.assign(
        {},
        ...change
          .slice(first)
          .map(([, one]) => one)
          .reverse(),
      ) as AnswerChange;
      expect(verdict(passkey.answer(challenge, faults))).toBe(name);
    });
    const { signature, ...rest } = passkey.answer(challenge);
    const another = signature.startsWith("0") ? `1${signature.slice(1)}` : `0${signature.slice(1)}`;
    expect(verdict({ ...rest, signature: another })).toBe("transaction_signature_must_be_valid");
    expect(verdict({ ...rest, signature: signature.toUpperCase() })).toBe("transaction_signature_must_be_valid");
    expect(verdict(testPasskey("thief").answer(challenge))).toBe("transaction_signature_must_be_valid");
  });
});

describe("client data", () => {
  it("may have its members in any order and others among them", () => {
    const texts = [
      clientData({ extraData: "x", tokenBinding: { status: "supported" } }),
      `{"challenge":"${toBase64url(challenge)}","clientExtensions":{},"hashAlgorithm":"SHA-256","origin":"https://glasstown.example","type":"webauthn.get"}`,
      `{ "type" : "webauthn\\u002eget", "nested": {"type": 1, "challenge": [{"origin": "\\""}]}, ${clientData({}).slice(1).replace('"type":"webauthn.get",', "")}`,
    ];
    for (const text of texts)
      expect([text, verdict(passkey.answer(challenge, { clientData: text }))]).toEqual([text, ""]);
  });

  it("is refused when a member stands twice, whichever is the right one", () => {
    const good = clientData({});
    for (const text of [
      good.replace("{", '{"type":"webauthn.create",'),
      good.replace("}", ',"type":"webauthn.create"}'),
      good.replace("}", ',"\\u0074ype":"webauthn.get"}'),
      good.replace("}", ',"origin":"https://evil.example"}'),
      good.replace("}", `,"challenge":"${toBase64url(new Uint8Array(32))}"}`),
      good.replace("}", ',"x":1,"x":1}'),
    ])
      expect([text, verdict(passkey.answer(challenge, { clientData: text }))]).toEqual([
        text,
        "client_data_must_be_well_formed",
      ]);
  });

  it("is refused when it is no such object", () => {
    const texts: readonly (string | Uint8Array)[] = [
      "",
      "null",
      "[]",
      "1",
      '"text"',
      "{}",
      clientData({ type: 1 }),
      clientData({ challenge: null }),
      clientData({ origin: ["https://glasstown.example"] }),
      clientData({ crossOrigin: "false" }),
      `\u{feff}${clientData({})}`,
      `${clientData({})} {}`,
      `${clientData({})},`,
      clientData({})
        .replace("{", '{"__proto__":{"type":"webauthn.get"},')
        .replace('"type":"webauthn.get","challenge"', '"challenge"'),
      new Uint8Array([...utf8(clientData({})).subarray(0, -1), 0xff, 0x7d]),
      clientData({ padding: "x".repeat(2_048) }),
      "[".repeat(2_000),
      `${'{"a":'.repeat(300)}1${"}".repeat(300)}`,
    ];
    for (const text of texts)
      expect([String(text).slice(0, 80), verdict(passkey.answer(challenge, { clientData: text }))]).toEqual([
        String(text).slice(0, 80),
        "client_data_must_be_well_formed",
      ]);
  });

  it("is refused from within another page, said or shown", () => {
    for (const clientDataText of [
      clientData({ crossOrigin: true, topOrigin: "https://glasstown.example" }),
      clientData({ topOrigin: "https://evil.example" }),
    ])
      expect(verdict(passkey.answer(challenge, { clientData: clientDataText }))).toBe("must_not_be_cross_origin");
  });

  it("names an origin of the relying party over https, or over http on this machine", () => {
    for (const origin of [
      "http://glasstown.example",
      "https://glasstown.example.evil.example",
      "https://evilglasstown.example",
      "https://example",
      "https://glasstown.example/",
      "https://glasstown.example@evil.example",
      "https://evil.example#.glasstown.example",
      "https://Glasstown.example",
      "https://glasstown.example:",
      "https://glasstown.example:123456",
      "HTTPS://glasstown.example",
      "android:apk-key-hash:AAAA",
      "null",
      "",
      "https://glasstown.example\n",
      `https://${"a.".repeat(500)}glasstown.example.`,
    ])
      expect([origin, verdict(passkey.answer(challenge, { origin }))]).toEqual([origin, "origin_must_fit"]);
    const local = testPasskey("local", "localhost");
    const on = { key: local.key, rpId: "localhost" };
    expect(verdict(local.answer(challenge, { origin: "http://localhost.evil.example" }), on)).toBe("origin_must_fit");
    expect(verdict(local.answer(challenge, { origin: "http://127.0.0.1:4000" }), on)).toBe("origin_must_fit");
  });
});

describe("authenticator data", () => {
  const extensions = fromHex("a16b6372656450726f7465637402");

  it("may carry extensions when its flag says so", () => {
    expect(verdict(passkey.answer(challenge, { flags: 0x85, after: extensions }))).toBe("");
  });

  it("is refused when length and flags disagree", () => {
    const data = fromBase64url(passkey.answer(challenge).authenticatorData)!;
    const wrong: readonly AnswerChange[] = [
      { flags: 0x85 },
      { flags: 0x05, after: extensions },
      { flags: 0x85, after: new Uint8Array([...extensions, 0]) },
      { flags: 0x85, after: extensions.subarray(0, -1) },
      { flags: 0x85, after: Uint8Array.of(0x80) },
      // Attested credential data belongs to registrations.
      { flags: 0x45, after: new Uint8Array(100) },
      { flags: 0x45 },
      // A backup of what cannot be backed up.
      { flags: 0x15 },
      { authenticatorData: data.subarray(0, 36) },
      { authenticatorData: new Uint8Array(0) },
      { flags: 0x85, after: new Uint8Array([0xa1, 0x00, 0x59, 0x03, 0xe8, ...new Uint8Array(1_000)]) },
    ];
    for (const [index, change] of wrong.entries())
      expect([index, verdict(passkey.answer(challenge, change))]).toEqual([
        index,
        "authenticator_data_must_be_well_formed",
      ]);
  });

  it("has extensions of definite, shortest, shallow CBOR", () => {
    for (const [bytes, well] of [
      ["a0", true],
      ["a10001", true],
      ["a1613140", true],
      ["a1616181f5", true],
      ["a16161a16162a16163a0", true],
      ["a16161a16162a16163a16164a0", false],
      ["bf00ff", false],
      ["a1005f4100ff", false],
      ["a1001801", false],
      ["a1001818", true],
      ["a100f97e00", false],
      ["a100c000", false],
      ["a100f7", false],
      ["ba", false],
      ["baffffffff", false],
      ["bbffffffffffffffff", false],
      ["a1", false],
      ["a100", false],
      ["", false],
      ["00", false],
    ] as const)
      expect([bytes, isCborMap(fromHex(bytes))]).toEqual([bytes, well]);
  });
});

it("answers whatever it is given, and never throws", () => {
  const answer = passkey.answer(challenge);
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60 }),
      fc.string({ maxLength: 60 }),
      fc.nat({ max: 1_000 }),
      (first, second, at) => {
        for (const mutated of [
          { authenticatorData: first, clientDataJSON: second },
          { authenticatorData: answer.authenticatorData, clientDataJSON: second },
          { authenticatorData: first, clientDataJSON: answer.clientDataJSON },
          {
            authenticatorData: answer.authenticatorData,
            clientDataJSON: answer.clientDataJSON.slice(0, at % answer.clientDataJSON.length) + first,
          },
        ])
          expect(typeof readAssertion({ ...answer, ...mutated }, challenge).ok).toBe("boolean");
      },
    ),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => typeof isCborMap(bytes) === "boolean"));
});

it("a change of any signed byte is noticed", () => {
  const answer = passkey.answer(challenge);
  for (const member of ["authenticatorData", "clientDataJSON"] as const) {
    const bytes = fromBase64url(answer[member])!;
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = new Uint8Array(bytes);
      changed[at]! ^= 1;
      expect([member, at, verdict({ ...answer, [member]: toBase64url(changed) })]).not.toEqual([member, at, ""]);
    }
  }
});
