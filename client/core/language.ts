// Words of the interface: message files, the citizen's language, plurals. All text on the screen comes from here.

import { signal } from "@preact/signals";
import en from "./messages/en.json" with { type: "json" };
import ko from "./messages/ko.json" with { type: "json" };

export type Language = "en" | "ko";
/** Words of parts that come later; their files are loaded with those parts (`addWords`). */
type LaterKey =
  | keyof typeof import("./messages/guardians-en.json")
  | keyof typeof import("./messages/proof-en.json")
  | keyof typeof import("./messages/trusted-en.json")
  | keyof typeof import("./messages/validators-en.json")
  | keyof typeof import("./messages/verify-en.json");
export type MessageKey = keyof typeof en | LaterKey;
export type Params = Readonly<Record<string, string | number>>;

export const languages: readonly { readonly id: Language; readonly name: string }[] = [
  { id: "en", name: "English" },
  { id: "ko", name: "한국어" },
];

type Words = Readonly<Record<string, string>>;
let messages: Readonly<Record<Language, Words>> = { en, ko };

/** Adds the words of a part that is loaded later, before it renders for the first time. */
export function addWords(later: Readonly<Record<Language, Words>>): void {
  messages = { en: { ...messages.en, ...later.en }, ko: { ...messages.ko, ...later.ko } };
}

/** The language shown now. Components that read words re-render when it changes. */
export const language = signal<Language>("en");

/** The first of the browser's languages that we have. */
export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const base = tag.toLowerCase().split("-")[0];
    if (base === "ko" || base === "en") return base;
  }
  return "en";
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
}

/** The words for a key, with `{names}` filled in. */
export function t(key: MessageKey, params: Params = {}): string {
  return fill(messages[language.value][key] ?? messages.en[key] ?? key, params);
}

/** The words for a key that came from outside, or null when there are none. */
export function words(key: string, params: Params = {}): string | null {
  const text = Object.hasOwn(messages[language.value], key) ? messages[language.value][key] : undefined;
  return text === undefined ? null : fill(text, params);
}

type CountKey = { [K in MessageKey]: K extends `${infer Base}.other` ? Base : never }[MessageKey];

/** Words that depend on a number: keys `<base>.one` and `<base>.other`; `{count}` is filled in. */
export function tn(base: CountKey, count: number, params: Params = {}): string {
  const form = new Intl.PluralRules(language.value).select(count) === "one" ? "one" : "other";
  const shown = new Intl.NumberFormat(language.value).format(count);
  return words(`${base}.${form}`, { ...params, count: shown }) ?? t(`${base}.other` as MessageKey, params);
}
