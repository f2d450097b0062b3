// A list that grows at its top must not move under somebody who reads, points at or has focus in it: while held, newer items
// wait and are only counted. Pure, so that it is tested without a page.

export interface Held<T> {
  readonly shown: readonly T[];
  /** Items that came since, at the top. */
  readonly waiting: number;
}

/**
 * @param items newest first, each with a rising number.
 * @param holdAt the number of the newest item when holding began, or null while the list may move.
 */
export function heldItems<T>(items: readonly T[], numberOf: (item: T) => number, holdAt: number | null): Held<T> {
  if (holdAt === null) return { shown: items, waiting: 0 };
  const first = items.findIndex((item) => numberOf(item) <= holdAt);
  // Everything held has been dropped or replaced (a list of another chain): nothing is left to hold.
  if (first < 0) return { shown: items, waiting: 0 };
  return { shown: items.slice(first), waiting: first };
}
