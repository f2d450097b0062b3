// A button that does something that takes time: it says so meanwhile, cannot be pressed twice, and shows why it failed.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../../core/http.ts";
import { t } from "../../core/language.ts";

/** Runs a task and keeps its state for a form. */
export function useTask(): {
  readonly busy: boolean;
  readonly problem: string | null;
  readonly done: string | null;
  run(task: () => Promise<string | undefined>): Promise<void>;
  fail(problem: string | null): void;
} {
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

/** Takes the focus over when what was pressed has gone or has nothing more to do: the keyboard goes on from the news. */
export function Outcome({ task }: { task: { problem: string | null; done: string | null } }): JSX.Element {
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
