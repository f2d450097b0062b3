// One proven figure of the own account: money or energy. Shown and proven value change together.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../core/language.ts";
import { type ProofView, proveEntry } from "../../core/proofs.ts";
import { Shield } from "../controls/shield.tsx";

export function Balance(props: {
  label: string;
  /** State entry that holds the figure. */
  entry: string;
  /** Figure as the server tells it. */
  units: string;
  field: "money" | "energyWh";
  read: () => Promise<string>;
  show: (units: string) => string;
  exact: (units: string) => string;
  testid: string;
  shieldTestid: string;
}): JSX.Element {
  const { entry, units, field, read } = props;
  const [shown, setShown] = useState<{ readonly units: string; readonly view: ProofView }>({
    units,
    view: { state: "checking" },
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let current = true;
    void proveEntry(entry, { [field]: units }, async () => ({ [field]: await read() })).then((proven) => {
      if (!current) return;
      const value = (proven.shown as Record<string, unknown>)[field];
      setShown({ units: typeof value === "string" ? value : units, view: proven.verdict });
    });
    return () => {
      current = false;
    };
  }, [entry, units, round]);
  return (
    <div class={`value value-head ${shown.view.state === "failed" ? "value-failed" : ""}`}>
      <div class="value-row">
        <div>
          <div class="value-name">{props.label}</div>
          <div
            class="value-number"
            data-testid={props.testid}
            data-units={shown.units}
            title={t("card.exact", { value: props.exact(shown.units) })}
          >
            {props.show(shown.units)}
          </div>
        </div>
        <Shield
          view={shown.view}
          of={props.label}
          testid={props.shieldTestid}
          onCheck={() => {
            setShown({ units: shown.units, view: { state: "checking" } });
            setRound(round + 1);
          }}
        />
      </div>
    </div>
  );
}
