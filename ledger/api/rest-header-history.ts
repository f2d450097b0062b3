// REST: that a header is in the history, the tree of all headers whose root stands in the state (modules/history).
// A proof is at most 53 hashes; what it costs grows with the bits of the size.

import { z } from "zod";
import type { HistoryProofAnswer } from "../protocol/history.ts";
import { wholeNumber } from "../protocol/whole-number.ts";
import { answerFinal, answerNewest, newestTag } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";
import { historyProofAnswerSchema } from "./schemas.ts";

export function addHeaderHistoryRoute(app: LedgerApp, ledger: LedgerContext): void {
  const { engine, store } = ledger;

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/history/{height}",
      tag: "chain",
      summary: "Proof that a header is among those to which a later one commits",
      description:
        "Leaf `height - 1` of the tree over all headers is `header` and `events`, 64 bytes; `path` leads from it to the root in state " +
        "`history/tree/blocks` after block `size`, whose own root stands in header `size + 1` (RFC 9162, section 2.1.3). Without `size` " +
        "it is the one that the newest header commits to. Pruned blocks are proven too. A node that began with a later state answers 404 " +
        "for blocks before it.",
      params: z.object({ height: wholeNumber(1) }),
      query: z.object({
        size: wholeNumber(1)
          .optional()
          .describe("leaves of the tree, at least `height`; the answer to it never changes"),
      }),
      answers: { 200: historyProofAnswerSchema },
      caches: "final",
      problems: [400, 404],
    },
    async (request, { params: { height }, query: { size } }) => {
      const tag = newestTag(ledger);
      const newest = engine.height;
      if (size !== undefined && size < height) {
        const fault = { parameter: "size", in: "query", detail: `is less than the height, ${height}` } as const;
        throw problem(400, `query parameter size ${fault.detail}`, {}, [fault]);
      }
      if ((size ?? height) > newest)
        throw problem(404, `there is no block ${size ?? height} yet; the newest is ${newest}`);
      if (size === undefined && height === newest)
        throw problem(404, `no header commits to block ${height} yet; the next one will`);
      const answer: HistoryProofAnswer | null = await store.historyProof(height, size ?? newest - 1);
      if (answer === null) {
        const first = (await store.firstInHistory()) ?? newest + 1;
        throw problem(404, `this node knows the history from block ${first} on only; ask another one`);
      }
      if (size === undefined) return answerNewest(request, tag, answer);
      return answerFinal(request, `${answer.header}.${size}`, answer);
    },
  );
}
