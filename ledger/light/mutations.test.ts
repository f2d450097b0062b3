// Thousands of damaged answers: no damage ever makes a verdict green with another value. Prints its seed.

import { describe, expect, test } from "vitest";
import { seededNumbers } from "../../tests/seeded-numbers.ts";
import { loadCore } from "../../wasm-core/bindings/node.ts";
import { canonicalText } from "../protocol/canonical.ts";
import type { LightClient } from "./light-client.ts";
import { type FakeCity, makeCity, makeClient, shown, slotEntry } from "./testing/fake-city.ts";
import type { Verdict } from "./verdict.ts";

const core = loadCore();
const seed = Date.now() & 0x7fff_ffff;
console.log(`mutations: seed ${seed}`);

const random = seededNumbers(seed);

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Place = { readonly holder: Json[] | { [name: string]: Json }; readonly name: string | number };

function placesOf(value: Json, found: Place[] = []): Place[] {
  if (value === null || typeof value !== "object") return found;
  for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const holder = value as Json[] & { [name: string]: Json };
    found.push({ holder, name });
    placesOf(holder[name as number] as Json, found);
  }
  return found;
}

/** Changes one field in one of many ways. The other answers serve as a source of well-formed but wrong values. */
function damageField(answer: Json, others: readonly Json[]): void {
  const places = placesOf(answer);
  const { holder, name } = places[random(places.length)]!;
  const slot = holder as { [name: string]: Json };
  const value = slot[name]!;
  const kind = random(8);
  if (kind === 0) delete slot[name];
  else if (kind === 1) slot[name] = [null, 0, -1, "", "0", [], {}, true, 1e21][random(9)]!;
  else if (kind === 2) {
    const alike = others.flatMap((other) => placesOf(other)).filter((place) => place.name === name);
    const chosen = alike[random(Math.max(1, alike.length))];
    if (chosen !== undefined) slot[name] = structuredClone((chosen.holder as { [name: string]: Json })[chosen.name]!);
  } else if (Array.isArray(value) && value.length > 0) {
    if (kind < 5) value.push(structuredClone(value[random(value.length)]!));
    else value.splice(random(value.length), 1);
  } else if (typeof value === "string" && value.length > 0) slot[name] = damageText(value);
  else if (typeof value === "number") slot[name] = value + [1, -1, 0.5, 2 ** 32][random(4)]!;
}

function damageText(text: string): string {
  const at = random(text.length);
  const alphabet = '0123456789abcdefABCDEF+/=zZ"{}:,.-';
  const letter = alphabet[random(alphabet.length)]!;
  const kind = random(4);
  if (kind === 0) return text.slice(0, at) + text.slice(at + 1);
  if (kind === 1) return text.slice(0, at) + letter + text.slice(at);
  if (kind === 2) return text.slice(0, at);
  return text.slice(0, at) + letter + text.slice(at + 1);
}

interface Question {
  readonly name: string;
  readonly ask: (client: LightClient, city: FakeCity) => Promise<Verdict>;
}
const questions: readonly Question[] = [
  { name: "an anchored reading", ask: (client, city) => client.verifyReading(shown(city, 3)) },
  { name: "a young reading", ask: (client, city) => client.verifyReading(shown(city, 9)) },
  { name: "a state entry", ask: (client) => client.verifyState(slotEntry) },
  { name: "an absence", ask: (client) => client.verifyState("energy/slot/9") },
  { name: "a block", ask: (client) => client.verifyBlock(4) },
  { name: "a transaction", ask: (client, { transaction: { id, height } }) => client.verifyTransaction(id, height) },
  {
    name: "a transaction as shown",
    ask: (client, { transaction: { id, height, shown } }) => client.verifyTransaction(id, height, shown),
  },
];

/** Green or half green, and what it vouches for. Null for everything else. */
function claim(verdict: Verdict): string | null {
  if (verdict.state !== "verified" && verdict.state !== "signed") return null;
  return canonicalText({ state: verdict.state, value: verdict.value });
}

describe("damaged answers", () => {
  test.each(questions)("to $name: never another value", async ({ ask }) => {
    const city = makeCity(core);
    const answers = new Map<string, Json>();
    city.ledger.lie = (path, answer) => {
      answers.set(path, structuredClone(answer) as Json);
      return answer;
    };
    const honest = await ask(makeClient(core, city), city);
    const truth = claim(honest);
    expect(truth).not.toBeNull();
    const paths = [...answers.keys()];
    let caught = 0;
    let harmless = 0;
    for (let i = 0; i < 600; i++) {
      const target = paths[random(paths.length)]!;
      const raw = random(4) === 0;
      city.ledger.lie = (path, answer) => {
        if (path !== target) return answer;
        if (raw) return damageText(JSON.stringify(answer));
        damageField(answer as Json, [...answers.values()]);
        return answer;
      };
      const verdict = await ask(makeClient(core, city), city);
      const claimed = claim(verdict);
      if (claimed === null) caught++;
      else {
        harmless++;
        expect(claimed).toBe(truth);
      }
      if (verdict.state === "failed") expect(verdict.steps.some(({ state }) => state === "failed")).toBe(true);
    }
    expect(caught).toBeGreaterThan(harmless);
  });
});
