// Genesis of a chain: what every validator and every verifier starts from.

import type { Role } from "./accounts.ts";

/** How much accounts may have done, in a window of block time; all are whole numbers of at least one. */
export interface Quotas {
  readonly windowSeconds: number;
  /** Transactions of a citizen. */
  readonly citizenPerWindow: number;
  /** Of an account that was registered less than `newcomerSeconds` ago. */
  readonly newcomerPerWindow: number;
  readonly newcomerSeconds: number;
  /** Of an account with a role. */
  readonly servicePerWindow: number;
  /** A transaction counts once for so many messages, and once more for as many again, in part or whole. */
  readonly messagesPerCount: number;
  readonly registrationsPerBlockMax: number;
}

export const quotasDefault: Quotas = {
  windowSeconds: 60,
  citizenPerWindow: 60,
  newcomerPerWindow: 30,
  newcomerSeconds: 600,
  servicePerWindow: 6_000,
  messagesPerCount: 10,
  registrationsPerBlockMax: 200,
};

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
  /** What is left out has its default. */
  readonly quotas?: Partial<Quotas>;
  /** Left out: a day and a week. */
  readonly recovery?: {
    /** The shortest delay that guardians may have. */
    readonly guardianDelayMsMin: number;
    /** How long a proposed recovery waits for approvals, and an approved one for its completion. */
    readonly proposalMs: number;
  };
  readonly energy: { readonly slotSeconds: number };
  /** Of a network, the same as the document's own, with the accounts that speak for them. Left out: a city with an embedded engine. */
  readonly validators?: readonly {
    /** Ed25519, hex. */
    readonly key: string;
    readonly power: number;
    readonly name: string;
    /** Id of an account of genesis. */
    readonly account: string;
  }[];
  /** Left out: an hour and a week. */
  readonly validatorParams?: {
    /** How long a validator stays jailed at least. */
    readonly jailMs: number;
    /** How long a proposal waits for votes. */
    readonly proposalMs: number;
  };
}
