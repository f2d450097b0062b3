// What this browser trusts, to be compared with what others are shown: the city's first block in words, a checkpoint for a friend's
// phone, and a friend's checkpoint held against the chain that is shown here.

import "../../core/trusted-words.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ShownCheckpoint, Verdict } from "../../../ledger/light/verdict.ts";
import { fingerprintWords } from "../../core/fingerprint-words.ts";
import { count, dateTime } from "../../core/format.ts";
import { checkpointLink, givenCheckpoint, pastedCheckpoint } from "../../core/given-checkpoint.ts";
import { type Language, language, t, words } from "../../core/language.ts";
import { ask } from "../../core/light.ts";
import { beginTrust } from "../../core/trust.ts";
import { closePanel } from "../../core/view.ts";
import { copyText } from "../controls/copy.tsx";
import { Glass } from "../controls/glass.tsx";
import { Icon } from "../controls/icon.tsx";
import { Outcome, TaskButton, useTask } from "../controls/progress-button.tsx";
import { QrCode } from "../controls/qr-code.tsx";
import { Reading } from "../controls/reading.tsx";
import { OtherServers } from "./other-servers.tsx";
import "./panel.css";

type Verified = Extract<Verdict, { state: "verified" }>;

/** Why a verdict is not green, in words. */
const whyNot = (verdict: Verdict): string =>
  "reason" in verdict ? (words(`proof.reason.${verdict.reason}`) ?? verdict.reason) : t("trusted.not-proven");

/** What is no checkpoint at all speaks against nobody. */
const speaksAgainst = (verdict: Verdict): boolean =>
  verdict.state === "failed" && verdict.reason !== "checkpoint_must_be_well_formed";

export function TrustedPanel(): JSX.Element {
  const [own, setOwn] = useState<Verdict | null>(null);
  const look = (): void => {
    setOwn(null);
    void ask((light) => light.checkpoint()).then(setOwn);
  };
  useEffect(look, []);
  return (
    <Glass
      title={t("trusted.title")}
      subtitle={t("trusted.subtitle")}
      icon="shield"
      testid="trusted-panel"
      onClose={closePanel}
    >
      {own?.state === "verified" ? (
        <Own verdict={own} />
      ) : (
        <Reading
          problem={own === null ? null : `${t("trusted.not-proven")} ${whyNot(own)}`}
          says={t("trusted.loading")}
          again={look}
        />
      )}
      <OtherServers />
      <Compare begun={look} />
    </Glass>
  );
}

function Own({ verdict }: { verdict: Verified }): JSX.Element {
  const shown = verdict.value as ShownCheckpoint;
  const task = useTask();
  const height = count(shown.height);
  return (
    <>
      <p data-testid="trusted-block" data-height={shown.height}>
        {t("trusted.block", {
          height,
          time: dateTime(Date.parse(verdict.time)),
          signers: verdict.signers,
          validators: verdict.validators,
        })}
      </p>
      <section class="trusted-part">
        <h3>{t("trusted.city")}</h3>
        <Words hash={shown.genesis} />
        <p class="quiet">{t("trusted.city-says")}</p>
      </section>
      <section class="trusted-part">
        <h3>{t("trusted.friend")}</h3>
        <p class="quiet">{t("trusted.friend-says")}</p>
        <QrCode text={checkpointLink(shown.text)} label={t("trusted.qr", { height })} testid="trusted-qr" />
        <TaskButton
          task={task}
          class="secondary"
          testid="trusted-copy"
          icon={<Icon name="copy" size={18} />}
          run={async () => ((await copyText(shown.text)) ? t("trusted.copied") : t("trusted.not-copied"))}
        >
          {t("trusted.copy")}
        </TaskButton>
        <Outcome task={task} />
      </section>
    </>
  );
}

/** The words of a hash, numbered, so that two people do not lose each other while reading. */
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
    <ol class="fingerprint" data-testid="trusted-words" lang={said.in}>
      {said.words.map((word, at) => (
        // A word may stand twice.
        <li key={at}>{word}</li>
      ))}
    </ol>
  );
}

function Compare({ begun }: { begun: () => void }): JSX.Element {
  const [text, setText] = useState("");
  const [result, setResult] = useState<Verdict | null>(null);
  const task = useTask();
  const beginning = useTask();
  const given = givenCheckpoint.value;
  const compare = (pasted: string): void => {
    setResult(null);
    void task.run(async () => {
      setResult(await ask((light) => light.compare(pastedCheckpoint(pasted))));
      return undefined;
    });
  };
  useEffect(() => {
    if (given === null) return;
    givenCheckpoint.value = null;
    setText(given);
    compare(given);
  }, [given]);
  const begin = async (): Promise<string | undefined> => {
    const verdict = await beginTrust(pastedCheckpoint(text));
    setResult(verdict);
    if (verdict.state !== "verified") return undefined;
    begun();
    return t("trusted.begun", { height: count(verdict.height) });
  };
  return (
    <section class="trusted-part">
      <h3>{t("trusted.compare")}</h3>
      <form
        class="field field-below"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          compare(text);
        }}
      >
        <label>
          <span>{t("trusted.given")}</span>
          <input
            data-testid="trusted-given"
            value={text}
            maxLength={2_000}
            autocomplete="off"
            spellcheck={false}
            aria-invalid={task.problem !== null}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setResult(null);
              task.fail(null);
            }}
          />
        </label>
        <button
          type="submit"
          class="secondary"
          data-testid="trusted-compare"
          disabled={text.trim() === ""}
          aria-busy={task.busy}
        >
          {task.busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="shield" />}
          {t("trusted.compare-do")}
        </button>
      </form>
      <Outcome task={task} />
      <Compared result={result} />
      {result !== null && speaksAgainst(result) ? (
        <details class="fold">
          <summary>{t("trusted.begin")}</summary>
          <p>{t("trusted.begin-says")}</p>
          <TaskButton task={beginning} class="danger" testid="trusted-begin" run={begin}>
            {t("trusted.begin-do")}
          </TaskButton>
        </details>
      ) : null}
      <Outcome task={beginning} />
    </section>
  );
}

function Compared({ result }: { result: Verdict | null }): JSX.Element {
  return (
    <div role="status" data-testid="trusted-result" data-state={result?.state ?? ""}>
      {result === null ? null : result.state === "verified" ? (
        <p class="notice trusted-same">
          <Icon name="check" size={20} /> {t("trusted.same", { height: count(result.height) })}
        </p>
      ) : (
        <p class={`notice ${speaksAgainst(result) ? "trusted-different" : ""}`}>
          {whyNot(result)} {speaksAgainst(result) ? t("trusted.different") : ""}
        </p>
      )}
    </div>
  );
}
