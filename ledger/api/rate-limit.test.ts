// Rate limits and whom a request counts against.

import { expect, test } from "vitest";
import { callerOf, RateLimiter } from "./rate-limit.ts";

test("a burst, then the steady rate", () => {
  const limiter = new RateLimiter({ perSecond: 2, burst: 3 });
  expect([1, 2, 3, 4].map(() => limiter.take("a", 0).allowed)).toEqual([true, true, true, false]);
  expect(limiter.take("b", 0).allowed).toBe(true);
  expect(limiter.take("a", 499).allowed).toBe(false);
  expect(limiter.take("a", 1_000).allowed).toBe(true);
});

test("work that is done is paid for in debt, of a burst at most", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 3 });
  expect(limiter.take("a", 0, 5, true)).toMatchObject({ allowed: true, remaining: 0, fullSeconds: 5 });
  expect(limiter.take("a", 2_000)).toMatchObject({ allowed: false, retrySeconds: 1 });
  expect(limiter.take("a", 3_000).allowed).toBe(true);
  limiter.take("a", 3_000, 1_000, true);
  expect(limiter.take("a", 3_000)).toMatchObject({ allowed: false, retrySeconds: 4 });
});

test("time that goes back gives nothing", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
  expect(limiter.take("a", 10_000).allowed).toBe(true);
  expect(limiter.take("a", 0).allowed).toBe(false);
});

test("forgets the address unseen longest, and no other", () => {
  const limiter = new RateLimiter({ perSecond: 0, burst: 1 });
  for (let i = 0; i < 10_000; i++) limiter.take(`a${i}`, 0);
  expect(limiter.take("a9999", 0).allowed).toBe(false);
  expect(limiter.take("new", 0).allowed).toBe(true);
  expect(limiter.take("a0", 0).allowed).toBe(true);
});

test.each([
  ["127.0.0.1", undefined, null],
  ["::ffff:127.0.0.1", undefined, null],
  ["::1", "203.0.113.9", "203.0.113.9"],
  ["127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"],
  ["127.0.0.1", "not an address", null],
  ["203.0.113.7", "127.0.0.1", "203.0.113.7"],
  ["::ffff:203.0.113.7", undefined, "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", undefined, "2001:db8:1:2::/64"],
  ["2001:db8::6", undefined, "2001:db8:0:0::/64"],
  ["fe80::1%eth0", undefined, "fe80:0:0:0::/64"],
])("peer %s forwarding for %s counts as %s", (peer, forwarded, caller) => {
  expect(callerOf(peer, forwarded)).toBe(caller);
});

test.each([
  [undefined, null],
  ["localhost:26657", null],
  ["ledger.localhost", null],
  ["127.0.0.1:26657", null],
  ["[::1]:26657", null],
  ["evil.example:26657", "page on this machine"],
  ["localhost.evil.example", "page on this machine"],
  ["127.0.0.1.evil.example", "page on this machine"],
  ["", "page on this machine"],
])("a local request to host %s counts as %s: a foreign name may be a page's", (host, caller) => {
  expect(callerOf("127.0.0.1", undefined, undefined, undefined, host)).toBe(caller);
  expect(callerOf("203.0.113.7", undefined, undefined, undefined, host)).toBe("203.0.113.7");
});
