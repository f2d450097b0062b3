// One proven record of the own account and the figure that it gives: money or energy. Shown and proven value change together.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { Reading } from "../controls/reading.tsx";
import { Shield } from "../controls/shield.tsx";

export function Balance<Entry>(props: {
  label: string;
  /** State entry that the figure is read from. */
  entry: string;
  /** Changes when the entry may have changed. */
  version: string;
  /** The entry as the server tells it. */
  read: () => Promise<Entry>;
  unitsIn: (record: Entry) => string;
  show: (units: string) => string;
  exact: (units: string) => string;
  testid: string;
  shieldTestid: string;
  /** More of the same record, below the figure. */
  more?: (record: Entry) => ComponentChildren;
}): JSX.Element {
  const { entry, version, read } = props;
  const [shown, setShown] = useState<{ readonly record: Entry; readonly view: ProofView } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    const prove = async (): Promise<void> => {
      const record = await read();
      if (!current) return;
      setProblem(null);
      // A figure that was proven stays until a newer one is: it does not flicker at every block.
      setShown((before) => before ?? { record, view: { state: "checking" } });
      const proven = await proveEntry(entry, record, read);
      if (current) setShown({ record: proven.shown as Entry, view: proven.verdict });
    };
    prove().catch((error: unknown) => current && setProblem(explain(error)));
    return () => {
      current = false;
    };
  }, [entry, version, round]);
  if (shown === null) return <Reading problem={problem} says={t("wallet.loading")} />;
  const units = props.unitsIn(shown.record);
  return (
    <div class={`value value-head ${shown.view.state === "failed" ? "value-failed" : ""}`}>
      <div class="value-row">
        <div>
          <div class="value-name">{props.label}</div>
          <div
            class="value-number"
            data-testid={props.testid}
            data-units={units}
            title={t("card.exact", { value: props.exact(units) })}
          >
            {props.show(units)}
          </div>
        </div>
        <Shield
          view={shown.view}
          of={props.label}
          testid={props.shieldTestid}
          question={{ kind: "state", name: entry }}
          onCheck={() => {
            setShown({ record: shown.record, view: { state: "checking" } });
            setRound(round + 1);
          }}
        />
      </div>
      {props.more?.(shown.record)}
    </div>
  );
}
