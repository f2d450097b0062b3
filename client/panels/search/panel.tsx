// The one search field (`/`): places, addresses, devices, people near. Arrow keys choose, Enter walks there and opens the card.

import { computed } from "@preact/signals";
import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { lookAt } from "../../core/city-scene.ts";
import { t, words } from "../../core/language.ts";
import { neighbours } from "../../core/room.ts";
import { searchIndex } from "../../core/search-index.ts";
import { openCard } from "../../core/view.ts";
import { devices, objects } from "../../core/world.ts";
import { Icon } from "../controls/icon.tsx";
import "./panel.css";

const index = computed(() => searchIndex(objects.value, devices.value, (key) => words(key) ?? key));

export function Search(): JSX.Element {
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const found = open && query.trim() !== "" ? index.value(query, neighbours.value) : [];
  const go = (number: number): void => {
    const hit = found[number];
    if (hit === undefined) return;
    setOpen(false);
    input.current?.blur();
    lookAt(hit.subject);
    openCard(hit.subject);
  };
  const keyed = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "ArrowDown") setChosen(Math.min(found.length - 1, chosen + 1));
    else if (event.key === "ArrowUp") setChosen(Math.max(0, chosen - 1));
    else if (event.key === "Enter") go(chosen);
    else if (event.key === "Escape") {
      setOpen(false);
      setQuery("");
      input.current?.blur();
    } else return;
    event.preventDefault();
  };
  return (
    <search class="search">
      <div class="glass search-field">
        <Icon name="search" />
        <input
          ref={input}
          id="search"
          data-testid="search"
          type="text"
          role="combobox"
          autocomplete="off"
          spellcheck={false}
          maxLength={80}
          aria-label={t("search.label")}
          aria-expanded={found.length > 0}
          aria-controls="search-results"
          aria-autocomplete="list"
          aria-activedescendant={found.length > 0 ? `search-result-${chosen}` : undefined}
          placeholder={t("search.example")}
          value={query}
          onFocus={() => setOpen(true)}
          onBlur={() => setTimeout(() => setOpen(false), 150)}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(0);
            setOpen(true);
          }}
          onKeyDown={keyed}
        />
        <kbd>/</kbd>
      </div>
      {open && query.trim() !== "" ? (
        <div class="glass search-results">
          {found.length === 0 ? <p class="empty">{t("search.none")}</p> : null}
          <div id="search-results" role="listbox" aria-label={t("search.results")}>
            {found.map((hit, number) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled in the field, as the combobox pattern wants.
              <div
                key={JSON.stringify(hit.subject)}
                id={`search-result-${number}`}
                role="option"
                tabIndex={-1}
                aria-selected={number === chosen}
                data-testid="search-result"
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => go(number)}
              >
                <span>{hit.title}</span>
                <span class="quiet">{[hit.kind, hit.detail].filter((text) => text !== "").join(" · ")}</span>
              </div>
            ))}
          </div>
        </div>
      ) : null}
    </search>
  );
}
