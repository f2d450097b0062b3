// One number to choose from a few, each with its words.

import type { JSX } from "preact";

export function NumberSelect(props: {
  label: string;
  testid: string;
  value: number;
  options: readonly { readonly value: number; readonly words: string }[];
  choose: (value: number) => void;
}): JSX.Element {
  const { label, testid, value, options, choose } = props;
  return (
    <label>
      <span>{label}</span>
      <select
        data-testid={testid}
        value={String(value)}
        onChange={(event) => choose(Number(event.currentTarget.value))}
      >
        {options.map((option) => (
          <option key={option.value} value={String(option.value)}>
            {option.words}
          </option>
        ))}
      </select>
    </label>
  );
}
