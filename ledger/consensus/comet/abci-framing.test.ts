import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader, FramingError, framed } from "./abci-framing.ts";

/** Cuts bytes at these places. */
function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => bytes.slice(places[i], end));
}

describe("frames of ABCI", () => {
  it("have an unsigned varint before them, as protobuf's (not zigzag, as before CometBFT 0.34)", () => {
    expect([...framed(new Uint8Array([7, 8, 9]))]).toEqual([3, 7, 8, 9]);
    expect([...framed(new Uint8Array(300)).subarray(0, 3)]).toEqual([0xac, 0x02, 0]);
    expect([...framed(new Uint8Array())]).toEqual([0]);
  });

  it("come back whole and in order, however the bytes are split", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ minLength: 100, maxLength: 20_000 })), {
          maxLength: 12,
        }),
        fc.array(fc.nat(1_000_000), { maxLength: 30 }),
        (messages, cuts) => {
          const reader = new FrameReader();
          const parts = split(Buffer.concat(messages.map(framed)), cuts);
          const came = parts.flatMap((part) => reader.push(part));
          expect(came.map((message) => Buffer.from(message).toString("hex"))).toEqual(
            messages.map((message) => Buffer.from(message).toString("hex")),
          );
          expect(reader.pending).toBe(0);
        },
      ),
    );
  });

  it("come back one byte at a time, and longer than the first room for one", () => {
    const long = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
    const reader = new FrameReader();
    const came: Uint8Array[] = [];
    for (const byte of framed(long)) came.push(...reader.push(Uint8Array.of(byte)));
    expect(came.length).toBe(1);
    expect(Buffer.compare(came[0]!, long)).toBe(0);
  });

  it("share no memory with what they came in", () => {
    const part = framed(Uint8Array.of(1, 2, 3));
    const [message] = new FrameReader().push(part);
    part.fill(0);
    expect([...message!]).toEqual([1, 2, 3]);
  });

  it("that are not whole are pending, and take no more memory than came", () => {
    const reader = new FrameReader();
    // Says 128 MiB, sends 10 bytes.
    expect(reader.push(Uint8Array.of(0x80, 0x80, 0x80, 0x40, ...new Uint8Array(10)))).toEqual([]);
    expect(reader.pending).toBe(14);
    const before = process.memoryUsage().arrayBuffers;
    const many = Array.from({ length: 100 }, () => {
      const one = new FrameReader();
      one.push(Uint8Array.of(0x80, 0x80, 0x80, 0x40, 1));
      return one;
    });
    // A hundred times 128 MiB would be 13 GB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    expect(many.every(({ pending }) => pending === 5)).toBe(true);
  });

  it.each([
    ["a length of 128 MiB and one", [0x81, 0x80, 0x80, 0x40]],
    ["a length of 2^28", [0x80, 0x80, 0x80, 0x80, 0x01]],
    ["a length that does not end", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a length of 2^63", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
  ])("are refused with %s", (_, bytes) => {
    expect(() => new FrameReader().push(Uint8Array.from(bytes))).toThrow(FramingError);
    const reader = new FrameReader();
    expect(() => {
      for (const byte of bytes) reader.push(Uint8Array.of(byte));
    }).toThrow(FramingError);
  });

  it("are refused beyond a bound of one's own", () => {
    expect(new FrameReader(4).push(framed(new Uint8Array(4))).length).toBe(1);
    expect(() => new FrameReader(4).push(framed(new Uint8Array(5)))).toThrow("longer than 4 bytes");
  });
});
