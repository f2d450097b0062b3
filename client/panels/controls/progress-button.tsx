// A button that does something that takes time: it says so meanwhile, cannot be pressed twice, and shows why it failed.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";

/** Something that takes time, and what came of it. */
export interface Task {
  readonly busy: boolean;
  readonly problem: string | null;
  readonly done: string | null;
  /** Does nothing while an earlier run lasts. The text that comes back is shown as the outcome. */
  run(task: () => Promise<string | undefined>): Promise<void>;
  fail(problem: string | null): void;
}

/** Runs a task and keeps its state for a form. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  return {
    busy,
    problem,
    done,
    fail(text) {
      setProblem(text);
      setDone(null);
    },
    async run(task) {
      if (busy) return;
      setBusy(true);
      setProblem(null);
      setDone(null);
      try {
        setDone((await task()) ?? null);
      } catch (error) {
        setProblem(explain(error));
      } finally {
        setBusy(false);
      }
    },
  };
}

export function SubmitButton(props: {
  busy: boolean;
  testid?: string;
  disabled?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <button
      type="submit"
      class="primary"
      data-testid={props.testid}
      disabled={props.disabled ?? false}
      aria-busy={props.busy}
      aria-disabled={props.busy}
    >
      {props.busy ? <span class="spinner" aria-hidden="true" /> : null}
      {props.busy ? t("action.working") : props.children}
    </button>
  );
}

/** A button that runs a task by itself, where there is no form to send. */
export function TaskButton(props: {
  task: Task;
  class: string;
  testid: string;
  run: () => Promise<string | undefined>;
  /** Before the words, and there meanwhile too. */
  icon?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const { task } = props;
  return (
    <button
      type="button"
      class={props.class}
      data-testid={props.testid}
      aria-busy={task.busy}
      aria-disabled={task.busy}
      onClick={() => void task.run(props.run)}
    >
      {props.icon}
      {task.busy ? t("action.working") : props.children}
    </button>
  );
}

/** The second step of what should not happen by one press: to do it after all, or not. */
export function SureButtons(props: {
  task: Task;
  testid: string;
  run: () => Promise<string | undefined>;
  cancel: () => void;
  /** What the first button says. */
  children: ComponentChildren;
}): JSX.Element {
  const { task, testid, run, cancel, children } = props;
  return (
    <div class="row">
      <TaskButton task={task} class="danger" testid={testid} run={run}>
        {children}
      </TaskButton>
      <button type="button" class="secondary" onClick={cancel}>
        {t("action.cancel")}
      </button>
    </div>
  );
}

/** Takes the focus over when what was pressed has gone or has nothing more to do: the keyboard goes on from the news. */
export function Outcome({ task }: { task: Pick<Task, "problem" | "done"> }): JSX.Element {
  const success = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (task.done === null) return;
    const focused = document.activeElement;
    if (focused === null || focused === document.body || focused.matches(":disabled"))
      success.current?.focus({ preventScroll: true });
  }, [task.done]);
  return (
    <>
      <p class="problem" role="alert" hidden={task.problem === null}>
        {task.problem}
      </p>
      <p ref={success} tabIndex={-1} class="success" role="status" hidden={task.done === null}>
        {task.done}
      </p>
    </>
  );
}
