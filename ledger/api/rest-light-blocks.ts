// REST: light blocks as the bytes of CometBFT's protobuf (tendermint/types: LightBlock), which is all that a light client needs of a
// height. Bounds: 100 heights an answer, each with its length before it (an unsigned varint).

import { createHash } from "node:crypto";
import { z } from "zod";
import { encodeLightBlock } from "../../wasm-core/bindings/comet-encoding.ts";
import { validatorsUnder } from "../consensus/validator-sets.ts";
import { commitFromJson, headerFromJson, hexUpper } from "../protocol/comet.ts";
import { lightBlockRangeMax, lightBlockType } from "../protocol/light-blocks.ts";
import { wholeNumber } from "../protocol/whole-number.ts";
import { writeVarints } from "../storage/varint.ts";
import { immutable, revalidate } from "./conditional.ts";
import type { LedgerContext } from "./context.ts";
import { problem } from "./problems.ts";
import { addRoute, type LedgerApp, type LedgerRequest } from "./route.ts";

/** A read's token is worth so many light blocks: one is read and encoded in a tenth of a millisecond. */
const blocksPerRead = 10;

const none = z.object({});
const about =
  "`{signed_header: {header, commit}, validator_set}` as CometBFT writes it. Below the newest block it never changes. 410 for one that was pruned.";

export function addLightBlockRoutes(app: LedgerApp, ledger: LedgerContext): void {
  const { builder, engine, store } = ledger;

  const lightBlock = async (height: number): Promise<Uint8Array> => {
    const newest = engine.height;
    if (height > newest) throw problem(404, `there is no block ${height} yet; the newest is ${newest}`);
    const signed = height < store.lowest ? null : await store.signedHeader(height);
    // It may have been pruned after its height was checked.
    if (signed === null) throw problem(410, `block ${height} was pruned; the earliest kept is ${store.lowest}`);
    const validators = await validatorsUnder(builder, store, signed.header.validators_hash);
    const proposer = validators.find(({ address }) => hexUpper(address) === signed.header.proposer_address);
    return encodeLightBlock({
      header: headerFromJson(signed.header),
      commit: commitFromJson(signed.commit),
      validators,
      ...(proposer === undefined ? {} : { proposer }),
    });
  };

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/light-blocks/{height}",
      tag: "chain",
      summary: "Header, commit and validators of one height, or of the newest, as protobuf",
      description: about,
      params: z.object({ height: z.union([z.literal("latest"), wholeNumber(1)]) }),
      query: none,
      answers: { 200: lightBlockType },
      caches: "final",
      problems: [400, 404, 410],
    },
    async (request, { params }) => {
      const newest = engine.height;
      const height = params.height === "latest" ? newest : params.height;
      if (height === 0) throw problem(404, "there is no block yet");
      const isFinal = params.height !== "latest" && height < newest;
      return answer(request, await lightBlock(height), isFinal);
    },
  );

  addRoute(
    app,
    {
      method: "get",
      path: "/v1/light-blocks",
      tag: "chain",
      summary: "Light blocks of a range of heights, in order, none left out",
      description: `${about} Each has its length before it, an unsigned varint. At most ${lightBlockRangeMax} heights.`,
      params: none,
      query: z.object({
        from: wholeNumber(1).describe("the lowest height"),
        to: wholeNumber(1).describe(
          `the highest height, itself included; less than ${lightBlockRangeMax} above \`from\``,
        ),
      }),
      answers: { 200: lightBlockType },
      caches: "final",
      problems: [400, 404, 410],
    },
    async (request, { query: { from, to } }) => {
      const wrong = (detail: string) => problem(400, detail, {}, [{ parameter: "to", in: "query", detail }]);
      if (to < from) throw wrong("lies below `from`");
      if (to - from >= lightBlockRangeMax) throw wrong(`more than ${lightBlockRangeMax} heights`);
      request.get("charge")("read", Math.floor((to - from) / blocksPerRead));
      const isFinal = to < engine.height;
      // The highest first: whether it is there at all decides before the others are read.
      const parts: Uint8Array[] = [];
      for (let height = to; height >= from; height--) {
        const bytes = await lightBlock(height);
        parts.push(bytes, writeVarints([bytes.length]));
      }
      return answer(request, Buffer.concat(parts.reverse()), isFinal);
    },
  );
}

/** The tag is of the bytes: under consensus the newest block's commit may yet be joined by more signatures. */
function answer(request: LedgerRequest, bytes: Uint8Array, isFinal: boolean): Response {
  request.get("takeRoom")(bytes.length);
  const tag = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  return request.body(bytes as Uint8Array<ArrayBuffer>, 200, {
    "content-type": lightBlockType,
    "content-length": String(bytes.length),
    etag: `"${tag}"`,
    "cache-control": isFinal ? immutable : revalidate,
  });
}
