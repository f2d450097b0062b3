// What the ledger's benches share: a city of citizens with known keys, its genesis, and signed transfers between them.

import { systemClock } from "../../ledger/consensus/clock.ts";
import { type GenesisDocument, makeGenesis } from "../../ledger/consensus/genesis.ts";
import type { ValidatorSigner } from "../../ledger/consensus/validator-signer.ts";
import { chain, person, signed } from "../../ledger/modules/test-city.ts";
import { toBase64 } from "../../ledger/protocol/comet.ts";
import { quick } from "./command-line.ts";

/** Enough that the quota of sixty a minute is never met. */
const citizens = Array.from({ length: quick ? 200 : 2_000 }, (_, i) => person(`citizen ${i}`));

export function benchGenesis(signer: ValidatorSigner): GenesisDocument {
  return makeGenesis({
    chain,
    timeMs: systemClock.nowMs(),
    validator: { address: signer.address, publicKeyBase64: toBase64(signer.publicKey) },
    appState: {
      accounts: citizens.map(({ key }, i) => ({ key, name: `Citizen ${i}`, roles: [] })),
      treasury: "1000000000000000",
      welcomeGrant: "20000000",
      energy: { slotSeconds: 60 },
    },
  });
}

let made = 0;

/** Signed transfers, of each citizen in turn. */
export function transfers(count: number, height: number): Uint8Array[] {
  return Array.from({ length: count }, () => {
    const from = citizens[made % citizens.length]!;
    const to = citizens[(made + 1) % citizens.length]!;
    made++;
    const amount = String(1 + (made % 997));
    return signed([{ type: "money/transfer", by: from.account, to: to.account, amount }], [from], height + 500);
  });
}
