// The OpenAPI 3.1 document, made of the schemas that check requests and describe answers.

import { refusalCodes } from "../protocol/refusals.ts";
import { buildInfo } from "./build-info.ts";
import type { LedgerApp } from "./route.ts";

export function apiDocument(app: LedgerApp): unknown {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Glasstown ledger",
      version: buildInfo.version,
      description: [
        "What the city records and decides. Every entry can be proven: `?prove=true` gives an ICS-23 proof",
        "that verifies against the app hash of the next block's header. CometBFT's RPC is served beside this API at the root.",
        "",
        `Refusals carry a name and a number: ${Object.entries(refusalCodes)
          .map(([name, code]) => `\`${name}\` (${code})`)
          .join(", ")}.`,
      ].join("\n"),
      license: { name: "Apache-2.0" },
    },
    servers: [{ url: "./" }],
  });
}
