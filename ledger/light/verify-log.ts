// The telemetry log at two sizes: the shorter one is the beginning of the longer one, and both of the log that is anchored in ledger
// state now, which itself has grown from the newest that this client has verified before.

import { fromHex, hex } from "../protocol/bytes.ts";
import { telemetryState } from "../protocol/telemetry-records.ts";
import { logHead } from "./check-reading.ts";
import type { LightParts } from "./light-parts.ts";
import { LogTiles } from "./log-tiles.ts";
import { type Failed, fail, type Unanswered, unanswered } from "./outcome.ts";
import type { CustodyStep, Verdict } from "./verdict.ts";
import { headerStep, verdictOf, verified } from "./verdict-building.ts";

const asked: readonly CustodyStep[] = ["log", "checkpoint", "block", "signatures"];

/** The verdict's value: `{ from, to, anchored }`, each `{ size, root }`. */
export async function verifyLog(parts: LightParts, first: number, second?: number): Promise<Verdict> {
  const passed: CustodyStep[] = [];
  const ended = (outcome: Failed | Unanswered, at: CustodyStep) => verdictOf(outcome, at, asked, passed);
  const last = second ?? first;
  if (![first, last].every(Number.isSafeInteger) || first < 1 || last < first)
    return ended(
      fail("answer_must_be_well_formed", "these are not two sizes, the smaller first", { first, second }),
      "log",
    );
  const head = await parts.headers.latest();
  if (!head.ok) return ended(head, headerStep(head));
  const entry = await parts.state.settled(telemetryState.log, head.value);
  if (!entry.ok) return ended(entry, headerStep(entry));
  passed.push("block", "signatures");
  const anchored = logHead(entry.value.value);
  if (!anchored.ok) return ended(anchored, "checkpoint");
  passed.push("checkpoint");
  const { size, root } = anchored.value;
  const to = second ?? size;
  if (size < to || size < first)
    return ended(
      unanswered("not_on_ledger", `the anchored log has ${size} entries, not ${Math.max(first, to)}`),
      "log",
    );
  const followed = await parts.log.follow(anchored.value, entry.value.header);
  if (!followed.ok) return ended(followed, "log");

  const { core } = parts;
  const tiles = new LogTiles(core, parts.server, parts.logUrl, size);
  const roots = [await tiles.root(first), await tiles.root(to), { ok: true, value: fromHex(root) } as const] as const;
  const heads: { readonly size: number; readonly root: Uint8Array }[] = [];
  for (const [i, made] of roots.entries()) {
    if (!made.ok) return ended(made, "log");
    heads.push({ size: [first, to, size][i]!, root: made.value });
  }
  for (const [from, until] of [
    [0, 1],
    [1, 2],
    [0, 2],
  ] as const) {
    const [a, b] = [heads[from]!, heads[until]!];
    const path = await tiles.consistency(a.size, b.size);
    if (!path.ok) return ended(path, "log");
    if (!core.verifyConsistency(a.size, b.size, a.root, b.root, path.value)) {
      const detail = `the log of ${b.size} entries does not begin with that of ${a.size}`;
      return ended(fail("log_must_be_consistent", detail, { from: a, to: b, path: path.value }), "log");
    }
  }
  const [from, until, now] = heads.map(({ size, root }) => ({ size, root: hex(root) }));
  return verified(entry.value.header, asked, { from, to: until, anchored: now });
}
