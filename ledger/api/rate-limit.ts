// A token bucket per remote address, so that one caller cannot crowd out the others. At most 10,000 addresses are remembered;
// the one unseen longest is forgotten first. Processes on this machine are not limited unless they forward someone else.

import { isIP } from "node:net";

export interface RateLimit {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Most tokens at once. */
  readonly burst: number;
}

export const readLimit: RateLimit = { perSecond: 200, burst: 1_000 };
export const writeLimit: RateLimit = { perSecond: 20, burst: 100 };
const addressesMax = 10_000;

export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /** Takes tokens, one or as many as a request costs; false, and none taken, when there are too few. */
  take(address: string, nowMs: number, cost = 1): boolean {
    const { perSecond, burst } = this.#limit;
    const bucket = this.#buckets.get(address) ?? { tokens: burst, atMs: nowMs };
    this.#buckets.delete(address);
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1000);
    bucket.atMs = nowMs;
    const allowed = bucket.tokens >= cost;
    if (allowed) bucket.tokens -= cost;
    if (this.#buckets.size >= addressesMax) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    this.#buckets.set(address, bucket);
    return allowed;
  }
}

/**
 * Whom a request counts against: the address that the world's proxy on this machine reports (the last one in
 * X-Forwarded-For; earlier ones are the caller's own claim), else the peer. Null for a local process acting for itself.
 * IPv6 callers count by /64, of which one caller has as many addresses as it likes.
 */
export function callerOf(peer: string | undefined, forwardedFor: string | undefined): string | null {
  const direct = plainAddress(peer ?? "");
  if (!isLoopback(direct)) return network(direct);
  const reported = plainAddress(forwardedFor?.split(",").at(-1)?.trim() ?? "");
  return isIP(reported) === 0 ? null : network(reported);
}

function plainAddress(address: string): string {
  return address.startsWith("::ffff:") ? address.slice(7) : address;
}

function isLoopback(address: string): boolean {
  return address === "::1" || address.startsWith("127.");
}

function network(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: gap }, () => "0"), ...right];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
