// Which proxies are believed about whom they speak for, and whom a request counts against then: X-Forwarded-For is read
// from its end as long as trusted addresses stand there. At most 64 entries: addresses or networks such as 10.0.0.0/8.

import { BlockList, isIP } from "node:net";

const entriesMax = 64;
/** Longer chains are looked at this far from their end. */
const hopsMax = 16;

/** Answers whether an address is a proxy whose word counts. */
export type TrustedProxies = (address: string) => boolean;

/** Only this machine: the world's own proxy, as the ledger sees it. */
export const loopbackProxies: TrustedProxies = isLoopback;
export const noProxies: TrustedProxies = () => false;

/**
 * Reads a list such as `10.0.0.0/8, 2001:db8::1`; an empty one trusts nobody.
 * @throws {RangeError} naming the entry that is neither an address nor a network.
 */
export function parseTrustedProxies(text: string): TrustedProxies {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  if (entries.length > entriesMax) throw new RangeError(`at most ${entriesMax} proxies can be named`);
  if (entries.length === 0) return noProxies;
  const list = new BlockList();
  for (const entry of entries) {
    const [, address = "", bits] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(entry) ?? [];
    const family = isIP(address);
    const longest = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (family === 0 || prefix > longest)
      throw new RangeError(`"${entry}" is neither an address nor a network such as 10.0.0.0/8`);
    list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
  };
}

export interface ClientAddress {
  readonly address: string;
  /** False for the peer itself, when nobody was reported by it. */
  readonly reported: boolean;
}

/** The address that stands behind a peer and what it says of its own clients. Claims of addresses that are not trusted count for nothing. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): ClientAddress {
  let address = plainAddress(peer ?? "");
  let reported = false;
  const hops = (forwardedFor ?? "").split(",").slice(-hopsMax);
  while (trusted(address)) {
    const next = plainAddress(hops.pop()?.trim() ?? "");
    if (isIP(next) === 0) break;
    address = next;
    reported = true;
  }
  return { address, reported };
}

export function isLoopback(address: string): boolean {
  return address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/** IPv4 in IPv6's clothes is IPv4; a port or brackets around an address fall away. */
export function plainAddress(address: string): string {
  const bare = /^\[([^\]]+)\](?::[0-9]+)?$/.exec(address)?.[1] ?? /^([0-9.]+):[0-9]+$/.exec(address)?.[1] ?? address;
  return bare.toLowerCase().startsWith("::ffff:") && isIP(bare.slice(7)) === 4 ? bare.slice(7) : bare;
}
