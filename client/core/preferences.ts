// Choices that stay on this device: language, quality, motion. Kept in localStorage; nothing here is secret.

import { effect, signal } from "@preact/signals";
import { z } from "zod";
import { language, languageOf } from "./language.ts";
import type { LightMode } from "./scene-port.ts";

export type Quality = "low" | "medium" | "high";

export const quality = signal<Quality>("medium");
export const reducedMotion = signal(false);
export const hintSeen = signal(false);
/** Other servers that the light client compares headers with, by base URL. */
export const witnessUrls = signal<readonly string[]>([]);
/** Servers that the city suggests and the citizen took out. */
export const witnessesOff = signal<readonly string[]>([]);
/** The oldest is forgotten first; a city suggests 8 at most. */
export const witnessesOffMax = 32;
/** As many as the light client takes. */
export const witnessesMax = 8;
/** Not kept: every visit starts with the light as it is. */
export const light = signal<LightMode>("live");

const storageKey = "glasstown-preferences";
const storedSchema = z.object({
  language: z.enum(["en", "ko"]).optional(),
  quality: z.enum(["low", "medium", "high"]).optional(),
  reducedMotion: z.boolean().optional(),
  hintSeen: z.boolean().optional(),
  witnesses: z.array(z.string().max(200)).max(witnessesMax).optional(),
  witnessesOff: z.array(z.string().max(200)).max(witnessesOffMax).optional(),
});

/** Weak devices start with less: few cores, little memory, or a phone's screen. */
function qualityGuess(): Quality {
  const memory = (navigator as Navigator & { deviceMemory?: number }).deviceMemory ?? 8;
  if (navigator.hardwareConcurrency <= 2 || memory <= 2) return "low";
  return matchMedia("(max-width: 720px)").matches || navigator.hardwareConcurrency <= 4 ? "medium" : "high";
}

/**
 * The address may choose for one visit: `?quality=low|medium|high`, `?light=live|golden|noon|night`. Pictures and tests ask
 * for `high`, which holds the full resolution however slow the machine is. Neither is kept.
 */
const askedSchema = z.object({
  quality: z.enum(["low", "medium", "high"]).optional().catch(undefined),
  light: z.enum(["live", "golden", "noon", "night"]).optional().catch(undefined),
});

/** Reads what was kept and keeps what changes. */
export function startPreferences(): void {
  const asked = askedSchema.parse(Object.fromEntries(new URLSearchParams(location.search)));
  let stored: z.infer<typeof storedSchema> = {};
  try {
    const parsed = storedSchema.safeParse(JSON.parse(localStorage.getItem(storageKey) ?? "{}"));
    if (parsed.success) stored = parsed.data;
  } catch {
    // Damaged or forbidden storage: start with the browser's own wishes.
  }
  language.value = stored.language ?? languageOf(navigator.languages);
  quality.value = asked.quality ?? stored.quality ?? qualityGuess();
  light.value = asked.light ?? "live";
  reducedMotion.value = stored.reducedMotion ?? matchMedia("(prefers-reduced-motion: reduce)").matches;
  hintSeen.value = stored.hintSeen ?? false;
  witnessUrls.value = stored.witnesses ?? [];
  witnessesOff.value = stored.witnessesOff ?? [];
  effect(() => {
    document.documentElement.lang = language.value;
    document.documentElement.dataset["motion"] = reducedMotion.value ? "reduced" : "full";
    try {
      localStorage.setItem(
        storageKey,
        JSON.stringify({
          language: language.value,
          quality: quality.value === asked.quality ? stored.quality : quality.value,
          reducedMotion: reducedMotion.value,
          hintSeen: hintSeen.value,
          witnesses: witnessUrls.value,
          witnessesOff: witnessesOff.value,
        }),
      );
    } catch {
      // Private windows may refuse; the choice then lasts as long as the page.
    }
  });
}
