// What a shield says of a verdict: its state, the word on it and one line that sums it up. What this browser verified earlier, and no
// server answers for now, is a state of its own: it was true then, and says so.

import { age, count } from "../../core/format.ts";
import { t, tn, words } from "../../core/language.ts";
import type { ProofView } from "../../core/proofs.ts";

export type ShieldState = "verified" | "remembered" | "signed" | "checking" | "unverified" | "failed";

export function shieldState(view: ProofView): ShieldState {
  if (view.state === "unchecked") return "unverified";
  return view.state === "verified" && view.remembered !== undefined ? "remembered" : view.state;
}

/** Beside the mark. @param nowMs UNIX milliseconds; asked for only where the word tells an age. */
export function shieldWord(view: ProofView, nowMs: () => number): string {
  if (view.state === "verified" && view.remembered !== undefined)
    return t("proof.remembered", { age: age(nowMs() - view.remembered.atMs) });
  return t(`proof.${view.state}`);
}

export function reasonWords(view: ProofView): string {
  if (view.state !== "failed" && view.state !== "unverified") return "";
  return words(`proof.reason.${view.reason}`) ?? view.reason;
}

/** For the tooltip and the top of the opened shield. */
export function shieldSummary(view: ProofView): string {
  switch (view.state) {
    case "verified": {
      const checked = { height: count(view.height), signers: view.signers };
      const said = tn("proof.verified.summary", view.validators, checked);
      return view.remembered === undefined ? said : `${said} ${t("proof.remembered.summary")}`;
    }
    case "signed":
      return t("proof.signed.summary");
    case "failed":
    case "unverified":
      return reasonWords(view);
    case "checking":
      return t("proof.checking.summary");
    case "unchecked":
      return t("proof.unchecked.summary");
  }
}
