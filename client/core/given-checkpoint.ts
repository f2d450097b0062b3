// Checkpoints that people give each other by links, and the one that this page was opened with.

import { signal } from "@preact/signals";

/** A checkpoint that somebody gave by a link; lasts until it is compared or put away. */
export const givenCheckpoint = signal<string | null>(null);

const linkStart = "#checkpoint=";

/** A link that shows a checkpoint to whoever opens it. */
export function checkpointLink(text: string): string {
  return `${location.origin}/${linkStart}${encodeURIComponent(text)}`;
}

/** The checkpoint's text in what a person pasted: the text itself, or a link to it. */
export function pastedCheckpoint(pasted: string): string {
  const at = pasted.indexOf(linkStart);
  if (at < 0) return pasted.trim();
  try {
    return decodeURIComponent(pasted.slice(at + linkStart.length).trim());
  } catch {
    return "";
  }
}

/** Takes such a link out of the address, so that a reload does not ask again; `open` shows it. */
export function followCheckpointLinks(open: () => void): void {
  const take = (): void => {
    if (!location.hash.startsWith(linkStart)) return;
    givenCheckpoint.value = pastedCheckpoint(location.hash);
    history.replaceState(null, "", location.pathname + location.search);
    open();
  };
  addEventListener("hashchange", take);
  take();
}
