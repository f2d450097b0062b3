// What an attack on the chain looks like: the two blocks that cannot both be true, who signed both, and where the evidence went.

import "../../core/trusted-words.ts";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LightClientPort } from "../../../ledger/light/verdict.ts";
import { count, dateTime } from "../../core/format.ts";
import { t, tn } from "../../core/language.ts";
import { lightAttack } from "../../core/light.ts";
import { trustAnew } from "../../core/trust.ts";
import { removeWitness } from "../../core/witnesses.ts";
import { Hash } from "../controls/copy.tsx";
import { Outcome, TaskButton, useTask } from "../controls/progress-button.tsx";

type ShownAttack = NonNullable<Awaited<ReturnType<LightClientPort["attack"]>>>;

/** The page's own server is asked by a path, which says nothing to people. */
const nameOf = (source: string): string => (source.startsWith("/") ? t("attack.this-server") : source);

export function Attack(): JSX.Element | null {
  const [attack, setAttack] = useState<ShownAttack | null>(null);
  const task = useTask();
  useEffect(() => void lightAttack().then(setAttack), []);
  if (attack === null) return null;
  return (
    <div class="attack" data-testid="attack" data-kind={attack.kind}>
      <p>{t("attack.says", { height: count(attack.primary.height) })}</p>
      <p>{t(`attack.kind.${attack.kind}`)}</p>
      <ul>
        <Side side={attack.primary} />
        <Side side={attack.witness} />
      </ul>
      <p>{tn("attack.signed-both", attack.signedBoth.length)}</p>
      <ul class="quiet">
        {[...new Set(attack.reports.map(({ to }) => to))].map((to) => {
          const refused = attack.reports.find((report) => report.to === to && !report.accepted);
          return (
            <li key={to}>
              {refused === undefined
                ? t("attack.reported", { to: nameOf(to) })
                : t("attack.not-reported", { to: nameOf(to), detail: refused.detail })}
            </li>
          );
        })}
      </ul>
      <TaskButton
        task={task}
        class="danger"
        testid="attack-decide"
        run={async () => {
          // In the list it would contradict again.
          removeWitness(attack.witness.source);
          await trustAnew();
          return undefined;
        }}
      >
        {t("attack.decide", { source: attack.witness.source })}
      </TaskButton>
      <Outcome task={task} />
    </div>
  );
}

function Side({ side }: { side: ShownAttack["primary"] }): JSX.Element {
  const { source, height, time, hash } = side;
  return (
    <li>
      {t("attack.side", { source: nameOf(source), height: count(height), time: dateTime(Date.parse(time)) })}{" "}
      <Hash text={hash} />
    </li>
  );
}
