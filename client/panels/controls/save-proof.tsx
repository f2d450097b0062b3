// A verified fact as a proof for others: a file, or a link to the verify page with the proof in its fragment. Made when it is asked for,
// from the newest block, and kept while the question stays the same.

import "../../core/proof-words.ts";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { BundleQuestion, MadeBundle } from "../../../ledger/light/verdict.ts";
import { t, words } from "../../core/language.ts";
import { makeProof } from "../../core/light.ts";
import { proofFileName, verifyAddress } from "../../core/proof-file.ts";
import { Icon } from "./icon.tsx";

type Bytes = Uint8Array<ArrayBuffer>;

/** What is said below the buttons. */
type Said =
  | { readonly state: "nothing" }
  | { readonly state: "busy" }
  | { readonly state: "done"; readonly text: string }
  | { readonly state: "problem"; readonly text: string };

/** The file stays readable for browsers that fetch it late. */
const fileLifeMs = 60_000;

function download(bytes: Bytes, name: string): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), fileLifeMs);
}

export function problemOf(made: Exclude<MadeBundle, { state: "made" }>): string {
  if (made.state === "unverified")
    return t(made.reason === "server_must_answer" ? "save-proof.offline" : "save-proof.not-yet");
  // The ledger went on since: that is no lie.
  if (made.reason === "value_must_match_entry") return t("save-proof.changed");
  return t("save-proof.failed", { reason: words(`proof.reason.${made.reason}`) ?? made.reason });
}

export function SaveProof({ of, question }: { of: string; question: BundleQuestion }): JSX.Element {
  // A state entry's question holds the value that is shown, so a proof of another is never given away for it.
  const asked = JSON.stringify(question);
  const [ready, setReady] = useState<{ readonly asked: string; readonly bytes: Bytes } | null>(null);
  const [said, setSaid] = useState<Said>({ state: "nothing" });
  const current = useRef(asked);
  current.current = asked;
  useEffect(() => setSaid({ state: "nothing" }), [asked]);
  const bytes = ready?.asked === asked ? ready.bytes : null;
  const busy = said.state === "busy";
  /** What is said of a fact that is no longer shown would be said of another. */
  const say = (next: Said): void => {
    if (current.current === asked) setSaid(next);
  };
  const made = async (): Promise<Bytes | null> => {
    if (bytes !== null) return bytes;
    setSaid({ state: "busy" });
    const bundle = await makeProof(question);
    if (bundle.state !== "made") {
      say({ state: "problem", text: problemOf(bundle) });
      return null;
    }
    setReady({ asked, bytes: bundle.bytes });
    return bundle.bytes;
  };
  const save = async (): Promise<void> => {
    const proof = await made();
    if (proof === null) return;
    const file = proofFileName(question);
    download(proof, file);
    say({ state: "done", text: t("save-proof.saved", { file }) });
  };
  /** The tab opens at the press, as browsers want it; the proof follows when it is made. */
  const open = async (): Promise<void> => {
    const tab = window.open(verifyAddress(null), "_blank");
    const proof = await made();
    if (proof === null) return tab?.close();
    if (tab === null) return say({ state: "problem", text: t("save-proof.blocked") });
    tab.location.replace(verifyAddress(proof));
    say({ state: "done", text: t("save-proof.opened") });
  };
  return (
    <div class="save-proof" data-testid="save-proof">
      <p class="quiet">{t("save-proof.says")}</p>
      <div class="row">
        <button
          type="button"
          class="secondary"
          data-testid="save-proof-file"
          aria-label={t("save-proof.save-of", { of })}
          aria-busy={busy}
          disabled={busy}
          onClick={() => void save()}
        >
          <Icon name="download" size={18} /> {t("save-proof.save")}
        </button>
        <a
          class="link-button"
          data-testid="save-proof-link"
          href={verifyAddress(bytes)}
          target="_blank"
          rel="noopener"
          aria-label={t("save-proof.elsewhere-of", { of })}
          aria-disabled={busy}
          onClick={(event) => {
            // With the proof in its address it is a link like any other.
            if (bytes !== null) return;
            event.preventDefault();
            if (!busy) void open();
          }}
        >
          <Icon name="shield" size={18} /> {t("save-proof.elsewhere")}
        </a>
      </div>
      <p
        class={said.state === "problem" ? "problem" : "quiet"}
        role={said.state === "problem" ? "alert" : "status"}
        data-testid="save-proof-says"
        data-state={said.state}
      >
        {said.state === "busy" ? (
          <>
            <span class="spinner" aria-hidden="true" /> {t("save-proof.making")}
          </>
        ) : said.state === "nothing" ? (
          ""
        ) : (
          said.text
        )}
      </p>
    </div>
  );
}
