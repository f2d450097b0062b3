// A worker that verifies as the light client's does, for ed25519.test.ts.

import { decideEd25519With, verifyEd25519 } from "../../ledger/protocol/ed25519.ts";
import type { SignedMessage } from "../../wasm-core/bindings/ed25519.ts";

decideEd25519With(async () => (await import("../../wasm-core/bindings/ed25519-browser.ts")).loadEd25519());

self.onmessage = async ({ data }: MessageEvent<readonly SignedMessage[]>) => {
  const verdicts: boolean[] = [];
  for (const { key, message, signature } of data) verdicts.push(await verifyEd25519(key, message, signature));
  self.postMessage(verdicts);
};
