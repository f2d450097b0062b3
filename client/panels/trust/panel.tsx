// The page-wide warning that the light client's trust does not carry over to what the server shows, and the way to begin anew.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { chain } from "../../core/blocks.ts";
import { count, dateTime } from "../../core/format.ts";
import { t, words } from "../../core/language.ts";
import { broken, judgeHead, trustAnew } from "../../core/trust.ts";
import { Icon } from "../controls/icon.tsx";
import { Outcome, useTask } from "../controls/progress-button.tsx";
import { lazyPart } from "../lazy.tsx";
import "./panel.css";

/** Rare, so its code and words come when it happens. */
const attackPart = lazyPart(async () => (await import("../trusted/attack.tsx")).Attack, "unseen");

export function TrustCard(): JSX.Element | null {
  const state = broken.value;
  const heading = useRef<HTMLHeadingElement>(null);
  const task = useTask();
  const shown = state !== null;
  useEffect(() => {
    if (shown) heading.current?.focus({ preventScroll: true });
  }, [shown]);
  if (state === null) return null;
  const { remembered } = state;
  const attacked = state.reason === "sources_must_agree";
  return (
    <section class="glass trust" role="alert" data-testid="trust-card" data-reason={state.reason}>
      <h1 ref={heading} tabIndex={-1}>
        <Icon name="alert" size={28} /> {t(state.renewable && !attacked ? "trust.other-chain" : "trust.broken")}
      </h1>
      {attacked ? <attackPart.Shown /> : null}
      {remembered === null || !state.renewable || attacked ? (
        <p>{words(`proof.reason.${state.reason}`) ?? state.reason}</p>
      ) : (
        <p>
          {t("trust.other-chain-says", {
            old: remembered.chain,
            height: count(remembered.height),
            time: dateTime(Date.parse(remembered.time)),
            shown: chain.value?.chain ?? "–",
          })}
        </p>
      )}
      {state.renewable && !attacked ? <p>{t("trust.if-known")}</p> : null}
      <p class="quiet">{t("trust.nothing-signed")}</p>
      <div class="row">
        {state.renewable && !attacked ? (
          <button
            type="button"
            class="danger"
            data-testid="trust-anew"
            aria-busy={task.busy}
            onClick={() =>
              void task.run(async () => {
                await trustAnew();
                return undefined;
              })
            }
          >
            {task.busy ? t("action.working") : t("proof.trust-anew")}
          </button>
        ) : null}
        <button
          type="button"
          class="secondary"
          onClick={() =>
            void task.run(async () => {
              await judgeHead();
              return undefined;
            })
          }
        >
          {t("trust.look-again")}
        </button>
      </div>
      <Outcome task={task} />
    </section>
  );
}
