// A passkey for tests: a P-256 key that answers challenges as an authenticator and a browser would, with every part to be changed.
// Not part of the product.

import { createECDH, createHash, createPrivateKey, sign } from "node:crypto";
import { toBase64url } from "./base64url.ts";
import { hex, utf8 } from "./bytes.ts";
import type { PasskeyAnswer } from "./passkey.ts";

const sha256 = (data: Uint8Array): Uint8Array => createHash("sha256").update(data).digest();

/** What a test may change of an answer. */
export interface AnswerChange {
  readonly type?: string;
  readonly challenge?: Uint8Array;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  /** The client data's whole text in place of the usual one. */
  readonly clientData?: string | Uint8Array;
  readonly rpId?: string;
  /** User present and verified is 0x05. */
  readonly flags?: number;
  /** Bytes after the signature counter. */
  readonly after?: Uint8Array;
  /** The authenticator data in place of the usual one. */
  readonly authenticatorData?: Uint8Array;
}

export interface TestPasskey {
  /** Compressed, hex. */
  readonly key: string;
  readonly rpId: string;
  answer(challenge: Uint8Array, change?: AnswerChange): PasskeyAnswer;
}

/** The passkey that follows from a label. */
export function testPasskey(label: string, rpId = "glasstown.example"): TestPasskey {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(sha256(utf8(`test passkey ${label}`)));
  const point = ecdh.getPublicKey();
  const secret = createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      d: ecdh.getPrivateKey("base64url"),
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
    },
  });
  return {
    key: ecdh.getPublicKey("hex", "compressed"),
    rpId,
    answer: (challenge, change = {}) => {
      const clientText =
        change.clientData ??
        JSON.stringify({
          type: change.type ?? "webauthn.get",
          challenge: toBase64url(change.challenge ?? challenge),
          origin: change.origin ?? (rpId === "localhost" ? "http://localhost:4000" : `https://${rpId}`),
          crossOrigin: change.crossOrigin ?? false,
        });
      const clientData = typeof clientText === "string" ? utf8(clientText) : clientText;
      const data =
        change.authenticatorData ??
        Buffer.concat([
          sha256(utf8(change.rpId ?? rpId)),
          Uint8Array.of(change.flags ?? 0x05, 0, 0, 0, 0),
          change.after ?? new Uint8Array(0),
        ]);
      const signature = sign("sha256", Buffer.concat([data, sha256(clientData)]), {
        key: secret,
        dsaEncoding: "ieee-p1363",
      });
      return {
        authenticatorData: toBase64url(data),
        clientDataJSON: toBase64url(clientData),
        signature: hex(signature),
      };
    },
  };
}
