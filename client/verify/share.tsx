// A bundle for others: its link, a file, and QR codes for the screen and for paper.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { toBundleText, toQrTexts } from "../../ledger/light/bundle/text-forms.ts";
import { loadLightCore } from "../../wasm-core/bindings/light-browser.ts";
import { t } from "../core/language.ts";
import { copyText } from "../panels/controls/copy.tsx";
import { Icon } from "../panels/controls/icon.tsx";
import { QrCode } from "../panels/controls/qr-code.tsx";

/** More codes than this are for files, not for paper. */
const codesMax = 24;

export function Share({ bytes }: { bytes: Uint8Array }): JSX.Element {
  const [codes, setCodes] = useState<readonly string[] | null>([]);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    let current = true;
    loadLightCore().then(
      (core) => {
        if (!current) return;
        try {
          const texts = toQrTexts(core, bytes);
          setCodes(texts.length > codesMax ? null : texts);
        } catch {
          setCodes(null);
        }
      },
      () => setCodes(null),
    );
    return () => {
      current = false;
    };
  }, [bytes]);
  const copy = async (): Promise<void> => {
    setCopied(await copyText(`${location.href.split("#")[0]}#${toBundleText(bytes)}`));
  };
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "application/octet-stream" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: "proof.glasstown" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <section class="glass verify-card verify-share" aria-labelledby="verify-share">
      <h2 id="verify-share">{t("verify.share")}</h2>
      <div class="verify-actions">
        <button type="button" class="secondary" data-testid="copy-link" onClick={copy}>
          <Icon name={copied ? "check" : "copy"} size={18} />
          <span role="status">{t(copied ? "verify.copied" : "verify.copy-link")}</span>
        </button>
        <button type="button" class="secondary" onClick={save}>
          <Icon name="download" size={18} />
          {t("verify.save")}
        </button>
        <button type="button" class="secondary" onClick={() => print()}>
          {t("verify.print")}
        </button>
      </div>
      {codes === null ? <p class="quiet">{t("verify.too-large-for-codes")}</p> : null}
      <ul class="verify-codes">
        {(codes ?? []).map((text, i) => (
          <li key={text}>
            <QrCode
              text={text}
              label={t("verify.code", { number: i + 1, count: codes?.length ?? 1 })}
              testid="bundle-qr"
            />
            {codes !== null && codes.length > 1 ? (
              <span aria-hidden="true">{t("verify.code", { number: i + 1, count: codes.length })}</span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
