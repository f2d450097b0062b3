// Witnesses: other ledgers of this city whose headers the light client compares with those of the page's own server.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LightClientPort } from "../../../ledger/light/verdict.ts";
import { headHeight } from "../../core/blocks.ts";
import { count } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import { lightWitnesses } from "../../core/light.ts";
import { witnessesMax, witnessUrls } from "../../core/preferences.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, useTask } from "../controls/progress-button.tsx";

type ShownWitness = Awaited<ReturnType<LightClientPort["witnesses"]>>[number];

/** The base URL as the light client takes it, or null when it is none that a browser may ask. */
function baseOf(typed: string): string | null {
  if (!URL.canParse(typed)) return null;
  const url = new URL(typed);
  const sound = /^https?:$/.test(url.protocol) && url.username === "" && url.search === "" && url.hash === "";
  return sound ? url.href.replace(/\/+$/, "") : null;
}

export function OtherServers(): JSX.Element {
  const [said, setSaid] = useState<readonly ShownWitness[]>([]);
  const [typed, setTyped] = useState("");
  const task = useTask();
  const urls = witnessUrls.value;
  const height = headHeight.value;
  useEffect(() => {
    let current = true;
    void lightWitnesses().then((list) => current && setSaid(list));
    return () => {
      current = false;
    };
  }, [urls, height]);
  const add = (): void => {
    const base = baseOf(typed.trim());
    if (base === null || base === `${location.origin}/ledger`) task.fail(t("trusted.other-wrong"));
    else if (urls.includes(base)) task.fail(t("trusted.other-twice"));
    else if (urls.length >= witnessesMax) task.fail(t("trusted.other-full", { count: witnessesMax }));
    else {
      witnessUrls.value = [...urls, base];
      setTyped("");
    }
  };
  return (
    <section class="trusted-part">
      <h3>{t("trusted.others")}</h3>
      <p class="quiet">{t(urls.length === 0 ? "trusted.others-none" : "trusted.others-says")}</p>
      {urls.length === 0 ? null : (
        <ul class="lines" data-testid="trusted-others">
          {urls.map((url) => (
            <OtherServer key={url} url={url} said={said.find(({ name }) => name === url)} />
          ))}
        </ul>
      )}
      <form
        class="field field-below"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <label>
          <span>{t("trusted.other-label")}</span>
          <input
            data-testid="trusted-other"
            type="url"
            inputMode="url"
            value={typed}
            maxLength={200}
            autocomplete="off"
            spellcheck={false}
            placeholder="https://"
            aria-invalid={task.problem !== null}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              task.fail(null);
            }}
          />
        </label>
        <button type="submit" class="secondary" data-testid="trusted-other-add" disabled={typed.trim() === ""}>
          <Icon name="plus" />
          {t("trusted.other-add")}
        </button>
      </form>
      <Outcome task={task} />
    </section>
  );
}

function OtherServer({ url, said }: { url: string; said: ShownWitness | undefined }): JSX.Element {
  const state = said?.state ?? "unasked";
  const words = t(`trusted.other-${state}`, { height: count(said?.agreedHeight ?? 0) });
  const remove = t("trusted.other-remove", { name: url });
  return (
    <li class="line" data-testid="trusted-witness" data-state={state} title={said?.detail ?? ""}>
      <div>
        {url}
        <br />
        <span class={state === "dropped" ? "failed-text" : "quiet"}>{words}</span>
      </div>
      <button
        type="button"
        class="plain small"
        aria-label={remove}
        title={remove}
        onClick={() => {
          witnessUrls.value = witnessUrls.value.filter((one) => one !== url);
        }}
      >
        <Icon name="close" size={18} />
      </button>
    </li>
  );
}
