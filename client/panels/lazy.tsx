// A part of the page whose code comes when it is first shown, or when the page is idle, whichever is sooner.
// While it loads it says so; when it cannot be loaded it says that, and offers to try again.

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../core/language.ts";
import { Reading } from "./controls/reading.tsx";

type Part = () => JSX.Element | null;

export interface LazyPart {
  readonly Shown: Part;
  /** Loads ahead; a failure waits until the part is shown. */
  preload(): void;
}

/** After this an unseen part that could not be loaded is tried again. */
const againMs = 15_000;

/** @param waiting `unseen` for a part that nobody has asked for: it says nothing until it is there, and tries until it is. */
export function lazyPart(load: () => Promise<Part>, waiting: "seen" | "unseen" = "seen"): LazyPart {
  const loaded = signal<Part | null>(null);
  const failed = signal(false);
  let loading = false;
  const start = (): void => {
    if (loading || loaded.peek() !== null) return;
    loading = true;
    failed.value = false;
    load()
      .then((part) => {
        loaded.value = part;
      })
      .catch(() => {
        failed.value = true;
        if (waiting === "unseen") setTimeout(start, againMs);
      })
      .finally(() => {
        loading = false;
      });
  };
  const Shown = (): JSX.Element | null => {
    useEffect(start, []);
    const Loaded = loaded.value;
    if (Loaded !== null) return <Loaded />;
    if (waiting === "unseen") return null;
    return (
      <section class="glass panel" aria-busy={!failed.value}>
        <div class="panel-body">
          <Reading problem={failed.value ? t("error.unreachable") : null} again={start} />
        </div>
      </section>
    );
  };
  return { Shown, preload: start };
}
