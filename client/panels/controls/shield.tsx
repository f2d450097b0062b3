// The proof shield: one small button beside a fact, with a word for its state; opening it shows the chain of custody.
// States: verified, remembered (verified earlier, no server answers now), signed (waiting for its anchor), checking, unverified, failed.
// Verdicts come from the light client only. What makes files of proofs is loaded when a verified shield is opened.

import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { type BundleQuestion, type CustodyStep, custodySteps, type StepResult } from "../../../ledger/light/verdict.ts";
import { streamState } from "../../core/blocks.ts";
import { clockOffset, now } from "../../core/clock.ts";
import { dateTime } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import type { ProofView } from "../../core/proofs.ts";
import { isAboutTrust, trustAnew } from "../../core/trust.ts";
import { copyText } from "./copy.tsx";
import { Icon } from "./icon.tsx";
import { Reading } from "./reading.tsx";
import { reasonWords, type ShieldState, shieldState, shieldSummary, shieldWord } from "./shield-words.ts";

const outline = "M12 3a12 12 0 0 0 8.5 3a12 12 0 0 1 -8.5 15a12 12 0 0 1 -8.5 -15a12 12 0 0 0 8.5 -3";

function ShieldMark({ state }: { state: ShieldState }): JSX.Element {
  return (
    <svg class="shield-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path class="shield-body" d={outline} />
      {state === "verified" ? <path class="shield-sign" d="M8.5 12l2.5 2.5l4.5 -4.5" /> : null}
      {state === "remembered" ? <path class="shield-sign" d="M12 7.5v4.7l3 1.8" /> : null}
      {state === "signed" ? <path class="shield-half" d="M12 3a12 12 0 0 1 -8.5 3a12 12 0 0 0 8.5 15z" /> : null}
      {state === "failed" ? <path class="shield-sign" d="M12.5 4.5l-2 5l3.5 2l-3 4l1.5 4.5" /> : null}
      {state === "checking" ? <circle class="shield-wait" cx="12" cy="12" r="3.4" /> : null}
    </svg>
  );
}

/** While the stream of blocks is open again, what was said from memory is asked anew after this. */
const rememberedPauseMs = 10_000;

export function Shield(props: {
  view: ProofView;
  /** What is proven, for the accessible name. */
  of: string;
  testid?: string;
  /** What a proof for others can be made of, where there is one. */
  question?: BundleQuestion;
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
  const remembered = view.state === "verified" ? view.remembered : undefined;
  const word = shieldWord(view, () => now.value - clockOffset.value);
  const again = props.onCheck;
  const answered = remembered !== undefined && streamState.value === "open";
  useEffect(() => {
    if (!answered || again === undefined) return;
    const timer = setTimeout(again, rememberedPauseMs);
    return () => clearTimeout(timer);
  }, [answered, view]);
  return (
    <div class={`proof proof-${state}`}>
      <button
        type="button"
        class="shield"
        data-testid={props.testid ?? "shield"}
        data-state={state}
        data-reason={reason}
        data-remembered={remembered === undefined ? undefined : new Date(remembered.atMs).toISOString()}
        aria-expanded={open}
        aria-controls={id}
        aria-label={`${props.of}: ${word}`}
        title={shieldSummary(view)}
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
        {open ? <Custody view={view} of={props.of} question={props.question} onCheck={props.onCheck} /> : null}
      </div>
    </div>
  );
}

/** The five steps, each with a tick made in this browser. */
function Custody(props: {
  view: ProofView;
  of: string;
  question: BundleQuestion | undefined;
  onCheck: (() => void) | undefined;
}): JSX.Element {
  const { view, question, onCheck } = props;
  const known: readonly StepResult[] = "steps" in view ? view.steps : [];
  const stateOf = (step: CustodyStep): StepResult["state"] =>
    known.find((one) => one.step === step)?.state ?? "pending";
  const shown = custodySteps.filter((step) => stateOf(step) !== "skipped");
  return (
    <>
      <p class={view.state === "failed" ? "failed-text" : ""} role={view.state === "failed" ? "alert" : undefined}>
        {shieldSummary(view)}
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
      {view.state === "verified" && question !== undefined ? (
        <ForOthers
          of={props.of}
          question={question.kind === "state" ? { ...question, expected: view.value } : question}
        />
      ) : null}
      {onCheck === undefined || view.state === "checking" ? null : (
        <button type="button" class="secondary" onClick={onCheck}>
          {t("proof.check-again")}
        </button>
      )}
    </>
  );
}

type SaveProof = typeof import("./save-proof.tsx")["SaveProof"];
let loadedSaveProof: SaveProof | null = null;

/** The proof as a file or a link. Its code comes with the first shield that is opened. */
function ForOthers(props: { of: string; question: BundleQuestion }): JSX.Element {
  const [Loaded, setLoaded] = useState<SaveProof | null>(() => loadedSaveProof);
  const [problem, setProblem] = useState(false);
  const load = (): void => {
    setProblem(false);
    import("./save-proof.tsx").then(
      ({ SaveProof }) => {
        loadedSaveProof = SaveProof;
        setLoaded(() => SaveProof);
      },
      () => setProblem(true),
    );
  };
  useEffect(() => {
    if (Loaded === null) load();
  }, []);
  if (Loaded !== null) return <Loaded {...props} />;
  return <Reading problem={problem ? t("error.unreachable") : null} again={load} />;
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
