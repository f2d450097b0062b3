// What a proof for others is called and where it is checked: the name of its file and the address of the verify page with it.

import type { BundleQuestion } from "../../ledger/light/verdict.ts";
import { toBase64url } from "../../ledger/protocol/base64url.ts";

/** Characters of a fact's name in the name of its file. */
const nameMax = 60;

/** A name that every file system takes, with the ending that the verify page's own files have. */
export function proofFileName(question: BundleQuestion): string {
  return `proof-${subjectOf(question)
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, nameMax)
    .replace(/-$/, "")}.glasstown`;
}

function subjectOf(question: BundleQuestion): string {
  switch (question.kind) {
    case "state":
      return question.name;
    case "reading":
      return `${question.reading.device} ${question.reading.stream} ${question.reading.logIndex}`;
    case "event":
      return `event ${question.number} ${question.id.slice(0, 16)}`;
    case "log":
      return `log ${question.size}`;
    default:
      return `${question.kind} ${question.id.slice(0, 16)}`;
  }
}

/** The verify page of this city. With a proof in the fragment, which browsers never send to a server. */
export function verifyAddress(bytes: Uint8Array | null): string {
  return bytes === null ? "/verify/" : `/verify/#${toBase64url(bytes)}`;
}
