// Which other ledgers the light client compares headers with: the citizen's own choice first, then what the city suggests.
// At most 8 are asked. A suggestion that was taken out stays out, and an address of the page's own origin is never a witness.

import { computed, signal } from "@preact/signals";
import { z } from "zod";
import { witnessesMax, witnessesOff, witnessesOffMax, witnessUrls } from "./preferences.ts";

const suggestionsSchema = z.object({ witnesses: z.array(z.string().max(200)).max(witnessesMax) });

/** As the city gave them, each a base URL, the page's own origin among them where the city named it. */
const suggested = signal<readonly string[]>([]);

/** The base URL as the light client takes it, or null when it is none that a browser may ask. */
export function witnessBase(typed: string): string | null {
  if (!URL.canParse(typed)) return null;
  const url = new URL(typed);
  const plain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  return /^https?:$/.test(url.protocol) && plain ? url.href.replace(/\/+$/, "") : null;
}

export interface WitnessChoice {
  readonly asked: readonly { readonly url: string; readonly from: "citizen" | "city" }[];
  /** Suggested by the city, and taken out by the citizen. */
  readonly off: readonly string[];
  /** The city suggests servers, all of which are the one that the page came from. */
  readonly onlyItself: boolean;
}

/** Whom to ask. `origin` is the page's, whose server is the primary. */
export function chooseWitnesses(given: {
  readonly own: readonly string[];
  readonly off: readonly string[];
  readonly suggested: readonly string[];
  readonly origin: string;
}): WitnessChoice {
  const bases = given.suggested.map(witnessBase).filter((base) => base !== null);
  const others = [...new Set(bases)].filter((base) => new URL(base).origin !== given.origin);
  const fromCity = others.filter((base) => !given.own.includes(base));
  const asked = [
    ...given.own.map((url) => ({ url, from: "citizen" as const })),
    ...fromCity.filter((url) => !given.off.includes(url)).map((url) => ({ url, from: "city" as const })),
  ];
  return {
    asked: asked.slice(0, witnessesMax),
    off: fromCity.filter((url) => given.off.includes(url)),
    onlyItself: bases.length > 0 && others.length === 0,
  };
}

export const witnessChoice = computed(() =>
  chooseWitnesses({
    own: witnessUrls.value,
    off: witnessesOff.value,
    suggested: suggested.value,
    origin: location.origin,
  }),
);

/** Takes a server out; the city's suggestion does not bring it back. */
export function removeWitness(url: string): void {
  const own = witnessUrls.value.includes(url);
  if (own) witnessUrls.value = witnessUrls.value.filter((one) => one !== url);
  if (!own || suggested.value.some((one) => witnessBase(one) === url))
    witnessesOff.value = [...witnessesOff.value.filter((one) => one !== url), url].slice(-witnessesOffMax);
}

/** Takes the city's suggestion after all. */
export function restoreWitness(url: string): void {
  witnessesOff.value = witnessesOff.value.filter((one) => one !== url);
}

/** @throws {Error} when the city does not answer, or not with a list: the start-up asks again. */
export async function loadSuggestedWitnesses(): Promise<void> {
  const response = await fetch("/witnesses");
  if (!response.ok) throw new Error(`GET /witnesses answered ${response.status}`);
  suggested.value = suggestionsSchema.parse(await response.json()).witnesses;
}
