// What of CometBFT's plain log a person should see: errors, without the time. Colours and control characters stay out.

import { stripVTControlCharacters } from "node:util";

const lineLengthMax = 300;

/** True for the line that CometBFT writes once its reactors run. */
export function isReadyLine(line: string): boolean {
  return /\bmodule=consensus\b/.test(line) || line.includes("Timed out") || line.includes("Started node");
}

/** The line as people read it, or null when it is not for them. */
export function shownLine(part: string, line: string): string | null {
  const plain = stripVTControlCharacters(line)
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
  const error = /^E\[[^\]]*\]\s*(.*)$/.exec(plain);
  if (error === null) return /^(panic|ERROR|Error)/.test(plain) ? shortened(`${part}: ${plain}`) : null;
  return shortened(`${part}: error: ${error[1]!.replaceAll(/\s{2,}/g, "  ")}`);
}

function shortened(text: string): string {
  return text.length > lineLengthMax ? `${text.slice(0, lineLengthMax - 1)}…` : text;
}
