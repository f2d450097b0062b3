// The auditor of the history: every leaf so far, and the tree over them by the words of RFC 6962, anew each time it is asked.

import { sha256 } from "@noble/hashes/sha2.js";
import { fromHex, hex, utf8 } from "../../protocol/bytes.ts";
import type { LedgerEvent } from "../../protocol/rest.ts";
import type { AuditBooks, AuditedBlock, Auditor } from "../auditor.ts";

/** Header hash and root of events, one after the other in hex, by height. */
const leaves = (books: AuditBooks) => books.map<string>("history/leaves");

const digest = (...parts: readonly string[]): string => hex(sha256(fromHex(parts.join(""))));

/** MTH(D[n]) of RFC 6962, section 2.1, over leaves in hex. */
function treeOf(all: readonly string[]): string {
  if (all.length === 0) return digest("");
  if (all.length === 1) return digest("00", all[0]!);
  let split = 1;
  while (split * 2 < all.length) split *= 2;
  return digest("01", treeOf(all.slice(0, split)), treeOf(all.slice(split)));
}

/** The root over events: members of each in the order of their names. */
export function rootOfEvents(events: readonly LedgerEvent[]): string {
  const textOf = ({ type, attributes }: LedgerEvent): string => {
    const names = Object.keys(attributes).sort();
    const pairs = names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(attributes[name])}`);
    return `{"attributes":{${pairs.join(",")}},"type":${JSON.stringify(type)}}`;
  };
  return treeOf(events.map((event) => hex(utf8(textOf(event)))));
}

export const auditor: Auditor = {
  endBlock(books: AuditBooks, { hash, events }: AuditedBlock): void {
    leaves(books).set(`${books.height}`, hash + rootOfEvents(events));
  },
  judge: (_, { type }) => {
    throw new Error(`the history has no message ${type}`);
  },
  tables: [
    {
      prefix: "history/",
      records: (books) => {
        const all = leaves(books).values();
        const frontier: string[] = [];
        for (let done = 0; done < all.length; ) {
          let width = 1;
          while (done + width * 2 <= all.length) width *= 2;
          frontier.push(treeOf(all.slice(done, done + width)));
          done += width;
        }
        return new Map([["tree/blocks", { frontier, root: treeOf(all), size: all.length }]]);
      },
    },
  ],
};
