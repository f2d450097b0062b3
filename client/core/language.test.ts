import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { custodySteps } from "../../ledger/light/verdict.ts";
import { refusalCodes } from "../../ledger/protocol/refusals.ts";
import { deviceKinds } from "../../ledger/protocol/telemetry.ts";
import { language, languageOf, t, tn, words } from "./language.ts";
import "./guardian-words.ts";
import en from "./messages/en.json" with { type: "json" };
import laterEn from "./messages/guardians-en.json" with { type: "json" };
import laterKo from "./messages/guardians-ko.json" with { type: "json" };
import ko from "./messages/ko.json" with { type: "json" };
import validatorsEn from "./messages/validators-en.json" with { type: "json" };
import validatorsKo from "./messages/validators-ko.json" with { type: "json" };
import verifyEn from "./messages/verify-en.json" with { type: "json" };
import verifyKo from "./messages/verify-ko.json" with { type: "json" };

const english: Readonly<Record<string, string>> = { ...en, ...laterEn, ...validatorsEn, ...verifyEn };
const korean: Readonly<Record<string, string>> = { ...ko, ...laterKo, ...validatorsKo, ...verifyKo };
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();

/** Names in a union type of a contract file: types leave no trace at run time, so the source is read. */
function namesIn(file: string, start: string): string[] {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  const from = source.indexOf(start);
  return [...source.slice(from, source.indexOf(";", from)).matchAll(/\| "([a-z_]+)"/g)].map(([, name]) => name ?? "");
}

describe("message files", () => {
  it("have the same keys in every language", () => {
    expect(Object.keys(korean)).toEqual(Object.keys(english));
  });

  it("say nothing twice in the files that come later", () => {
    expect(Object.keys({ ...laterEn, ...validatorsEn }).filter((key) => key in en)).toEqual([]);
    expect(words("guardians.title")).toBe("Guardians");
  });

  it("have the same placeholders and no empty text", () => {
    for (const [key, text] of Object.entries(english)) {
      expect(text.trim(), key).not.toBe("");
      expect(korean[key]?.trim(), key).not.toBe("");
      expect(placeholders(korean[key] ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("say every refusal of the ledger and of the room", () => {
    const room = namesIn("../../world-server/protocol/city-room.ts", "export interface RefusedMessage");
    expect(room.length).toBeGreaterThan(4);
    for (const name of [...Object.keys(refusalCodes), ...room])
      expect(Object.keys(english)).toContain(`refusal.${name}`);
  });

  it("say every reason of a failed or missing proof", () => {
    const reasons = namesIn("../../ledger/light/verdict.ts", "export type FailureReason");
    expect(reasons.length).toBeGreaterThan(15);
    for (const name of [...reasons, "server_must_answer", "not_on_ledger"])
      expect(Object.keys(english)).toContain(`proof.reason.${name}`);
  });

  it("name every custody step, device kind and loading stage", () => {
    for (const step of custodySteps) expect(words(`proof.step.${step}`)).not.toBeNull();
    for (const kind of deviceKinds) expect(words(`kind.${kind}`)).not.toBeNull();
    for (const file of ["../workers/city-loader.ts", "../scene/open-scene.ts"]) {
      const source = readFileSync(new URL(file, import.meta.url), "utf8");
      for (const [, stage] of source.matchAll(/"(loading\.[a-z]+)"/g)) expect(words(stage ?? ""), stage).not.toBeNull();
    }
  });
});

describe("language", () => {
  it("takes the first of the browser's languages that exists", () => {
    expect(languageOf(["de-AT", "ko-KR", "en"])).toBe("ko");
    expect(languageOf(["fr"])).toBe("en");
    expect(languageOf([])).toBe("en");
  });

  it("fills in values and leaves unknown placeholders", () => {
    language.value = "en";
    expect(t("age.seconds", { count: 12 })).toBe("12 s ago");
    expect(t("age.seconds")).toBe("{count} s ago");
  });

  it("chooses the plural", () => {
    expect(tn("people.near", 1)).toBe("1 citizen near you");
    expect(tn("people.near", 2000)).toBe("2,000 citizens near you");
    language.value = "ko";
    expect(tn("people.near", 1)).toBe("가까이에 시민 1명");
    language.value = "en";
  });

  it("finds no words for inherited or unknown keys", () => {
    expect(words("constructor")).toBeNull();
    expect(words("refusal.no_such")).toBeNull();
  });
});
