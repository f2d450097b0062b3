// What the starts of the light client's bench measure, in Node and in browsers.

import { HeaderChain } from "../../../ledger/light/header-chain.ts";
import { LedgerProvider } from "../../../ledger/light/provider.ts";
import { Server } from "../../../ledger/light/server.ts";
import { TrustMemory, type TrustStore } from "../../../ledger/light/trust-store.ts";
import { defaultPolicy } from "../../../ledger/light/verify-step.ts";
import { AttackMemory } from "../../../ledger/light/witnesses/attack-memory.ts";
import { Witnesses } from "../../../ledger/light/witnesses/witnesses.ts";
import type { LightCore } from "../../../wasm-core/bindings/light-core.ts";

/** From nothing, or from what the store remembers, to a verified head: connection, chain, header, validators, signatures. */
export async function verifiedHead(core: LightCore, url: string, store: TrustStore, nowMs: number): Promise<void> {
  const provider = new LedgerProvider(new Server((to, init) => fetch(to, init)), `${url}/ledger`, core);
  const memory = new TrustMemory(store, core);
  const now = (): number => nowMs;
  const witnesses = new Witnesses({
    core,
    primary: provider,
    memory: new AttackMemory(store),
    stepOptions: () => ({ ...defaultPolicy, nowMs }),
    deadline: () => ({ passed: new Promise(() => undefined), cancel: () => undefined }),
  });
  const policy = defaultPolicy;
  const headers = new HeaderChain({ core, provider, policy, memory, witnesses, now, wait: async () => undefined });
  const head = await headers.latest();
  if (!head.ok) throw new Error(head.detail);
}
