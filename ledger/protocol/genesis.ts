// Genesis of a chain: what every validator and every verifier starts from.

import type { Role } from "./accounts.ts";

/** The `app_state` of genesis. */
export interface AppState {
  readonly accounts: readonly {
    readonly key: string;
    readonly name: string;
    readonly roles: readonly Role[];
    /** Micro-units from the treasury on top of the welcome grant. */
    readonly money?: string;
  }[];
  /** Micro-units issued to the treasury; `city:issuance` carries the negative of it. */
  readonly treasury: string;
  /** Micro-units granted to each new citizen. */
  readonly welcomeGrant: string;
  /** Left out: a day and a week. */
  readonly recovery?: {
    /** The shortest delay that guardians may have. */
    readonly guardianDelayMsMin: number;
    /** How long a proposed recovery waits for approvals, and an approved one for its completion. */
    readonly proposalMs: number;
  };
  readonly energy: { readonly slotSeconds: number };
}
