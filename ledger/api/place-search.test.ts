// Searches through several lists of places, against a model that intersects sets; and the bound on leaps.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Place, PlaceRange } from "../storage/records.ts";
import { eitherOf, type SearchRange, searchPlaces, type Term } from "./place-search.ts";

const heightsMax = 30;
const key = ({ height, index }: Place): number => height * 100 + index + 1;

function termOf(places: readonly Place[]): Term {
  return async ({ from = 1, to = heightsMax, descending = false, after, limit }: PlaceRange) => {
    const sign = descending ? -1 : 1;
    return places
      .filter(({ height }) => height >= from && height <= to)
      .filter((place) => after === undefined || sign * (place.height - after.height || place.index - after.index) > 0)
      .sort((a, b) => sign * (key(a) - key(b)))
      .slice(0, limit);
  };
}

async function run(terms: readonly Term[], range: SearchRange): Promise<{ found: Place[]; stoppedAt: Place | null }> {
  const found: Place[] = [];
  for await (const step of searchPlaces(terms, range)) {
    if ("stoppedAt" in step) return { found, stoppedAt: step.stoppedAt };
    found.push(step.found);
  }
  return { found, stoppedAt: null };
}

const place = fc.record({ height: fc.integer({ min: 1, max: heightsMax }), index: fc.integer({ min: -1, max: 8 }) });
const list = fc.uniqueArray(place, { selector: key, maxLength: 200 });

test("finds what stands in every list, in order, within the range, after the cursor", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(list, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      fc.option(place, { nil: undefined }),
      fc.integer({ min: 1, max: heightsMax }),
      fc.integer({ min: 1, max: heightsMax }),
      async (lists, descending, after, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const range = { from, to, descending, ...(after === undefined ? {} : { after }) };
        const { found, stoppedAt } = await run(lists.map(termOf), range);
        const sign = descending ? -1 : 1;
        const others = lists.slice(1).map((each) => new Set(each.map(key)));
        const expected = lists[0]!
          .filter((each) => others.every((set) => set.has(key(each))))
          .filter(({ height }) => height >= from && height <= to)
          .filter((each) => after === undefined || sign * (key(each) - key(after)) > 0)
          .sort((a, b) => sign * (key(a) - key(b)));
        expect(stoppedAt).toBeNull();
        expect(found).toEqual(expected);
      },
    ),
  );
});

test("either of two lists", async () => {
  await fc.assert(
    fc.asyncProperty(list, list, fc.boolean(), async (first, second, descending) => {
      const { found } = await run([eitherOf(termOf(first), termOf(second))], { from: 1, to: heightsMax, descending });
      const union = new Map([...first, ...second].map((each) => [key(each), each]));
      expect(found.map(key)).toEqual([...union.keys()].sort((a, b) => (descending ? b - a : a - b)));
    }),
  );
});

test("a search that finds nothing for long stops, says where, and goes on from there to the end", async () => {
  // Two long lists that never meet: even and odd heights.
  const even = Array.from({ length: 20_000 }, (_, at) => ({ height: 2 * at + 2, index: 0 }));
  const odd = Array.from({ length: 20_000 }, (_, at) => ({ height: 2 * at + 3, index: 0 }));
  const both = { height: 40_003, index: 0 };
  const listed =
    (places: readonly Place[]): Term =>
    async (range) => {
      const low = range.after?.height ?? 0;
      const start = places.findIndex(
        ({ height, index }) => height > low || (height === low && index > range.after!.index),
      );
      return start < 0 ? [] : places.slice(start, start + range.limit);
    };
  const terms = [listed([...even, both]), listed([...odd, both])];
  let after: Place | undefined;
  let rounds = 0;
  for (;;) {
    const { found, stoppedAt } = await run(terms, {
      from: 1,
      to: 100_000,
      descending: false,
      ...(after === undefined ? {} : { after }),
    });
    rounds++;
    if (stoppedAt === null) {
      expect(found).toEqual([both]);
      break;
    }
    expect(found).toEqual([]);
    after = stoppedAt;
  }
  expect(rounds).toBeGreaterThan(1);
});
