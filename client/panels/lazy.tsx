// A part of the page whose code comes when it is first shown, or when the page is idle, whichever is sooner.
// While it loads it says so; when it cannot be loaded it says that, and offers to try again.

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../core/language.ts";

type Part = () => JSX.Element | null;

export interface LazyPart {
  readonly Shown: Part;
  /** Loads ahead; a failure waits until the part is shown. */
  preload(): void;
}

export function lazyPart(load: () => Promise<Part>): LazyPart {
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
      })
      .finally(() => {
        loading = false;
      });
  };
  const Shown = (): JSX.Element => {
    useEffect(start, []);
    const Loaded = loaded.value;
    if (Loaded !== null) return <Loaded />;
    return (
      <section class="glass panel" aria-busy={!failed.value}>
        <div class="panel-body">
          {failed.value ? (
            <>
              <p class="problem" role="alert">
                {t("error.unreachable")}
              </p>
              <button type="button" class="secondary" onClick={start}>
                {t("action.again")}
              </button>
            </>
          ) : (
            <p class="empty" role="status">
              <span class="spinner" aria-hidden="true" /> {t("action.working")}
            </p>
          )}
        </div>
      </section>
    );
  };
  return { Shown, preload: start };
}
