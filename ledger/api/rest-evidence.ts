// REST: evidence of misbehaviour that this ledger was shown and has proven. It comes by CometBFT's /broadcast_evidence.

import { z } from "zod";
import type { LedgerContext } from "./context.ts";
import type { EvidenceAnswer } from "./evidence-port.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp } from "./route.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const head = {
  hash: hash.describe("as CometBFT hashes evidence"),
  kind: z.enum(["duplicate_vote", "light_client_attack"]),
  height: z.number().int().describe("of the votes, or of the conflicting block"),
  validators: z.array(z.string()).describe("addresses of those who did it, as far as it can be told"),
  received: z.string().describe("RFC 3339, UTC"),
};
const listSchema = z.object({ evidence: z.array(z.object(head)) });
const pieceSchema = z.object({
  ...head,
  evidence: z.object({ type: z.string(), value: z.unknown().describe("in CometBFT's JSON") }),
}) satisfies z.ZodType<EvidenceAnswer>;

const none = z.object({});

export function addEvidenceRoutes(app: LedgerApp, { evidence }: LedgerContext): void {
  addRoute(
    app,
    {
      method: "get",
      path: "/v1/evidence",
      tag: "chain",
      summary: "Evidence of misbehaving validators, as it came; at most 100",
      description:
        "Hand it in by CometBFT's `/broadcast_evidence`. Only what is proven against this chain's own blocks is kept.",
      params: none,
      query: none,
      answers: { 200: listSchema },
      problems: [],
    },
    (request) => {
      const lines = (evidence?.list() ?? []).map(({ evidence: _, ...line }) => line);
      request.header("cache-control", "no-store");
      return request.json({ evidence: lines });
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/evidence/{hash}",
      tag: "chain",
      summary: "One piece of evidence, whole",
      params: z.object({ hash }),
      query: none,
      answers: { 200: pieceSchema },
      problems: [404],
    },
    (request, { params }) => {
      const piece = evidence?.get(params.hash) ?? null;
      if (piece === null) throw problem(404, `there is no evidence ${params.hash}`);
      return request.json(piece);
    },
  );
}
