// The help that `npm run help` and `npm start -- --help` print, made from the settings themselves.

import { settingDeclarations } from "../settings/settings.ts";

const commands: readonly (readonly [string, string])[] = [
  ["npm start", "set everything up and start the city"],
  ["npm start -- --world FILE", "walk through a CityJSON file or a built world folder"],
  ["npm start -- --replay FILE", "drive one smart meter with a household's CSV profile"],
  ["npm start -- --port N", "serve the page on another port"],
  ["npm start -- --data FOLDER", "keep the city's data in another folder"],
  ["npm test", "set everything up and run all tests"],
  ["npm run validators -- 4", "start a network of four validators on this machine (--help says more)"],
  ["npm start -- --ledger URL", "start the city on a ledger that runs elsewhere, such as a validator's"],
  ["npm run ledger", "start the ledger alone; likewise twin, devices, world"],
  ["npm run ledger -- --help", "what else can be done with its data: backup, restore, verify, repair and more"],
];

/** The whole help, lines of at most 120 characters. */
export function helpText(): string {
  const settings = Object.values(settingDeclarations).map(
    ({ variable, fallback, meaning }): readonly [string, string] => [
      variable,
      `${meaning} (${fallback === "" ? "none" : fallback})`,
    ],
  );
  const width = Math.max(...[...commands, ...settings].map(([name]) => name.length)) + 2;
  const lines = (rows: typeof commands): string[] =>
    rows.flatMap(([name, meaning]) =>
      wrapped(meaning, 118 - width).map((line, i) => `  ${(i === 0 ? name : "").padEnd(width)}${line}`),
    );
  return [
    "Glasstown: a city you can walk through, and check.",
    "",
    "Commands",
    ...lines(commands),
    "",
    "Settings (environment variables; default in brackets)",
    ...lines(settings),
  ].join("\n");
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
