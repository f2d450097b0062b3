// What stands where something is being read: that it is on its way; or why it did not come, and another try where there is one.

import type { JSX } from "preact";
import { t } from "../../core/language.ts";

export function Reading(props: {
  /** Why it could not be read; null while it is on its way. */
  problem: string | null;
  /** What is said meanwhile, where it is more than that something is on its way. */
  says?: string;
  /** Reads again; left out where that happens by itself. */
  again?: () => void;
}): JSX.Element {
  const { problem, says, again } = props;
  if (problem === null)
    return (
      <p class="empty" role="status">
        <span class="spinner" aria-hidden="true" /> {says ?? t("action.working")}
      </p>
    );
  return (
    <>
      <p class="problem" role="alert">
        {problem}
      </p>
      {again === undefined ? null : (
        <button type="button" class="secondary" onClick={again}>
          {t("action.again")}
        </button>
      )}
    </>
  );
}
