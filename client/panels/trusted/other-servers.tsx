// Witnesses: other ledgers of this city whose headers the light client compares with those of the page's own server.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LightClientPort } from "../../../ledger/light/verdict.ts";
import { headHeight } from "../../core/blocks.ts";
import { count } from "../../core/format.ts";
import { t } from "../../core/language.ts";
import { lightWitnesses } from "../../core/light.ts";
import { witnessesMax, witnessUrls } from "../../core/preferences.ts";
import { removeWitness, restoreWitness, witnessBase, witnessChoice } from "../../core/witnesses.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, useTask } from "../controls/progress-button.tsx";

type ShownWitness = Awaited<ReturnType<LightClientPort["witnesses"]>>[number];

export function OtherServers(): JSX.Element {
  const [said, setSaid] = useState<readonly ShownWitness[]>([]);
  const [typed, setTyped] = useState("");
  const task = useTask();
  const own = witnessUrls.value;
  const { asked, off, onlyItself } = witnessChoice.value;
  const height = headHeight.value;
  useEffect(() => {
    let current = true;
    void lightWitnesses().then((list) => current && setSaid(list));
    return () => {
      current = false;
    };
  }, [asked, height]);
  const add = (): void => {
    const base = witnessBase(typed.trim());
    if (base === null || new URL(base).origin === location.origin) task.fail(t("trusted.other-wrong"));
    else if (asked.some(({ url }) => url === base)) task.fail(t("trusted.other-twice"));
    else if (own.length >= witnessesMax) task.fail(t("trusted.other-full", { count: witnessesMax }));
    else {
      witnessUrls.value = [...own, base];
      setTyped("");
    }
  };
  return (
    <section class="trusted-part">
      <h3>{t("trusted.others")}</h3>
      <p class="quiet">{t(asked.length === 0 ? "trusted.others-none" : "trusted.others-says")}</p>
      {onlyItself ? (
        <p class="quiet" data-testid="trusted-only-itself">
          {t("trusted.others-only-itself")}
        </p>
      ) : null}
      {asked.length + off.length === 0 ? null : (
        <ul class="lines" data-testid="trusted-others">
          {asked.map(({ url, from }) => (
            <OtherServer key={url} url={url} from={from} said={said.find(({ name }) => name === url)} />
          ))}
          {off.map((url) => (
            <ServerOff key={url} url={url} />
          ))}
        </ul>
      )}
      {asked.some(({ from }) => from === "city") ? <p class="quiet">{t("trusted.others-suggested")}</p> : null}
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

interface OtherServerProps {
  readonly url: string;
  readonly from: "citizen" | "city";
  readonly said: ShownWitness | undefined;
}

function OtherServer({ url, from, said }: OtherServerProps): JSX.Element {
  const state = said?.state ?? "unasked";
  const words = t(`trusted.other-${state}`, { height: count(said?.agreedHeight ?? 0) });
  const remove = t("trusted.other-remove", { name: url });
  return (
    <li class="line" data-testid="trusted-witness" data-state={state} data-from={from} title={said?.detail ?? ""}>
      <div>
        {url}
        <br />
        <span class={state === "dropped" ? "failed-text" : "quiet"}>{words}</span>
        {from === "city" ? <span class="quiet"> · {t("trusted.other-suggested")}</span> : null}
      </div>
      <button type="button" class="plain small" aria-label={remove} title={remove} onClick={() => removeWitness(url)}>
        <Icon name="close" size={18} />
      </button>
    </li>
  );
}

/** A suggestion that the citizen took out. */
function ServerOff({ url }: { readonly url: string }): JSX.Element {
  const restore = t("trusted.other-restore", { name: url });
  return (
    <li class="line" data-testid="trusted-witness-off">
      <div>
        {url}
        <br />
        <span class="quiet">{t("trusted.other-off")}</span>
      </div>
      <button
        type="button"
        class="plain small"
        aria-label={restore}
        title={restore}
        onClick={() => restoreWitness(url)}
      >
        <Icon name="plus" size={18} />
      </button>
    </li>
  );
}
