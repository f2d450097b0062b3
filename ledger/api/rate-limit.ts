// A token bucket per remote address, so that one caller cannot crowd out the others. At most 10,000 addresses are remembered;
// the one unseen longest is forgotten first. Processes on this machine are not limited unless they forward someone else; pages are.
// Answers tell what is left: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10).

import { isIP } from "node:net";
import { clientAddress, isLoopback, loopbackProxies, type TrustedProxies } from "../../settings/trusted-proxies.ts";

export interface RateLimit {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Most tokens at once. */
  readonly burst: number;
}

export const readLimit: RateLimit = { perSecond: 200, burst: 1_000 };
export const writeLimit: RateLimit = { perSecond: 20, burst: 100 };
const addressesMax = 10_000;

/** What became of an attempt to take tokens, and what is left afterwards. */
export interface Allowance {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Seconds until what was asked for is there (0 when it was), rounded up. */
  readonly retrySeconds: number;
  /** Seconds until the bucket is full again, rounded up. */
  readonly fullSeconds: number;
}

export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /**
   * Takes tokens, one or as many as a request costs; none are taken when there are too few. What is `done` already, because
   * nothing told its price before, is taken even if the caller goes into debt, of a burst at most: then the next ones wait.
   */
  take(address: string, nowMs: number, cost = 1, done = false): Allowance {
    const { perSecond, burst } = this.#limit;
    const bucket = this.#buckets.get(address) ?? { tokens: burst, atMs: nowMs };
    this.#buckets.delete(address);
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs * perSecond) / 1000);
    bucket.atMs = nowMs;
    const allowed = done || bucket.tokens >= cost;
    if (allowed) bucket.tokens = Math.max(-burst, bucket.tokens - cost);
    if (this.#buckets.size >= addressesMax) {
      const oldest = this.#buckets.keys().next();
      if (!oldest.done) this.#buckets.delete(oldest.value);
    }
    this.#buckets.set(address, bucket);
    const secondsFor = (tokens: number): number => Math.max(0, Math.ceil(tokens / Math.max(perSecond, 0.001)));
    return {
      allowed,
      remaining: Math.max(0, Math.floor(bucket.tokens)),
      retrySeconds: allowed ? 0 : Math.max(1, secondsFor(Math.min(cost, burst) - bucket.tokens)),
      fullSeconds: secondsFor(burst - bucket.tokens),
    };
  }
}

/** The two headers of one policy. */
export function rateLimitHeaders(
  name: string,
  { burst, perSecond }: RateLimit,
  { remaining, fullSeconds }: Allowance,
): Readonly<Record<string, string>> {
  return {
    "ratelimit-policy": `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
    ratelimit: `"${name}";r=${remaining};t=${fullSeconds}`,
  };
}

/**
 * Whom a request counts against: the address that a trusted proxy reports, else the peer. Null for a local process acting for
 * itself; a page in a browser on this machine is not one, whatever address it was loaded from. Its browser says so by an origin,
 * or by a host that is not this machine's own: a foreign name may have been made to lead here (DNS rebinding).
 * IPv6 callers count by /64, of which one caller has as many addresses as it likes.
 */
export function callerOf(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies = loopbackProxies,
  origin?: string,
  host?: string,
): string | null {
  const { address, reported } = clientAddress(peer, forwardedFor, trusted);
  if (!reported && isLoopback(address))
    return origin === undefined && namesThisMachine(host) ? null : "page on this machine";
  return network(address);
}

/** An address, which no name server can change, or localhost. HTTP/1.0 has no host, and browsers do not speak it. */
function namesThisMachine(host: string | undefined): boolean {
  const name = (host ?? "localhost")
    .toLowerCase()
    .replace(/:[0-9]+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
  return name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0;
}

/** The network of an address that logs may name: /24 of IPv4, /48 of IPv6. */
export function truncatedAddress(caller: string): string {
  if (isIP(caller) === 4) return `${caller.split(".").slice(0, 3).join(".")}.0/24`;
  const groups = /^([0-9a-f]*:[0-9a-f]*:[0-9a-f]*):[0-9a-f]*::\/64$/i.exec(caller)?.[1];
  return groups === undefined ? caller : `${groups}::/48`;
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
