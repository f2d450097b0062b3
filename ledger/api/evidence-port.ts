// What the API needs of whoever checks and keeps evidence of misbehaviour (ledger/evidence).

/** A piece that was proven. */
export interface EvidenceAnswer {
  /** CometBFT's hash of it, lower-case hex. */
  readonly hash: string;
  readonly kind: "duplicate_vote" | "light_client_attack";
  /** Of the votes, or of the conflicting block. */
  readonly height: number;
  /** Addresses of those who did it, as far as it can be told. */
  readonly validators: readonly string[];
  /** RFC 3339, UTC. */
  readonly received: string;
  /** In CometBFT's JSON. */
  readonly evidence: { readonly type: string; readonly value: unknown };
}

export type EvidenceReport =
  | { readonly ok: true; readonly hash: string }
  /** Of another form, or not what it claims to prove. */
  | { readonly ok: false; readonly step: "basic" | "proof"; readonly reason: string };

export interface EvidencePort {
  submit(evidence: unknown): Promise<EvidenceReport>;
  /** In the order in which they came; at most 100. */
  list(): readonly EvidenceAnswer[];
  get(hash: string): EvidenceAnswer | null;
}
