// Whom a request counts against behind proxies: trusted ones are believed, and nobody else.

import { expect, test } from "vitest";
import { clientAddress, loopbackProxies, noProxies, parseTrustedProxies } from "./trusted-proxies.ts";

const proxies = parseTrustedProxies("10.0.0.0/8, 2001:db8:1::/48,192.0.2.7");

test.each([
  ["10.1.2.3", "203.0.113.9", "203.0.113.9"],
  ["10.1.2.3", "6.6.6.6, 203.0.113.9", "203.0.113.9"],
  ["10.1.2.3", "6.6.6.6, 203.0.113.9, 10.9.9.9, 192.0.2.7", "203.0.113.9"],
  ["::ffff:10.1.2.3", "203.0.113.9:4711", "203.0.113.9"],
  ["2001:db8:1::5", "[2001:db8:2::7]:443", "2001:db8:2::7"],
  ["192.0.2.8", "203.0.113.9", "192.0.2.8"],
  ["10.1.2.3", "unknown", "10.1.2.3"],
  ["10.1.2.3", "203.0.113.9, nonsense", "10.1.2.3"],
  ["10.1.2.3", undefined, "10.1.2.3"],
  ["10.1.2.3", Array.from({ length: 500 }, () => "10.0.0.1").join(","), "10.0.0.1"],
])("peer %s that says %s: %s", (peer, claimed, address) => {
  expect(clientAddress(peer, claimed, proxies).address).toBe(address);
});

test("without a list nobody is believed, with the loopback only this machine", () => {
  expect(clientAddress("127.0.0.1", "203.0.113.9", noProxies)).toEqual({ address: "127.0.0.1", reported: false });
  expect(clientAddress("127.0.0.1", "203.0.113.9", loopbackProxies)).toEqual({
    address: "203.0.113.9",
    reported: true,
  });
});

test.each(["10.0.0.0/33", "10.0.0/8", "::1/129", "host.example", "10.0.0.0/", "10.0.0.0/-1", "1.2.3.4/8/8x"])(
  "%s is refused by name",
  (entry) => {
    expect(() => parseTrustedProxies(entry)).toThrow(RangeError);
  },
);

test("no more than 64", () => {
  expect(() => parseTrustedProxies(Array.from({ length: 65 }, () => "10.0.0.1").join(","))).toThrow(/64/);
});
