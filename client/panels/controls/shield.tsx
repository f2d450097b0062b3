// The proof shield: one small button beside a fact, with a word for its state; opening it shows the chain of custody.
// States: verified, signed (waiting for its anchor), checking, unverified, failed. Verdicts come from the light client only.

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { type CustodyStep, custodySteps, type StepResult } from "../../../ledger/light/verdict.ts";
import { count, dateTime } from "../../core/format.ts";
import { t, tn, words } from "../../core/language.ts";
import type { ProofView } from "../../core/proofs.ts";
import { isAboutTrust, trustAnew } from "../../core/trust.ts";
import { copyText } from "./copy.tsx";
import { Icon } from "./icon.tsx";

type ShieldState = "verified" | "signed" | "checking" | "unverified" | "failed";

const shieldState = (view: ProofView): ShieldState => (view.state === "unchecked" ? "unverified" : view.state);

const outline = "M12 3a12 12 0 0 0 8.5 3a12 12 0 0 1 -8.5 15a12 12 0 0 1 -8.5 -15a12 12 0 0 0 8.5 -3";

function ShieldMark({ state }: { state: ShieldState }): JSX.Element {
  return (
    <svg class="shield-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path class="shield-body" d={outline} />
      {state === "verified" ? <path class="shield-sign" d="M8.5 12l2.5 2.5l4.5 -4.5" /> : null}
      {state === "signed" ? <path class="shield-half" d="M12 3a12 12 0 0 1 -8.5 3a12 12 0 0 0 8.5 15z" /> : null}
      {state === "failed" ? <path class="shield-sign" d="M12.5 4.5l-2 5l3.5 2l-3 4l1.5 4.5" /> : null}
      {state === "checking" ? <circle class="shield-wait" cx="12" cy="12" r="3.4" /> : null}
    </svg>
  );
}

function reasonWords(view: ProofView): string {
  if (view.state === "failed" || view.state === "unverified") {
    return words(`proof.reason.${view.reason}`) ?? view.reason;
  }
  return "";
}

/** One line that sums the state up, for the tooltip and the top of the opened shield. */
function summary(view: ProofView): string {
  switch (view.state) {
    case "verified":
      return tn("proof.verified.summary", view.validators, { height: count(view.height), signers: view.signers });
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

export function Shield(props: {
  view: ProofView;
  /** What is proven, for the accessible name. */
  of: string;
  testid?: string;
  /** Tells screen readers when the verdict changes. */
  announce?: boolean;
  /** Asks again, or for the first time. */
  onCheck?: () => void;
  /** Starts opened. */
  open?: boolean;
}): JSX.Element {
  const [open, setOpen] = useState(props.open ?? false);
  const id = useId();
  const { view } = props;
  const state = shieldState(view);
  const reason = view.state === "failed" || view.state === "unverified" ? view.reason : "";
  const word = t(view.state === "unchecked" ? "proof.unchecked" : `proof.${state}`);
  return (
    <div class={`proof proof-${state}`}>
      <button
        type="button"
        class="shield"
        data-testid={props.testid ?? "shield"}
        data-state={state}
        data-reason={reason}
        aria-expanded={open}
        aria-controls={id}
        aria-label={`${props.of}: ${word}`}
        title={summary(view)}
        onClick={() => {
          if (view.state === "unchecked") props.onCheck?.();
          setOpen(!open);
        }}
      >
        <ShieldMark state={state} />
        <span>{word}</span>
      </button>
      {/* Failures speak as alerts; the other changes politely, and only where one fact is what the card is about. */}
      {props.announce === true ? (
        <span class="sr-only" role="status">
          {state === "checking" || state === "failed" ? "" : `${props.of}: ${word}`}
        </span>
      ) : null}
      {state === "failed" && !open ? (
        <p class="proof-reason" role="alert">
          {reasonWords(view)}
        </p>
      ) : null}
      <div id={id} class="custody" hidden={!open}>
        {open ? <Custody view={view} onCheck={props.onCheck} /> : null}
      </div>
    </div>
  );
}

/** The five steps, each with a tick made in this browser. */
function Custody({ view, onCheck }: { view: ProofView; onCheck: (() => void) | undefined }): JSX.Element {
  const known: readonly StepResult[] = "steps" in view ? view.steps : [];
  const stateOf = (step: CustodyStep): StepResult["state"] =>
    known.find((one) => one.step === step)?.state ?? "pending";
  const shown = custodySteps.filter((step) => stateOf(step) !== "skipped");
  return (
    <>
      <p class={view.state === "failed" ? "failed-text" : ""} role={view.state === "failed" ? "alert" : undefined}>
        {summary(view)}
      </p>
      <ol class="steps">
        {shown.map((step) => (
          <li key={step} class={`step step-${stateOf(step)}`}>
            <Icon
              name={stateOf(step) === "passed" ? "check" : stateOf(step) === "failed" ? "close" : "circleDashed"}
              size={20}
            />
            <div>
              <strong>{t(`proof.step.${step}`)}</strong>
              <span class="step-state">
                {t(`proof.step-state.${stateOf(step) as "passed" | "failed" | "pending"}`)}
              </span>
              <div class="quiet">{t(`proof.step.${step}.says`)}</div>
            </div>
          </li>
        ))}
      </ol>
      {view.state === "verified" ? <p class="quiet">{dateTime(Date.parse(view.time))}</p> : null}
      {view.state === "unverified" && view.detail !== "" ? <p class="quiet">{view.detail}</p> : null}
      {view.state === "failed" ? <Evidence view={view} /> : null}
      {view.state === "failed" && isAboutTrust(view.reason) ? (
        <details class="evidence">
          <summary>{t("proof.trust-anew")}</summary>
          <p>{t("proof.trust-anew-says")}</p>
          <button type="button" class="danger" onClick={() => void trustAnew().then(onCheck)}>
            {t("proof.trust-anew")}
          </button>
        </details>
      ) : null}
      {onCheck === undefined || view.state === "checking" ? null : (
        <button type="button" class="secondary" onClick={onCheck}>
          {t("proof.check-again")}
        </button>
      )}
    </>
  );
}

const evidenceShownMax = 20_000;

function evidenceText(view: Extract<ProofView, { state: "failed" }>): string {
  const { reason, detail, steps, evidence } = view;
  try {
    return JSON.stringify(
      { reason, detail, steps, evidence },
      (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value),
      2,
    );
  } catch {
    return JSON.stringify({ reason, detail, steps }, null, 2);
  }
}

function Evidence({ view }: { view: Extract<ProofView, { state: "failed" }> }): JSX.Element {
  const text = evidenceText(view);
  const download = (): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `glasstown-evidence-${view.reason}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <details class="evidence" data-testid="evidence">
      <summary>{t("proof.evidence")}</summary>
      <p class="quiet">{view.detail}</p>
      <div class="row">
        <button type="button" class="secondary" onClick={() => void copyText(text)}>
          <Icon name="copy" size={18} /> {t("action.copy")}
        </button>
        <button type="button" class="secondary" onClick={download}>
          <Icon name="download" size={18} /> {t("action.download")}
        </button>
      </div>
      <pre>{text.slice(0, evidenceShownMax)}</pre>
    </details>
  );
}
