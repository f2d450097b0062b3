// Search over addresses, names of places, devices and people near. Words may stand in any order; at most 12 results.

import type { WorldDevice, WorldObject } from "../../worlds/format/world.ts";
import type { Neighbour } from "./room-events.ts";
import type { Subject } from "./view.ts";

export interface Found {
  readonly subject: Subject;
  readonly title: string;
  readonly detail: string;
  readonly kind: string;
}

const resultsMax = 12;
const queryMax = 80;

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Points for a query's words in a text: whole-word starts count double; 0 when a word is missing. */
function score(words: readonly string[], text: string): number {
  let total = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    const starts = at === 0 || text.includes(` ${word}`);
    total += starts ? 4 : 1;
    if (at === 0) total += 2;
  }
  return total - Math.min(0.9, text.length / 1000);
}

/** Builds a search function over a world. Folding happens once, not per key press. */
export function searchIndex(
  objects: readonly WorldObject[],
  devices: readonly WorldDevice[],
  kindName: (kind: string) => string,
): (query: string, people: readonly Neighbour[]) => readonly Found[] {
  const entries: { readonly text: string; readonly found: Found }[] = [];
  for (const object of objects) {
    const title = object.name ?? object.address;
    if (title === undefined) continue;
    const detail = object.name === undefined ? "" : (object.address ?? "");
    const kind = kindName(`use.${object.use}`);
    const found: Found = { subject: { kind: "object", object: object.id }, title, detail, kind };
    entries.push({ text: fold(`${title} ${detail} ${kind}`), found });
  }
  for (const device of devices) {
    const detail = device.address ?? device.id;
    const kind = kindName(`kind.${device.kind}`);
    const found: Found = { subject: { kind: "device", device: device.id }, title: device.name, detail, kind };
    entries.push({ text: fold(`${device.name} ${detail} ${device.id} ${kind}`), found });
  }
  return (query, people) => {
    const words = fold(query.slice(0, queryMax)).split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    const hits: { readonly points: number; readonly found: Found }[] = [];
    for (const person of people) {
      const points = score(words, fold(person.name));
      if (points > 0)
        hits.push({
          points: points + 3,
          found: {
            subject: { kind: "citizen", session: person.session },
            title: person.name,
            detail: "",
            kind: kindName("kind.citizen"),
          },
        });
    }
    for (const { text, found } of entries) {
      const points = score(words, text);
      // The place itself before the street that is named after it.
      const exact = fold(found.title) === words.join(" ") ? 4 : 0;
      if (points > 0) hits.push({ points: points + exact, found });
    }
    return hits
      .sort((a, b) => b.points - a.points)
      .slice(0, resultsMax)
      .map(({ found }) => found);
  };
}
