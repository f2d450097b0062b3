// The explorer's search field: Enter looks, what is found opens, what is not is said.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { openCard } from "../../core/view.ts";
import { findPlace, type Place } from "./place.ts";

/** @param about where the explorer is: what was not found is forgotten when it moves on. */
export function Finder({ about, go }: { about: string; go: (place: Place) => void }): JSX.Element {
  const [query, setQuery] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  useEffect(() => setProblem(null), [about]);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (query.trim() === "") return;
    turn.current += 1;
    const mine = turn.current;
    setBusy(true);
    setProblem(null);
    findPlace(query)
      .then((found) => {
        if (mine !== turn.current) return;
        if (found === null) setProblem(t("explorer.find-problem"));
        else if (found.at === "device") openCard({ kind: "device", device: found.device });
        else go(found);
      })
      .catch((error: unknown) => mine === turn.current && setProblem(explain(error)))
      .finally(() => mine === turn.current && setBusy(false));
  };
  return (
    <search class="finder">
      <form onSubmit={submit}>
        <label>
          <span class="sr-only">{t("explorer.find")}</span>
          <input
            type="search"
            data-testid="explorer-find"
            value={query}
            maxLength={80}
            autocomplete="off"
            spellcheck={false}
            enterkeyhint="search"
            aria-busy={busy}
            placeholder={t("explorer.find")}
            onInput={(event) => {
              setQuery(event.currentTarget.value);
              setProblem(null);
            }}
          />
        </label>
        <p class={problem === null ? "sr-only" : "problem"} role="status" data-testid="explorer-find-says">
          {problem ?? (busy ? t("explorer.finding") : "")}
        </p>
      </form>
    </search>
  );
}
