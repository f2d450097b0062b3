// That this page's citizen has just stopped a recovery, until the person has read what that means.

import { signal } from "@preact/signals";

/** Local time of the veto, UNIX ms. */
export const vetoedAt = signal<number | null>(null);
