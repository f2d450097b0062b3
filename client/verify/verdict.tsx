// The verdict in words: what was proven, who signed it, on what it stands, how old it is.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Claim } from "../../ledger/light/bundle/check-bundle.ts";
import type { BundleVerdict } from "../../ledger/light/bundle/verify-bundle.ts";
import { fingerprintWords } from "../core/fingerprint-words.ts";
import { age, count, dateTime } from "../core/format.ts";
import { type Language, language, t, words } from "../core/language.ts";
import { Hash } from "../panels/controls/copy.tsx";

type Shown = Extract<BundleVerdict, { state: "verified" | "sound" }>;

const shield = "M12 3a12 12 0 0 0 8.5 3a12 12 0 0 1 -8.5 15a12 12 0 0 1 -8.5 -15a12 12 0 0 0 8.5 -3";
const signs = {
  verified: "M8.5 12l2.5 2.5l4.5 -4.5",
  sound: "",
  failed: "M9 9l6 6m0 -6l-6 6",
  unverified: "",
} as const;

export function Verdict({ verdict }: { verdict: BundleVerdict }): JSX.Element {
  const { state } = verdict;
  return (
    <section class={`glass verify-card verdict verdict-${state}`} data-testid="verdict" data-state={state}>
      <div class="verdict-head">
        <svg viewBox="0 0 24 24" class="verdict-mark" aria-hidden="true">
          <path d={shield} class="verdict-shield" />
          <path d={signs[state]} class="verdict-sign" />
        </svg>
        <div>
          <h2>{t(isWhole(verdict) ? `verify.state.${state}` : "verify.state.malformed")}</h2>
          <p>{saysOf(verdict)}</p>
        </div>
      </div>
      {verdict.state === "verified" || verdict.state === "sound" ? <Facts verdict={verdict} /> : null}
      {verdict.state === "failed" || verdict.state === "unverified" ? (
        <details>
          <summary>{t("verify.details")}</summary>
          <p class="verify-wrap">{verdict.detail}</p>
        </details>
      ) : null}
    </section>
  );
}

/** What cannot be read says nothing, true or not. */
const isWhole = (verdict: BundleVerdict): boolean =>
  verdict.state !== "failed" || verdict.reason !== "bundle_must_be_well_formed";

function saysOf(verdict: BundleVerdict): string {
  switch (verdict.state) {
    case "failed":
      return words(`proof.reason.${verdict.reason}`) ?? verdict.reason;
    case "unverified":
      return t("verify.unverified-says");
    default:
      return t(
        verdict.standing.on === "none" && verdict.standing.mismatch
          ? "verify.stands.mismatch"
          : `verify.stands.${verdict.standing.on}`,
      );
  }
}

function Facts({ verdict }: { verdict: Shown }): JSX.Element {
  const { claim, signers } = verdict;
  const signed = signers.filter((signer) => signer.signed).length;
  const percent = new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <>
      <section class="verify-what">
        <h3>{t("verify.what")}</h3>
        <p data-testid="claim">{claimWords(claim)}</p>
        <Value claim={claim} />
      </section>
      <dl class="verify-facts">
        <div>
          <dt>{t("verify.when")}</dt>
          <dd>{t("verify.when-says", { time: dateTime(Date.parse(verdict.time)), age: age(verdict.ageMs) })}</dd>
        </div>
        <div>
          <dt>{t("verify.where")}</dt>
          <dd>
            {t("verify.where-says", { chain: verdict.chain, height: count(verdict.height) })}{" "}
            <Hash text={verdict.hash} />
          </dd>
        </div>
        <div>
          <dt>{t("verify.who")}</dt>
          <dd>
            {t("verify.who-says", { signed: count(signed), count: count(signers.length) })}
            <ul class="verify-signers">
              {signers.slice(0, 100).map((signer) => (
                <li key={signer.address}>
                  <span aria-hidden="true">{signer.signed ? "✓" : "–"}</span>
                  <code title={signer.address}>{signer.address.slice(0, 8)}</code>
                  <span>{percent.format(signer.share)}</span>
                  <span class={signer.signed ? "" : "quiet"}>
                    {t(signer.signed ? "verify.signed" : "verify.not-signed")}
                  </span>
                </li>
              ))}
            </ul>
          </dd>
        </div>
        <div>
          <dt>{t("verify.fingerprint")}</dt>
          <dd>
            <p class="quiet">{t("verify.fingerprint-says")}</p>
            <Words hash={verdict.fingerprint} />
          </dd>
        </div>
      </dl>
    </>
  );
}

function claimWords(claim: Claim): string {
  const height = count(claim.height);
  switch (claim.kind) {
    case "state":
      return t(claim.value === null ? "verify.claim.absent" : "verify.claim.state", { name: claim.name, height });
    case "reading": {
      const { device, stream, time, result } = claim.reading;
      const number = new Intl.NumberFormat(language.value, { maximumFractionDigits: 6 }).format(result);
      return t("verify.claim.reading", { device, stream, result: number, time: dateTime(Date.parse(time)) });
    }
    case "transaction":
      return t("verify.claim.transaction", { height });
    case "result":
      return claim.code === 0
        ? t("verify.claim.applied", { height })
        : t("verify.claim.refused", { height, code: claim.code });
    case "event":
      return t("verify.claim.event", { height });
    case "log":
      return t("verify.claim.log", { from: count(claim.from.size), to: count(claim.to.size) });
  }
}

/** What the words leave out, as the ledger has it. */
function Value({ claim }: { claim: Claim }): JSX.Element | null {
  const value =
    claim.kind === "state"
      ? claim.value
      : claim.kind === "event"
        ? claim.event
        : claim.kind === "reading"
          ? null
          : claim.kind === "log"
            ? { from: claim.from, to: claim.to }
            : claim.transaction;
  if (value === null) return null;
  return (
    <figure aria-label={t("verify.value")}>
      <pre class="verify-value">{JSON.stringify(value, null, 2)}</pre>
    </figure>
  );
}

/** Numbered, so that two people do not lose each other while reading. */
function Words({ hash }: { hash: string }): JSX.Element | null {
  const [said, setSaid] = useState<{ readonly in: Language; readonly words: readonly string[] } | null>(null);
  const wanted = language.value;
  useEffect(() => {
    let current = true;
    fingerprintWords(hash, wanted).then(
      (list) => current && setSaid({ in: wanted, words: list }),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [hash, wanted]);
  if (said === null) return null;
  return (
    <ol class="verify-words" data-testid="fingerprint" lang={said.in}>
      {said.words.map((word, at) => (
        // A word may stand twice.
        <li key={at}>{word}</li>
      ))}
    </ol>
  );
}
