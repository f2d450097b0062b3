// A hash or account, shortened, with a button that copies the whole.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { shortHash } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import { Icon } from "./icon.tsx";

/** Copies text; falls back to nothing where the browser forbids it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function CopyButton({ text, label }: { text: string; label: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" class="plain small" onClick={copy} aria-label={label} title={label}>
      <Icon name={copied ? "check" : "copy"} size={18} />
      {copied ? <span role="status">{t("action.copied")}</span> : null}
    </button>
  );
}

export function Hash({ text }: { text: string }): JSX.Element {
  return (
    <span class="hash">
      <code title={text}>{shortHash(text)}</code>
      <CopyButton text={text} label={t("action.copy")} />
    </span>
  );
}
