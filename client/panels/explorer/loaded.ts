// One answer that a detail is made of: loaded when it is opened, tried again every five seconds while the city does not answer.

import { useEffect, useState } from "preact/hooks";
import { explain, mayRecover } from "../../core/http.ts";

/** After a failure that another try may mend. */
const againMs = 5_000;

/** Loads once per place in the page, or says why not; when the city did not answer it tries again until it does. */
export function useLoaded<T>(load: () => Promise<T>): { readonly value: T | null; readonly problem: string | null } {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const attempt = (): void => {
      load().then(
        (loaded) => {
          if (!current) return;
          setValue(loaded);
          setProblem(null);
        },
        (error: unknown) => {
          if (!current) return;
          setProblem(explain(error));
          if (mayRecover(error)) timer = setTimeout(attempt, againMs);
        },
      );
    };
    attempt();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, []);
  return { value, problem };
}
