// Ed25519 signatures, valid and damaged, one at a time and as batches: both variants agree, the batch agrees with the single
// verdicts, and noble with a part of them. Damage falls on bits, and puts odd encodings where a key, R or S stands.

import { readFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { type Ed25519, instantiateEd25519Sync, type SignedMessage } from "../../../wasm-core/bindings/ed25519.ts";
import { type CoreVariant, fileOf } from "../../../wasm-core/modules.ts";
import { Random } from "../random.ts";
import type { SoakInput } from "../soak-input.ts";
import type { Target } from "../target.ts";

const modelEvery = 50;
const itemsMax = 9;
const messageBytesMax = 300;
/** An item: key, signature, length of the message in two bytes, message. */
const headBytes = 98;

type Point = InstanceType<typeof ed25519.Point>;
const order = ed25519.Point.Fn.ORDER;
const prime = ed25519.Point.Fp.ORDER;

function little(number: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 255n));
}

/** Encodings of field elements and scalars at which decoding and reduction break. */
const odd: readonly Uint8Array[] = [0n, 1n, 2n, order, prime, 2n ** 252n, 2n ** 255n, 2n ** 128n, 2n ** 256n - 1n]
  .flatMap((number) => [number - 1n, number, number + 1n, number + 2n ** 255n])
  .map((number) => little(((number % 2n ** 256n) + 2n ** 256n) % 2n ** 256n));
const torsion = ed25519.Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const smallOrder = Array.from({ length: 7 }, (_, i) => torsion.multiplyUnsafe(BigInt(i + 1)));

/** Valid where the cofactor is heeded: key and R with a part of small order each. */
function signedWithTorsion(random: Random, secret: Uint8Array, ofKey: Point, ofR: Point): SignedMessage {
  const { point, scalar } = ed25519.utils.getExtendedPublicKey(secret);
  const r = 1n + BigInt(random.uint32());
  const key = point.add(ofKey).toBytes();
  const R = ed25519.Point.BASE.multiply(r).add(ofR).toBytes();
  const message = random.bytes(random.below(messageBytesMax));
  const digest = sha512(Uint8Array.from([...R, ...key, ...message]));
  const k = digest.reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n) % order;
  return { key, message, signature: Uint8Array.from([...R, ...little((r + k * scalar) % order)]) };
}

let signed: readonly SignedMessage[] = [];

const verifiers = new Map<CoreVariant, Ed25519>();
function verifierOf(variant: CoreVariant): Ed25519 {
  const known = verifiers.get(variant);
  if (known !== undefined) return known;
  const file = new URL(`../../../build/wasm/${fileOf({ name: "ed25519" }, variant)}`, import.meta.url);
  const discard = (): void => {
    verifiers.delete(variant);
  };
  const made = instantiateEd25519Sync(readFileSync(file), (bytes) => crypto.getRandomValues(bytes), discard);
  verifiers.set(variant, made);
  return made;
}

function itemsOf(input: SoakInput): SignedMessage[] {
  const bytes = input.bytes();
  const items: SignedMessage[] = [];
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const end = at + headBytes + bytes[at + 96]! + 256 * bytes[at + 97]!;
    items.push({
      key: bytes.subarray(at, at + 32),
      signature: bytes.subarray(at + 32, at + 96),
      message: bytes.subarray(at + headBytes, end),
    });
    at = end;
  }
  return items;
}

function byNoble({ key, message, signature }: SignedMessage): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: true });
  } catch {
    return false;
  }
}

export const ed25519Target: Target = {
  name: "ed25519/signatures",
  cases: 100_000,
  casesQuick: 200,
  // Items find each other by their lengths.
  shrinks: false,

  prepare() {
    const random = new Random();
    random.reseed(25519, 1, 1);
    const secrets = Array.from({ length: 8 }, () => random.bytes(32));
    signed = Array.from({ length: 64 }, (_, i) => {
      const secret = secrets[i % secrets.length]!;
      const message = random.bytes(random.below(messageBytesMax));
      return { key: ed25519.getPublicKey(secret), message, signature: ed25519.sign(message, secret) };
    });
    signed = [
      ...signed,
      ...smallOrder.map((point, i) => signedWithTorsion(random, secrets[0]!, point, smallOrder[(3 * i) % 7]!)),
    ];
  },

  generate(random, input) {
    for (let count = random.oneIn(3) ? 1 : 1 + random.below(itemsMax); count > 0; count--) {
      const { key, message, signature } = random.pick(signed);
      const at = input.end;
      input.append(key);
      input.append(signature);
      input.appendByte(message.length);
      input.appendByte(message.length >>> 8);
      input.append(message);
      if (random.oneIn(2)) continue;
      const { buffer } = input;
      if (random.oneIn(2)) {
        const bit = random.below(8 * (96 + message.length));
        const byte = at + (bit < 768 ? bit >> 3 : (bit >> 3) + 2);
        buffer[byte] = buffer[byte]! ^ (1 << (bit & 7));
      } else {
        for (let n = random.below(3); n >= 0; n--) {
          const point = random.pick(smallOrder).toBytes();
          buffer.set(random.oneIn(2) ? random.pick(odd) : point, at + 32 * random.below(3));
        }
      }
    }
  },

  run(subject, input, answer) {
    const verifier = verifierOf(subject.variant);
    const items = itemsOf(input);
    const single = items.map(({ key, message, signature }) => verifier.verify(key, message, signature));
    const batch = verifier.verifyBatch(items);
    answer.add(Uint8Array.from(single, Number));
    answer.add(Uint8Array.from(batch, Number));
    return single.filter((valid) => valid).length;
  },

  label: (input, verdict) => {
    const count = itemsOf(input).length;
    return `${count === 1 ? "single" : "batch"} ${verdict === 0 ? "invalid" : verdict === count ? "valid" : "mixed"}`;
  },

  check(input, _, answer) {
    const verdicts = answer.view();
    const half = verdicts.length / 2;
    for (let i = 0; i < half; i++) if (verdicts[i] !== verdicts[half + i]) return `item ${i}: the batch disagrees`;
    if (input.index % modelEvery !== 0) return undefined;
    const wrong = itemsOf(input).findIndex((item, i) => byNoble(item) !== (verdicts[i] === 1));
    return wrong < 0 ? undefined : `item ${wrong}: noble disagrees`;
  },
};
