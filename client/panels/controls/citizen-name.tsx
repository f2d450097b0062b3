// The field for a citizen's name, and what is done with the name: as the ledger writes it, and only when it can be one.

import type { JSX } from "preact";
import { nameProblem } from "../../core/citizen.ts";
import { t } from "../../core/language.ts";
import type { Task } from "./progress-button.tsx";

export function CitizenNameField(props: {
  label: string;
  testid: string;
  value: string;
  change: (name: string) => void;
  /** Whose problem is one of this field: typing takes it back. */
  task?: Task;
  /** What Enter does where it must not send the form. */
  enter?: () => void;
  /** For the person's own name, which the browser may know. */
  own?: boolean;
  readOnly?: boolean;
}): JSX.Element {
  const { label, testid, value, change, task, enter, own = false, readOnly = false } = props;
  return (
    <label>
      <span>{label}</span>
      <input
        data-testid={testid}
        value={value}
        maxLength={32}
        autocomplete={own ? "nickname" : "off"}
        spellcheck={false}
        readOnly={readOnly}
        aria-invalid={task === undefined ? undefined : task.problem !== null}
        onInput={(event) => {
          change(event.currentTarget.value);
          task?.fail(null);
        }}
        onKeyDown={(event) => {
          if (enter === undefined || event.key !== "Enter" || event.isComposing) return;
          event.preventDefault();
          enter();
        }}
      />
    </label>
  );
}

/** Runs a task with the name that was typed, or says why it can be nobody's. */
export function runWithName(task: Task, typed: string, run: (name: string) => Promise<string | undefined>): void {
  const name = typed.trim().normalize("NFC");
  const problem = nameProblem(name);
  if (problem === null) void task.run(() => run(name));
  else task.fail(t(problem));
}
