// The guardians of an account with their proof: the entry itself, and the name of everybody in it, so that no false name stands beside
// a true account.

import { useEffect, useState } from "preact/hooks";
import type { GuardiansRecord } from "../../../ledger/protocol/guardians.ts";
import { learnName } from "../../core/directory.ts";
import { guardiansEntry, guardiansOf, refreshGuardians } from "../../core/guardians.ts";
import { provenNameOf } from "../../core/name-owner.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";

export interface Proven {
  readonly record: GuardiansRecord | null;
  readonly view: ProofView;
  readonly check: () => void;
}

async function learnNames(record: GuardiansRecord | null): Promise<void> {
  const members = new Set([...(record?.set?.members ?? []), ...(record?.change?.set.members ?? [])]);
  await Promise.all(
    [...members].map(async (member) => {
      const name = await provenNameOf(member);
      if (name !== null) learnName(member, name);
    }),
  );
}

/** Proves a record whenever it changes; what is shown and its verdict change together. */
export function useProvenGuardians(account: string, told: GuardiansRecord | null): Proven {
  const [proof, setProof] = useState<{ record: GuardiansRecord | null; view: ProofView }>({
    record: told,
    view: { state: "checking" },
  });
  const [round, setRound] = useState(0);
  const text = JSON.stringify(told);
  useEffect(() => {
    let current = true;
    const reread = async (): Promise<unknown> => {
      void refreshGuardians();
      return (await guardiansOf(account)).record;
    };
    void Promise.all([proveEntry(guardiansEntry(account), told, reread), learnNames(told)]).then(([proven]) => {
      if (current) setProof({ record: proven.shown as GuardiansRecord | null, view: proven.verdict });
    });
    return () => {
      current = false;
    };
  }, [account, text, round]);
  return {
    ...proof,
    check: () => {
      setProof({ ...proof, view: { state: "checking" } });
      setRound(round + 1);
    },
  };
}
