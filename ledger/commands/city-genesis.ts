// What a city begins with: its own accounts, its money, and what settings write into genesis.

import { ed25519 } from "@noble/curves/ed25519.js";
import type { CityKeys } from "../../settings/city-keys.ts";
import type { Settings } from "../../settings/settings.ts";
import { fromHex, hex } from "../protocol/bytes.ts";
import type { AppState } from "../protocol/genesis.ts";

/** One billion of money: fifty million welcome grants. */
const treasury = "1000000000000000";
const welcomeGrant = "20000000";
/** A proposed recovery waits a week for its approvals, an approved one a week for its completion. */
const proposalMs = 7 * 86_400_000;
/** Lets the simulated households trade for years: ten thousand. */
const simulatedMoney = "10000000000";

export function cityAppState(settings: Settings, keys: CityKeys): AppState {
  const key = (seed: string): string => hex(ed25519.getPublicKey(fromHex(seed)));
  return {
    accounts: [
      { key: key(keys.city), name: "City administration", roles: ["city"] },
      { key: key(keys.registrar), name: "City registrar", roles: ["registrar"] },
      { key: key(keys.twin), name: "City twin", roles: ["twin"] },
      { key: key(keys.simulated), name: "Simulated households", roles: ["simulated"], money: simulatedMoney },
    ],
    treasury,
    welcomeGrant,
    recovery: { guardianDelayMsMin: settings.guardianDelaySeconds * 1000, proposalMs },
    energy: { slotSeconds: settings.slotSeconds },
  };
}
